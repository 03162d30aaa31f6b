"""Usage counts are those of one search per deployment."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.graph import walks
from lineage.graph.arrays import build
from lineage.graph.usage import LIVE, Ended, Profiles, Roots, Usage, measure
from tests.graph_strategies import pictures, versions_of
from tests.graph_text import Picture, State, draw, module_of


@dataclass
class Fleet:
    """(version, profile, prod, preprod) that are live, (version, profile, until) that ended."""

    live: list[tuple[str, int, int, int]]
    ended: list[tuple[str, int, int]]
    profiles: list[list[str]]

    def usage(self, picture: Picture) -> Usage:
        sizes = [len(profile) for profile in self.profiles]
        observed = [name for profile in self.profiles for name in profile]
        return measure(
            build(picture.input()),
            Roots(
                picture.nodes(*(row[0] for row in self.live)),
                *(np.array([row[i] for row in self.live], dtype=np.int32) for i in (1, 2, 3)),
            ),
            Ended(
                picture.nodes(*(row[0] for row in self.ended)),
                np.array([row[1] for row in self.ended], dtype=np.int32),
                np.array([row[2] for row in self.ended], dtype=np.int64),
            ),
            Profiles(
                np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32), picture.nodes(*observed)
            ),
        )


def walked(picture: Picture, root: str, observed: list[str]) -> set[State]:
    """What one deployment reaches, depth first; what was observed outranks resolution."""
    modules = {module_of(name) for name in observed}
    stack: list[State] = [(name, None) for name in (root, *observed)]
    seen = set(stack)
    while stack:
        for after in picture.successors(stack.pop()):
            name = after[0]
            if module_of(name) in modules and name not in observed:
                continue
            if after not in seen:
                seen.add(after)
                stack.append(after)
    return seen


def line_of(name: str, parts: int) -> str:
    module, _, version = name.rpartition("@")
    return f"{module}@{'.'.join(version.split('.')[:parts])}"


def counted(picture: Picture, fleet: Fleet, parts: int) -> Counter[str]:
    """(line or module or version) -> prod and preprod deployments, each counted once."""
    found: Counter[tuple[str, int]] = Counter()
    for root, profile, *counts in fleet.live:
        observed = fleet.profiles[profile] if profile >= 0 else []
        names = {state[0] for state in walked(picture, root, observed)}
        for line in {line_of(name, parts) for name in names}:
            for column in (0, 1):
                found[line, column] += counts[column]
    return found


def last_used(picture: Picture, fleet: Fleet) -> dict[str, int]:
    """The widest path by relaxing every edge until nothing changes."""
    live = set()
    for root, profile, *_ in fleet.live:
        live |= walked(picture, root, fleet.profiles[profile] if profile >= 0 else [])
    value: dict[State, int] = dict.fromkeys(picture.states(), 0)
    for root, profile, until in fleet.ended:
        for name in (root, *(fleet.profiles[profile] if profile >= 0 else [])):
            value[name, None] = max(value[name, None], until)
    for _ in value:
        for source in value:
            for target in picture.successors(source):
                value[target] = max(value[target], value[source])
        for name, target, until in picture.past:
            start = LIVE if (name, None) in live else value[name, None]
            value[target, None] = max(value[target, None], min(start, until))
    used = dict.fromkeys(picture.versions, 0)
    for (name, root), instant in value.items():
        used[name] = max(used[name], LIVE if (name, root) in live else instant)
    return used


@st.composite
def fleets(draw_from: st.DrawFn, picture: Picture) -> Fleet:
    profiles = draw_from(st.lists(versions_of(picture), max_size=3))
    profile = st.integers(-1, len(profiles) - 1)
    version = st.sampled_from(picture.versions)
    count = st.integers(0, 3)
    one_or_more = st.integers(1, 3)
    return Fleet(
        live=draw_from(st.lists(st.tuples(version, profile, one_or_more, count), max_size=6)),
        ended=draw_from(st.lists(st.tuples(version, profile, st.integers(1, 20)), max_size=4)),
        profiles=profiles,
    )


def assert_exact(picture: Picture, fleet: Fleet) -> None:
    usage = fleet.usage(picture)
    graph = build(picture.input())
    for array, start, parts in (
        (usage.version_live, np.arange(graph.versions + 1), 9),
        (usage.minor_live, graph.minor_start, 2),
        (usage.major_live, graph.major_start, 1),
        (usage.module_live, graph.module_start, 0),
    ):
        expected = counted(picture, fleet, parts)
        filled = np.flatnonzero(np.diff(start))
        for line in filled:
            name = line_of(picture.versions[start[line]], parts)
            assert array[line].tolist() == [expected[name, 0], expected[name, 1]], name
    used = dict(zip(picture.versions, usage.last_used.tolist(), strict=True))
    assert used == last_used(picture, fleet)
    assert ((usage.last_used == LIVE) == (usage.version_live.max(axis=1) > 0)).all()


@given(data=st.data())
def test_counts_are_those_of_one_search_per_deployment(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    assert_exact(picture, data.draw(fleets(picture)))


@given(data=st.data())
def test_counts_do_not_depend_on_how_the_work_is_cut(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    fleet = data.draw(fleets(picture))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walks, "CELLS", 1)
        patch.setattr(walks, "EDGES", 2)
        assert_exact(picture, fleet)


def one(text: str, **fleet: list) -> tuple[Picture, Usage]:
    picture = draw(text)
    rows = {"live": [], "ended": [], "profiles": [], **fleet}
    return picture, Fleet(**rows).usage(picture)


def test_a_deployment_that_reaches_a_line_twice_counts_once() -> None:
    text = "s@1.0.0 -> b@=1.0.0, c@*; c@1.0.0 -> b@=1.0.1; b@1.0.0; b@1.0.1"
    picture, usage = one(text, live=[("s@1.0.0", -1, 2, 1)])
    assert usage.version_live.tolist() == [[2, 1]] * 4
    assert usage.module_live.tolist() == [[2, 1]] * 3
    assert usage.version_own.sum() == 3
    assert usage.version_own[picture.node["s@1.0.0"]].tolist() == [2, 1]


def test_observed_versions_take_the_place_of_resolved_ones() -> None:
    text = "s@1.0.0 -> b@^1; b@1.0.0 -> c@*; b@1.1.0 -> d@*; c@1.0.0; d@1.0.0"
    picture, usage = one(text, live=[("s@1.0.0", 0, 1, 0)], profiles=[["b@1.0.0"]])
    used = picture.names(np.flatnonzero(usage.version_live[:, 0]))
    assert used == ["b@1.0.0", "c@1.0.0", "s@1.0.0"]


def test_what_an_ended_deployment_used_keeps_the_day_it_ended() -> None:
    text = "s@1.0.0 -> b@^1; b@1.1.0; s@1.0.0 ~> b@1.0.0 until 5; t@1.0.0"
    picture, usage = one(text, ended=[("s@1.0.0", -1, 9)])
    used = dict(zip(picture.versions, usage.last_used.tolist(), strict=True))
    assert used == {"b@1.0.0": 5, "b@1.1.0": 9, "s@1.0.0": 9, "t@1.0.0": 0}
    picture, usage = one(text, live=[("s@1.0.0", -1, 1, 0)])
    used = dict(zip(picture.versions, usage.last_used.tolist(), strict=True))
    assert used == {"b@1.0.0": 5, "b@1.1.0": LIVE, "s@1.0.0": LIVE, "t@1.0.0": 0}


def test_an_ended_deployment_counts_where_a_live_one_observed_something_else() -> None:
    text = "s@1.0.0 -> b@^1; b@1.0.0; b@1.1.0"
    live, ended = [("s@1.0.0", 0, 1, 0)], [("s@1.0.0", -1, 9)]
    picture, usage = one(text, live=live, ended=ended, profiles=[["b@1.0.0"]])
    assert usage.last_used[picture.node["b@1.1.0"]] == 9


def test_dependents_are_modules_whose_current_version_depends() -> None:
    text = """
        a@1.0.0 -> x@^1; a@2.0.0
        b@1.0.0 -> x@^1; b@2.0.0
        c@1.0.0 -> x@^9; d@1.0.0 -> x@^1?; x@1.0.0 -> x@^1
        [r@1.0.0] r@1.0.0 -> e@1.0.0; [r@1.0.0] e@1.0.0 -> x@1.0.0
        [r@1.0.0] x@1.0.0 -> r@1.0.0
    """
    picture, usage = one(text, live=[("b@1.0.0", -1, 0, 1)])
    counts = dict(zip(picture.module_names, usage.dependents_modules.tolist(), strict=True))
    assert counts == {"a": 0, "b": 0, "c": 0, "d": 0, "e": 1, "r": 1, "x": 3}


@given(data=st.data())
def test_dependents_are_counted_as_a_plain_loop_counts_them(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    usage = data.draw(fleets(picture)).usage(picture)
    newest = build(picture.input()).newest_of_modules()
    current = set(picture.names(newest[newest >= 0]))
    current |= set(picture.names(np.flatnonzero(usage.version_live.sum(axis=1))))
    pairs = {
        (module_of(s), m) for s, m, _, scope in picture.declared if scope == 0 and s in current
    }
    pairs |= {(module_of(s), module_of(t)) for _, s, t in picture.locked if s in current}
    expected = Counter(provider for consumer, provider in pairs if consumer != provider)
    counts = dict(zip(picture.module_names, usage.dependents_modules.tolist(), strict=True))
    assert counts == {name: expected[name] for name in picture.module_names}


def test_deployments_of_unknown_versions_are_passed_over() -> None:
    picture = draw("a@1.0.0")
    none = np.array([-1], dtype=np.int32)
    usage = measure(
        build(picture.input()),
        Roots(none, none, none, none),
        Ended(none, none, np.array([5])),
        Profiles(np.zeros(1, dtype=np.int32), np.empty(0, dtype=np.int32)),
    )
    assert not usage.version_live.any()
    assert not usage.last_used.any()


def test_an_empty_platform_has_no_usage() -> None:
    _, usage = one("")
    assert usage.version_live.shape == (0, 2)
    assert usage.dependents_modules.shape == (0,)
