"""Reach is what a plain search over dicts finds."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.graph.arrays import build
from lineage.graph.csr import levels, neighbours
from lineage.graph.reach import Reach, dependencies_reach, dependents_reach, in_use
from tests.graph_strategies import pictures, versions_of
from tests.graph_text import Picture, State, draw


def hops_from(starts: Iterable[State], after: Callable[[State], set[State]]) -> dict[str, int]:
    """Version -> least hops, by breadth-first search one state at a time."""
    level = dict.fromkeys(starts, 0)
    queue = list(level)
    for state in queue:
        for other in sorted(after(state), key=str):
            if other not in level:
                level[other] = level[state] + 1
                queue.append(other)
    found: dict[str, int] = {}
    for (version, _), hops in level.items():
        found[version] = min(hops, found.get(version, hops))
    return found


def downward(picture: Picture, roots: list[str]) -> dict[str, int]:
    found = hops_from([(name, None) for name in roots], picture.successors)
    return {name: hops for name, hops in found.items() if name not in roots}


def upward(picture: Picture, roots: list[str]) -> dict[str, int]:
    before: dict[State, set[State]] = {}
    for state in picture.states():
        for after in picture.successors(state):
            before.setdefault(after, set()).add(state)
    starts = [state for state in picture.states() if state[0] in roots]
    found = hops_from(sorted(starts, key=str), lambda state: before.get(state, set()))
    return {name: hops for name, hops in found.items() if name not in roots}


def named(picture: Picture, reach: Reach) -> dict[str, int]:
    assert reach.versions.tolist() == sorted(set(reach.versions.tolist()))
    return dict(zip(picture.names(reach.versions), reach.hops.tolist(), strict=True))


@given(data=st.data())
def test_reach_is_that_of_a_plain_search(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    roots = data.draw(versions_of(picture))
    graph, nodes = build(picture.input()), picture.nodes(*roots)
    assert named(picture, dependencies_reach(graph, nodes)) == downward(picture, roots)
    assert named(picture, dependents_reach(graph, nodes)) == upward(picture, roots)
    used = set(picture.names(np.flatnonzero(in_use(graph, nodes))))
    assert used == {*roots, *downward(picture, roots)}


def test_hops_count_the_shortest_way() -> None:
    picture = draw("a@1.0.0 -> b@*, c@*; b@1.0.0 -> c@*; c@1.0.0 -> d@*; d@1.0.0")
    graph = build(picture.input())
    reach = named(picture, dependencies_reach(graph, picture.nodes("a@1.0.0")))
    assert reach == {"b@1.0.0": 1, "c@1.0.0": 1, "d@1.0.0": 2}
    reach = named(picture, dependents_reach(graph, picture.nodes("d@1.0.0")))
    assert reach == {"c@1.0.0": 1, "b@1.0.0": 2, "a@1.0.0": 2}


def test_a_cycle_ends_the_search_and_leaves_the_root_out() -> None:
    picture = draw("a@1.0.0 -> b@*; b@1.0.0 -> a@*, b@*")
    graph = build(picture.input())
    assert named(picture, dependents_reach(graph, picture.nodes("a@1.0.0"))) == {"b@1.0.0": 1}
    assert named(picture, dependencies_reach(graph, picture.nodes("a@1.0.0"))) == {"b@1.0.0": 1}


TREES = """
    [r@1.0.0] r@1.0.0 -> a@1.0.0; [r@1.0.0] a@1.0.0 -> b@1.0.0
    [s@1.0.0] s@1.0.0 -> a@1.0.0; [s@1.0.0] a@1.0.0 -> b@2.0.0
    x@1.0.0 -> a@*; y@1.0.0 -> r@*
"""


@pytest.mark.parametrize(
    ("root", "dependencies", "dependents"),
    [
        ("r@1.0.0", {"a@1.0.0", "b@1.0.0"}, {"y@1.0.0"}),
        ("s@1.0.0", {"a@1.0.0", "b@2.0.0"}, set()),
        ("x@1.0.0", {"a@1.0.0"}, set()),
        ("y@1.0.0", {"r@1.0.0", "a@1.0.0", "b@1.0.0"}, set()),
        ("b@1.0.0", set(), {"a@1.0.0", "r@1.0.0", "y@1.0.0"}),
        ("b@2.0.0", set(), {"a@1.0.0", "s@1.0.0"}),
        ("a@1.0.0", set(), {"r@1.0.0", "s@1.0.0", "x@1.0.0", "y@1.0.0"}),
    ],
)
def test_locked_edges_hold_in_their_own_tree_only(
    root: str, dependencies: set[str], dependents: set[str]
) -> None:
    picture = draw(TREES)
    graph, nodes = build(picture.input()), picture.nodes(root)
    assert set(named(picture, dependencies_reach(graph, nodes))) == dependencies
    assert set(named(picture, dependents_reach(graph, nodes))) == dependents


def test_nothing_is_reached_from_nothing() -> None:
    graph = build(draw("a@1.0.0 -> b@*; b@1.0.0").input())
    assert len(dependents_reach(graph, np.empty(0, dtype=np.int32)).versions) == 0
    assert len(dependencies_reach(graph, np.empty(0, dtype=np.int32)).hops) == 0
    assert not in_use(graph, np.empty(0, dtype=np.int32)).any()


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    groups=st.lists(st.integers(0, 99), max_size=8),
)
def test_neighbours_come_group_after_group(sizes: list[int], groups: list[int]) -> None:
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    item = np.arange(100, 100 + start[-1])
    wanted = [group % len(sizes) for group in groups]
    expected = [int(x) for group in wanted for x in item[start[group] : start[group + 1]]]
    assert neighbours(start, item, np.array(wanted, dtype=np.int64)).tolist() == expected


def test_wide_bounds_give_the_same_levels() -> None:
    graph = build(draw(TREES).input())
    wide = levels(graph.out_start.astype(np.int64), graph.out_target, np.array([0, 3]), graph.nodes)
    narrow = levels(graph.out_start, graph.out_target, np.array([0, 3]), graph.nodes)
    assert wide.tolist() == narrow.tolist()
