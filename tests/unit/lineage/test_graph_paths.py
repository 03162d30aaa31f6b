"""Chains between versions, against a walk over every simple path."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph.arrays import build
from lineage.graph.paths import Chains, chains
from tests.graph_strategies import pictures, versions_of
from tests.graph_text import Picture, State, draw

FEW = 3


def found(picture: Picture, starts: list[str], ends: list[str], limit: int = 100) -> Chains:
    graph = build(picture.input())
    return chains(graph, picture.nodes(*starts), picture.nodes(*ends), limit=limit)


def told(picture: Picture, one: Chains) -> list[list[str]]:
    versions = build(picture.input()).node_version
    return [picture.names(versions[list(way)]) for way in one.listed]


def cut(picture: Picture, starts: list[str], ends: list[str]) -> dict[State, set[State]]:
    """State -> where it leads, nothing leading into a start or out of an end."""
    first = set(starts) - set(ends)
    return {
        state: set()
        if state[0] in ends
        else {s for s in picture.successors(state) if s[0] not in first and s != state}
        for state in picture.states()
    }


def simple_paths(leads: dict, first: list, last: set) -> Iterator[tuple]:
    waiting = [(one,) for one in first]
    while waiting:
        way = waiting.pop()
        if way[-1] in last:
            yield way
            continue
        waiting += [(*way, after) for after in leads[way[-1]] if after not in way]


def reached(leads: dict[State, set[State]], state: State) -> set[State]:
    seen, waiting = {state}, [state]
    while waiting:
        for after in leads[waiting.pop()] - seen:
            seen.add(after)
            waiting.append(after)
    return seen


def station_paths(leads: dict[State, set[State]], first: list[State], last: set[State]) -> int:
    """Paths where whatever reaches each other is one."""
    far = {state: reached(leads, state) for state in leads}
    station = {s: frozenset(t for t in far[s] if s in far[t]) for s in leads}
    between: dict = {one: set() for one in station.values()}
    for state, targets in leads.items():
        between[station[state]] |= {station[t] for t in targets} - {station[state]}
    return len(list(simple_paths(between, [station[s] for s in first], {station[s] for s in last})))


@settings(max_examples=400)
@given(st.data())
def test_chains_are_those_that_walking_every_path_finds(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    starts = data.draw(versions_of(picture))
    ends = data.draw(versions_of(picture))
    leads = cut(picture, starts, ends)
    first = [s for s in picture.states() if s[0] in starts and s[0] not in ends]
    last = {s for s in picture.states() if s[0] in ends}
    paths = list(simple_paths(leads, first, last))
    one = found(picture, starts, ends, limit=10_000)
    if not paths:
        assert (one.hops, one.shortest, one.total, one.listed) == (0, 0, 0, ())
        return
    shortest = min(map(len, paths))
    expected = [[state[0] for state in path] for path in paths if len(path) == shortest]
    assert one.hops == shortest - 1
    assert one.shortest == len(expected)
    assert sorted(told(picture, one)) == sorted(expected)
    assert one.total == station_paths(leads, first, last)
    if one.stations == 0:
        assert one.total == len(paths)
    few = found(picture, starts, ends, limit=FEW)
    assert few.listed == one.listed[:FEW]
    assert (few.shortest, few.total) == (one.shortest, one.total)


def test_a_ladder_has_more_chains_than_could_be_listed() -> None:
    steps = 200
    rungs = [
        f"{side}{n}@1.0.0 -> {after}{n + 1}@*"
        for n in range(steps)
        for side in "lr"
        for after in "lr"
    ]
    ends = [f"l{steps}@1.0.0 -> end@*", f"r{steps}@1.0.0 -> end@*", "end@1.0.0"]
    picture = draw("; ".join(["top@1.0.0 -> l0@*, r0@*", *rungs, *ends]))
    one = found(picture, ["top@1.0.0"], ["end@1.0.0"], limit=FEW)
    assert one.total == one.shortest == 2 ** (steps + 1)
    assert (one.hops, len(one.listed)) == (steps + 2, FEW)


def test_a_locked_tree_leads_on_inside_itself_only() -> None:
    picture = draw(
        "app@1.0.0; [app@1.0.0] app@1.0.0 -> lib@1.0.0; [app@1.0.0] lib@1.0.0 -> base@1.0.0;"
        "lib@1.0.0; other@1.0.0 -> lib@*; base@1.0.0"
    )
    assert told(picture, found(picture, ["app@1.0.0"], ["base@1.0.0"])) == [
        ["app@1.0.0", "lib@1.0.0", "base@1.0.0"]
    ]
    assert found(picture, ["other@1.0.0"], ["base@1.0.0"]).total == 0


def test_a_cycle_counts_as_one_station() -> None:
    picture = draw("a@1.0.0 -> b@*; b@1.0.0 -> c@*; c@1.0.0 -> b@*, d@*; d@1.0.0")
    one = found(picture, ["a@1.0.0"], ["d@1.0.0"])
    assert (one.hops, one.shortest, one.total, one.stations) == (3, 1, 1, 1)


def test_nothing_leads_from_nowhere() -> None:
    graph = build(draw("a@1.0.0").input())
    none = np.empty(0, dtype=np.int32)
    assert chains(graph, none, none, limit=1).total == 0
