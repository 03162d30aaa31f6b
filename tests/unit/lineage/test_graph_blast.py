"""Blast radius and cycles are what plain searches over dicts find."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.graph import blast
from lineage.graph.arrays import build
from lineage.graph.blast import dependent_modules
from lineage.graph.components import Cycles, components, module_cycles, version_cycles
from lineage.graph.csr import starts_of
from tests.graph_strategies import pictures, versions_of
from tests.graph_text import Picture, State, draw, module_of


def reached(picture: Picture, start: State) -> set[str]:
    """The versions that a walk from here comes to."""
    stack, seen = [start], {start}
    while stack:
        for after in picture.successors(stack.pop()):
            if after not in seen:
                seen.add(after)
                stack.append(after)
    return {name for name, _ in seen}


def counted(picture: Picture, current: list[str]) -> dict[str, int]:
    """Module -> other modules with a current version, in whichever tree, that comes to it."""
    found: dict[str, set[str]] = {name: set() for name in picture.module_names}
    for state in picture.states():
        if state[0] in current:
            for name in reached(picture, state):
                found[module_of(name)].add(module_of(state[0]))
    return {module: len(others - {module}) for module, others in found.items()}


def groups(cycles: Cycles) -> list[list[int]]:
    bounds = cycles.start.tolist()
    return [cycles.member[first:last].tolist() for first, last in pairwise(bounds)]


def in_order(found: list[set[int]]) -> list[list[int]]:
    return sorted((sorted(group) for group in found if len(group) > 1), key=lambda g: (-len(g), g))


@given(data=st.data())
def test_blast_radius_is_that_of_a_search_from_every_version(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    current = data.draw(versions_of(picture))
    counts = dependent_modules(build(picture.input()), picture.mask(*current))
    assert dict(zip(picture.module_names, counts.tolist(), strict=True)) == counted(
        picture, current
    )


@pytest.mark.parametrize(("bits", "cells"), [(1, 1), (1, 5), (2, 64)])
def test_many_passes_over_little_memory_count_the_same(
    monkeypatch: pytest.MonkeyPatch, bits: int, cells: int
) -> None:
    generator = np.random.default_rng(bits + cells)
    names = [f"m{n}" for n in range(150)]
    lines = [
        f"{name}@1.0.0 -> {names[other]}@*"
        for name in names
        for other in generator.choice(150, size=2)
    ]
    picture = draw("; ".join(lines))
    graph, current = build(picture.input()), picture.mask()
    expected = counted(picture, picture.versions)
    monkeypatch.setattr(blast, "WORDS", bits)
    monkeypatch.setattr(blast, "CELLS", cells)
    counts = dependent_modules(graph, current)
    assert dict(zip(picture.module_names, counts.tolist(), strict=True)) == expected


def test_a_module_is_not_in_its_own_blast_radius() -> None:
    picture = draw("a@1.0.0 -> b@*; b@1.0.0 -> a@*, b@*; c@1.0.0 -> a@*")
    graph = build(picture.input())
    assert dependent_modules(graph, picture.mask()).tolist() == [2, 2, 0]


def test_an_empty_graph_has_no_blast_radius_and_no_cycle() -> None:
    graph = build(draw("").input())
    assert dependent_modules(graph, np.empty(0, dtype=bool)).tolist() == []
    assert groups(module_cycles(graph)) == groups(version_cycles(graph)) == []


@given(data=st.data())
def test_cycles_of_modules_are_the_components_networkx_finds(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    current = data.draw(versions_of(picture))
    graph: nx.DiGraph = nx.DiGraph()
    place = {name: index for index, name in enumerate(picture.module_names)}
    for source, module, _, scope in picture.declared:
        if scope == 0 and source in current:
            graph.add_edge(place[module_of(source)], place[module])
    for _, source, target in picture.locked:
        if source in current:
            graph.add_edge(place[module_of(source)], place[module_of(target)])
    found = module_cycles(build(picture.input()), picture.mask(*current))
    assert groups(found) == in_order(list(nx.strongly_connected_components(graph)))


@given(pictures())
def test_cycles_of_versions_stay_inside_their_tree(picture: Picture) -> None:
    graph: nx.DiGraph = nx.DiGraph()
    for state in picture.states():
        graph.add_edges_from((state, after) for after in picture.successors(state))
    expected = [
        {picture.node[name] for name, _ in group}
        for group in nx.strongly_connected_components(graph)
    ]
    assert groups(version_cycles(build(picture.input()))) == in_order(expected)


def test_old_versions_make_cycles_that_today_are_gone() -> None:
    picture = draw("a@1.0.0 -> b@*; a@2.0.0; b@1.0.0 -> a@^1")
    graph = build(picture.input())
    assert groups(module_cycles(graph)) == [[0, 1]]
    assert groups(module_cycles(graph, picture.mask("a@2.0.0", "b@1.0.0"))) == []


def test_a_ring_of_a_hundred_thousand_is_one_component() -> None:
    nodes = np.arange(100_000)
    start = starts_of(nodes, len(nodes))
    labels = components(start, np.roll(nodes, 1).astype(np.int32))
    assert np.unique(labels).tolist() == [0]
