"""Reach: what depends on a version, and what it depends on, at any remove (pure)."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array, levels, neighbours

__all__ = ["Reach", "dependencies_reach", "dependents_reach", "in_use", "neighbours"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Distinct version nodes reached, ascending, and the least number of hops to each."""

    versions: Array
    hops: Array


def dependents_reach(graph: Graph, roots: Array) -> Reach:
    """Every version that depends on a root through resolved or locked edges.

    The roots are left out even where a cycle leads back to them. A locked edge leads
    up inside its own tree only, and out of it through the tree's root.
    """
    roots = np.asarray(roots, dtype=np.int32)
    virtual = neighbours(graph.virtual_start, graph.virtual_node, roots)
    starts = np.concatenate([roots, virtual])
    return _reach(graph, graph.in_start, graph.in_source, starts, roots)


def dependencies_reach(graph: Graph, roots: Array) -> Reach:
    """Every version that a root depends on through resolved or locked edges, roots left out.

    From the root of a locked tree the walk goes on inside that tree.
    """
    roots = np.asarray(roots, dtype=np.int32)
    return _reach(graph, graph.out_start, graph.out_target, roots, roots)


def in_use(graph: Graph, roots: Array) -> Array:
    """Version node -> whether it is one of these version nodes or one depends on it.

    One search for all; knows nothing of observed profiles, as ``usage.measure`` does.
    """
    level = levels(graph.out_start, graph.out_target, np.asarray(roots, np.int32), graph.nodes)
    used = level[: graph.versions] >= 0
    used[graph.node_version[graph.versions :][level[graph.versions :] >= 0]] = True
    return used


def _reach(graph: Graph, start: Array, item: Array, starts: Array, roots: Array) -> Reach:
    level = levels(start, item, starts, graph.nodes)
    hops, virtual = level[: graph.versions], level[graph.versions :]
    reached = np.flatnonzero(virtual > 0)
    if len(reached):
        unreached = np.iinfo(np.int32).max
        hops[hops < 0] = unreached
        np.minimum.at(hops, graph.node_version[graph.versions + reached], virtual[reached])
        hops[hops == unreached] = -1
    hops[roots] = -1
    versions = np.flatnonzero(hops > 0).astype(np.int32)
    return Reach(versions, hops[versions])
