"""A shortest cycle is the shortest that trying every way finds."""

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lineage.graph.arrays import build
from lineage.graph.cycles import edges_within_modules, edges_within_versions, shortest_cycle
from tests.graph_text import draw

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24, unique=True)


def following(edges: list[tuple[int, int]]) -> dict[int, list[int]]:
    after: dict[int, list[int]] = {}
    for source, target in edges:
        if source != target:
            after.setdefault(source, []).append(target)
    return after


@given(EDGES)
def test_the_shortest_cycle_is_as_short_as_any(edges: list[tuple[int, int]]) -> None:
    after = following(edges)
    graph = nx.DiGraph([(a, b) for a, others in after.items() for b in others])
    lengths = [len(cycle) for cycle in nx.simple_cycles(graph)]
    found = shortest_cycle(after, range(8))
    assert len(found) == min(lengths, default=0)
    assert all(b in after[a] for a, b in zip(found, [*found[1:], *found[:1]], strict=True))


@given(EDGES)
def test_the_shortest_cycle_through_a_node_starts_there(edges: list[tuple[int, int]]) -> None:
    after = following(edges)
    graph = nx.DiGraph([(a, b) for a, others in after.items() for b in others])
    lengths = [len(cycle) for cycle in nx.simple_cycles(graph) if 3 in cycle]
    found = shortest_cycle(after, [3])
    assert len(found) == min(lengths, default=0)
    assert found[:1] == [3][: len(found)]


def test_a_search_that_costs_too_much_keeps_what_it_has() -> None:
    ring = {n: [(n + 1) % 500] for n in range(500)}
    ring[499] = [0, 498]
    assert len(shortest_cycle(ring, range(500), steps=10)) == 500
    assert shortest_cycle(ring, range(500), steps=1_000_000) == [498, 499]


def test_edges_within_a_cycle_stay_inside_it_and_leave_selves_out() -> None:
    text = "a@1.0.0 -> b@*, a@*, c@*; b@1.0.0 -> a@^1; c@1.0.0; [a@1.0.0] a@1.0.0 -> b@1.0.0"
    graph = build(draw(text).input())
    label = np.array([0, 0, -1])
    for edges in (
        edges_within_modules(graph, label, current=np.ones(3, dtype=bool)),
        edges_within_versions(graph, label),
    ):
        assert list(zip(edges.source.tolist(), edges.target.tolist(), strict=True)) == [
            (0, 1),
            (1, 0),
        ]
        assert (edges.requirement >= 0).all()
