"""Strongly connected components: what depends on itself, and in which order the rest stands (pure).

The search is scipy's, compiled and iterative (after D. J. Pearce, "An improved algorithm
for finding the strongly connected components of a directed graph", 2005).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array, distinct, expand, is_first, starts_of
from lineage.graph.edges import dependency_edges


@dataclass(frozen=True, slots=True)
class Cycles:
    """Groups that depend on each other: ``member[start[i]:start[i + 1]]``, ascending, two or more.

    The greatest group comes first; equal ones by their least member.
    """

    start: Array
    member: Array


def components(start: Array, item: Array) -> Array:
    """Node -> number of its strongly connected component."""
    nodes = len(start) - 1
    if not nodes:
        return np.empty(0, dtype=np.int32)
    ones = np.ones(len(item), dtype=np.int8)
    matrix = csr_matrix((ones, item, start), shape=(nodes, nodes))
    labels: Array = connected_components(matrix, directed=True, connection="strong")[1]
    return labels


def module_cycles(graph: Graph, current: Array | None = None) -> Cycles:
    """Modules that depend on each other, by runtime and locked edges.

    Only the dependencies of the versions that the mask ``current`` marks count, of all
    versions without it. A requirement counts whether or not anything satisfies it.
    """
    modules = len(graph.module_ids)
    versions = np.arange(graph.versions) if current is None else np.flatnonzero(current)
    edges = dependency_edges(graph, versions)
    consumer = graph.version_module[edges.source].astype(np.int64)
    pairs = distinct(consumer * modules + edges.target_module)
    consumer, provider = np.divmod(pairs, max(modules, 1))
    labels = components(starts_of(consumer, modules), provider.astype(np.int32))
    return _groups(labels, np.arange(modules))


def version_cycles(graph: Graph) -> Cycles:
    """Versions that reach each other by what is resolved or locked today.

    What an SBOM locks counts inside its tree alone.
    """
    return _groups(components(graph.out_start, graph.out_target), graph.node_version)


def _groups(labels: Array, owner: Array) -> Cycles:
    """The owners of each label that at least two of them share."""
    owners = int(owner.max()) + 1 if len(owner) else 1
    is_shared = np.bincount(labels)[labels] > 1 if len(labels) else np.empty(0, dtype=bool)
    keys = distinct(labels[is_shared].astype(np.int64) * owners + owner[is_shared])
    label, member = np.divmod(keys, owners)
    firsts = np.flatnonzero(is_first(label))
    bounds = np.append(firsts, len(label))
    sizes = np.diff(bounds)
    order = np.lexsort((member[firsts], -sizes))
    order = order[sizes[order] > 1]  # two nodes may stand for one owner
    start = np.zeros(len(order) + 1, dtype=np.int32)
    np.cumsum(sizes[order], out=start[1:])
    return Cycles(start, member[expand(bounds, order)[0]].astype(np.int32))


@dataclass(frozen=True, slots=True)
class Condensed:
    """The acyclic graph of components; edges come by the longest way to their target, then by it.

    So a component is complete before the first edge out of it; no target of a step,
    ``bounds[i]:bounds[i + 1]``, is a source of that step.
    """

    component: Array  # node -> component
    count: int
    start: Array  # [count + 1] component -> the components it leads to
    item: Array
    source: Array  # the same edges in order
    target: Array
    bounds: Array


def condensed(start: Array, item: Array) -> Condensed:
    """The condensation of a graph, in Kahn's order, a level at a time."""
    component = components(start, item)
    count = int(component.max()) + 1 if len(component) else 0
    origin = np.repeat(component, np.diff(start)).astype(np.int64)
    target = component[item]
    apart = origin != target
    pairs = distinct(origin[apart] * count + target[apart])
    origin, target = np.divmod(pairs, max(count, 1))
    starts = starts_of(origin, count)
    level = _longest_ways(starts, target, count)[target]
    order = np.lexsort((target, level))
    steps = level[order]
    bounds = np.append(np.flatnonzero(is_first(steps)), len(steps))
    return Condensed(component, count, starts, target, origin[order], target[order], bounds)


def _longest_ways(start: Array, target: Array, count: int) -> Array:
    """Node of an acyclic graph -> edges of the longest way to it."""
    waiting = np.bincount(target, minlength=count)
    longest = np.zeros(count, dtype=np.int64)
    frontier = np.flatnonzero(waiting == 0)
    depth = 0
    while len(frontier):
        depth += 1
        reached, times = np.unique(target[expand(start, frontier)[0]], return_counts=True)
        waiting[reached] -= times
        frontier = reached[waiting[reached] == 0]
        longest[frontier] = depth
    return longest
