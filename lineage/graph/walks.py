"""Walks: what each of many roots reaches, exactly, in bounded memory (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array, distinct, expand, levels, neighbours, starts_of

CELLS = 16 * 1024 * 1024  # (root, node) pairs one chunk may mark, a byte each
EDGES = 2 * 1024 * 1024  # edges one step expands at once


@dataclass(frozen=True, slots=True)
class Profiles:
    """Versions observed together at run time."""

    start: Array  # [P+1]
    version: Array  # version nodes


def observed_by(profiles: Profiles, profile: Array) -> tuple[Array, Array]:
    """(position in ``profile``, version observed) for every entry that is not -1."""
    observers = np.flatnonzero(profile >= 0)
    places, sizes = expand(profiles.start, profile[observers])
    return np.repeat(observers, sizes), profiles.version[places]


def walks(
    graph: Graph, version: Array, profile: Array, profiles: Profiles
) -> Iterator[tuple[Array, Array]]:
    """(root, node it reaches), each pair once, chunk after chunk; a root is a position.

    A root reaches its version, the versions of its profile, and what these lead to,
    an edge into a module that the profile states leading to the versions stated.
    """
    if not len(version):
        return
    _, observed = observed_by(profiles, profile)
    part = _Part(graph, np.concatenate([version, observed]))
    size = max(1, CELLS // len(part.nodes))
    seen = np.zeros(min(size, len(version)) * len(part.nodes), dtype=bool)
    for first in range(0, len(version), size):
        chunk = slice(first, first + size)
        keys = _walk(part, seen, version[chunk], profile[chunk], profiles)
        seen[keys] = False
        root, node = np.divmod(keys, len(part.nodes))
        yield root + first, part.nodes[node]


class _Part:
    """The part of a graph that some versions reach, with its own numbering.

    It is closed under edges out, and so much smaller than the whole that the marks
    of many more roots fit in memory.
    """

    def __init__(self, graph: Graph, versions: Array) -> None:
        level = levels(graph.out_start, graph.out_target, versions, graph.nodes)
        self.nodes = np.flatnonzero(level >= 0).astype(np.int32)
        place = np.full(graph.nodes, -1, dtype=np.int32)
        place[self.nodes] = np.arange(len(self.nodes), dtype=np.int32)
        self.place = place
        self.graph = graph
        places, sizes = expand(graph.out_start, self.nodes)
        self.start = starts_of(np.repeat(np.arange(len(self.nodes)), sizes), len(self.nodes))
        self.target = place[graph.out_target[places]]
        self.version = graph.node_version[self.nodes]
        self.module = graph.version_module[self.version]


def _walk(part: _Part, seen: Array, version: Array, profile: Array, profiles: Profiles) -> Array:
    """Distinct root * nodes + node keys, marked in ``seen`` as well."""
    nodes = len(part.nodes)
    observer, observed = observed_by(profiles, profile)
    stated = _Stated(part, len(version), observer, observed)
    starts = np.concatenate(
        [
            np.arange(len(version), dtype=np.int64) * nodes + part.place[version],
            observer.astype(np.int64) * nodes + part.place[observed],
        ]
    )
    frontier = distinct(starts)
    seen[frontier] = True
    found = [frontier]
    while len(frontier):
        steps = [_step(part, seen, stated, block) for block in _blocks(part, frontier)]
        frontier = np.concatenate(steps)
        found.append(frontier)
    return np.concatenate(found)


def _step(part: _Part, seen: Array, stated: "_Stated", frontier: Array) -> Array:
    nodes = len(part.nodes)
    root, node = np.divmod(frontier, nodes)
    places, sizes = expand(part.start, node)
    target = part.target[places]
    keys = np.repeat(frontier - node, sizes)
    keys += target
    fresh = ~seen[keys]
    if stated.is_any:
        fresh &= ~stated.replaces(np.repeat(root, sizes), target)
    found = distinct(keys[fresh])
    seen[found] = True
    return found


def _blocks(part: _Part, frontier: Array) -> list[Array]:
    """The frontier cut so that each block has about EDGES edges at most."""
    node = frontier % len(part.nodes)
    ends = np.cumsum(part.start[node + 1] - part.start[node], dtype=np.int64)
    cuts = np.arange(EDGES, int(ends[-1]), EDGES)
    if not len(cuts):
        return [frontier]
    return np.split(frontier, distinct(np.searchsorted(ends, cuts, side="right")))


class _Stated:
    """What the profiles of a chunk of roots say."""

    def __init__(self, part: _Part, roots: int, observer: Array, observed: Array) -> None:
        self.part = part
        self.is_any = len(observer) > 0
        if not self.is_any:
            return
        module = part.graph.version_module[observed]
        stated = distinct(module)
        self.place = np.full(len(part.graph.module_ids), -1, dtype=np.int64)
        self.place[stated] = np.arange(len(stated))
        self.modules = len(stated)
        self.module = np.zeros(roots * self.modules, dtype=bool)
        self.module[observer.astype(np.int64) * self.modules + self.place[module]] = True
        self.version = observer * part.graph.versions + observed

    def replaces(self, root: Array, target: Array) -> Array:
        """Whether an edge gives way: its module is stated, its version is not.

        The versions stated are starting points already, so nothing takes its place.
        """
        place = self.place[self.part.module[target]]
        stated: Array = place >= 0
        stated[stated] = self.module[root[stated] * self.modules + place[stated]]
        places = np.flatnonzero(stated)
        keys = root[places] * self.part.graph.versions + self.part.version[target[places]]
        stated[places[np.isin(keys, self.version)]] = False
        return stated


def widest(graph: Graph, value: Array, injected: Array) -> Array:
    """Node -> the greatest, over all paths to it, of the least value along the path.

    ``value`` holds what paths start with (0: none); a current edge lets everything
    through, a past edge at most its ``past_until``. ``injected`` marks nodes whose
    past edges start with anything. Iterates until nothing changes; ends on cycles,
    because values only grow and come from a finite set.
    """
    value = value.copy()
    order = np.argsort(graph.past_source, kind="stable")
    start = starts_of(graph.past_source, graph.nodes)
    target, until = graph.past_target[order], graph.past_until[order]
    places, _ = expand(start, np.flatnonzero(injected))
    np.maximum.at(value, target[places], until[places])
    changed = np.flatnonzero(value)
    while len(changed):
        before = value.copy()
        sizes = graph.out_start[changed + 1] - graph.out_start[changed]
        reached = neighbours(graph.out_start, graph.out_target, changed)
        np.maximum.at(value, reached, np.repeat(before[changed], sizes))
        places, sizes = expand(start, changed)
        passed = np.minimum(np.repeat(before[changed], sizes), until[places])
        np.maximum.at(value, target[places], passed)
        changed = np.flatnonzero(value > before)
    return value
