"""Reach: what depends on a version, and what it depends on, at any remove (pure)."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import Array, Graph


@dataclass(frozen=True, slots=True)
class Reach:
    """Distinct version nodes reached, ascending, and the least number of hops to each."""

    versions: Array
    hops: Array


def dependents_reach(graph: Graph, roots: Array) -> Reach:
    """Every version that depends on a root through resolved or locked edges, roots left out.

    Iterative breadth-first search, each edge looked at once; cycles end it.
    """
    virtual = neighbours(graph.virtual_start, graph.virtual_node, np.asarray(roots))
    starts = np.concatenate([np.asarray(roots), virtual])
    return _reach(graph, graph.in_start, graph.in_source, starts, roots)


def dependencies_reach(graph: Graph, roots: Array) -> Reach:
    """Every version that a root depends on through resolved or locked edges, roots left out."""
    return _reach(graph, graph.out_start, graph.out_target, np.asarray(roots), roots)


def in_use(graph: Graph, roots: Array) -> Array:
    """Version node -> whether it is a root or some root depends on it; one search for all."""
    level = levels(graph.out_start, graph.out_target, np.asarray(roots), graph.nodes)
    used = np.zeros(graph.versions, dtype=bool)
    used[graph.node_version[level >= 0]] = True
    return used


def neighbours(start: Array, item: Array, groups: Array) -> Array:
    """The items of all the groups, group after group."""
    begins = start[groups]
    counts = start[groups + 1] - begins
    total = int(counts.sum())
    if not total:
        return np.empty(0, dtype=item.dtype)
    # One range per group, laid end to end.
    offsets = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(item[np.repeat(begins, counts) + offsets])


def levels(start: Array, item: Array, roots: Array, nodes: int) -> Array:
    """Node -> hops from the nearest root, -1 where no root leads."""
    level = np.full(nodes, -1, dtype=np.int32)
    last = np.empty(nodes, dtype=np.int64)
    frontier = np.unique(roots)
    level[frontier] = 0
    hops = 0
    while len(frontier):
        hops += 1
        found = neighbours(start, item, frontier)
        found = found[level[found] < 0]
        level[found] = hops
        # Distinct without a sort: whoever wrote last stands for the node.
        places = np.arange(len(found))
        last[found] = places
        frontier = found[last[found] == places]
    return level


def _reach(graph: Graph, start: Array, item: Array, starts: Array, roots: Array) -> Reach:
    level = levels(start, item, starts, graph.nodes)
    nodes = np.flatnonzero(level > 0)
    hops = np.full(graph.versions, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(hops, graph.node_version[nodes], level[nodes])
    hops[roots] = np.iinfo(np.int32).max
    versions = np.flatnonzero(hops < np.iinfo(np.int32).max)
    return Reach(versions.astype(np.int32), hops[versions])
