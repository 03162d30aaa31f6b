"""Why one reaches another: the chains between two modules or versions, hop by hop."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lineage.exceptions import SameEnds
from lineage.graph.arrays import RUNTIME
from lineage.graph.paths import chains
from lineage.models import Version
from lineage.selectors.ends import End
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, current_view, version_rows

SHOWN = 10
MOST_SHOWN = 200
MOST_COUNTED = 10**4_000  # what can still be written out
Pair = tuple[int, int]  # nodes


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a chain.

    ``declared`` holds the ranges that resolve so, none where the tree of ``locked_in``
    states the step.
    """

    consumer: Version
    declared: tuple[str, ...]
    resolved: Version
    locked_in: Version | None


@dataclass(frozen=True, slots=True)
class Why:
    """The chains from one end to the other.

    ``shortest`` of them have the least number of ``hops``, of which the first are in
    ``shown``; ``total`` counts all chains exactly, below MOST_COUNTED. ``stations`` are
    the sets of versions in a cycle that count as one each.
    """

    source: End
    target: End
    hops: int
    shortest: int
    total: int
    is_exact: bool
    stations: int
    shown: list[list[Hop]]
    epoch: int


def why(source: End, target: End, *, now: datetime, limit: int = SHOWN) -> Why:
    """Chains from current versions of a module, newest or in use, or from one version.

    They end at any version of the target, or at one. Raises SameEnds.
    """
    if source == target:
        raise SameEnds(source.text)
    view = current_view(now)
    found = chains(
        view.graph,
        _starts(view, source),
        _versions(view, target),
        limit=min(max(limit, 1), MOST_SHOWN),
    )
    return Why(
        source=source,
        target=target,
        hops=found.hops,
        shortest=min(found.shortest, MOST_COUNTED),
        total=min(found.total, MOST_COUNTED),
        is_exact=max(found.total, found.shortest) < MOST_COUNTED,
        stations=found.stations,
        shown=_told(view, found.listed),
        epoch=view.snapshot.epoch,
    )


def _starts(view: View, end: End) -> Array:
    nodes = _versions(view, end)
    return nodes if end.version else nodes[view.is_current[nodes]]


def _versions(view: View, end: End) -> Array:
    if end.version is None:
        return view.versions_of(end.module.pk)
    nodes = view.node_of([end.version.pk])
    return np.asarray(nodes[nodes >= 0])


def _told(view: View, listed: tuple[tuple[int, ...], ...]) -> list[list[Hop]]:
    pairs = list(dict.fromkeys(p for way in listed for p in itertools.pairwise(way)))
    requirements = {pair: _requirements(view, pair) for pair in pairs}
    ranges = ranges_of(view, [r for found in requirements.values() for r in found])
    roots = _roots(view, [node for pair in pairs for node in pair])
    version_of = view.graph.node_version
    rows = version_rows(view, [*(int(version_of[n]) for p in pairs for n in p), *roots.values()])
    hops = {
        (source, target): Hop(
            rows[int(version_of[source])],
            tuple(ranges[r] for r in requirements[source, target] if r in ranges),
            rows[int(version_of[target])],
            None
            if requirements[source, target]
            else rows.get(roots.get(target, roots.get(source, -1))),
        )
        for source, target in pairs
    }
    return [[hops[pair] for pair in itertools.pairwise(way)] for way in listed]


def _requirements(view: View, pair: Pair) -> list[int]:
    """The declared requirements behind an edge; none behind a locked one."""
    graph, (source, target) = view.graph, pair
    if max(pair) >= graph.versions:
        return []
    part = slice(int(graph.declared_start[source]), int(graph.declared_start[source + 1]))
    needed = graph.declared_requirement[part]
    needed = needed[graph.declared_scope[part] == RUNTIME]
    return [int(one) for one in needed[graph.requirement_target[needed] == target]]


def _roots(view: View, nodes: Iterable[int]) -> dict[int, int]:
    """Virtual node -> the version node whose tree it stands in, found by walking up to it."""
    graph = view.graph
    roots: dict[int, int] = {}
    for node in {node for node in nodes if node >= graph.versions}:
        seen, waiting = {node}, [node]
        while waiting and node not in roots:
            one = waiting.pop()
            for before in graph.in_source[graph.in_start[one] : graph.in_start[one + 1]].tolist():
                if before < graph.versions:
                    roots[node] = before
                elif before not in seen:
                    seen.add(before)
                    waiting.append(before)
    return roots
