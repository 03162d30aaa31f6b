"""Cycles: the edges inside groups that depend on each other, and a shortest way round (pure)."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array, is_first
from lineage.graph.edges import Edges, current_versions, dependency_edges, one_per_modules

STEPS = 50_000  # edges looked at before the best cycle so far is taken


def edges_within_modules(graph: Graph, label: Array, *, current: Array) -> Edges:
    """One edge for each pair of modules of one label, by the versions ``current`` marks.

    ``label`` is a number for each module, -1 for those that are left out.
    """
    edges = dependency_edges(graph, current_versions(graph, np.flatnonzero(label >= 0), current))
    consumer = label[graph.version_module[edges.source]]
    return one_per_modules(graph, edges.where(consumer == label[edges.target_module]))


def edges_within_versions(graph: Graph, label: Array) -> Edges:
    """One edge for each pair of versions of one label, a declared one before a locked one."""
    edges = dependency_edges(graph, np.flatnonzero(label >= 0))
    resolved = (edges.target >= 0) & (edges.source != edges.target)
    edges = edges.where(resolved)
    edges = edges.where(label[edges.source] == label[edges.target])
    order = np.lexsort((-edges.requirement, edges.target, edges.source))
    ordered = edges.where(order)
    return ordered.where(is_first(ordered.source, ordered.target))


def shortest_cycle(
    after: Mapping[int, Sequence[int]], starts: Iterable[int], *, steps: int = STEPS
) -> list[int]:
    """The shortest way from a start back to itself, its nodes in order; empty if there is none.

    Searches breadth-first from one start after the other and stops beyond ``steps``
    edges, when the best so far stands: of a small graph it is the shortest of all.
    Equal ones go by the order of the starts and of ``after``.
    """
    best: list[int] = []
    looked = 0
    for start in starts:
        found, cost = _way_round(after, start, len(best))
        looked += cost
        best = found or best
        if len(best) == 2 or (best and looked > steps):
            break
    return best


def _way_round(after: Mapping[int, Sequence[int]], start: int, bound: int) -> tuple[list[int], int]:
    """A shortest cycle through the start, if shorter than the bound (0: none); edges looked at."""
    before: dict[int, int] = {}
    level = [start]
    length = looked = 0
    while level and (not bound or length + 1 < bound):
        length += 1
        reached: list[int] = []
        for node in level:
            for other in after.get(node, ()):
                looked += 1
                if other == start:
                    return _back(before, start, node), looked
                if other not in before:
                    before[other] = node
                    reached.append(other)
        level = reached
    return [], looked


def _back(before: Mapping[int, int], start: int, last: int) -> list[int]:
    way = [last]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
