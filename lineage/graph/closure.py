"""Closure: every module that a search for versions could come to (pure)."""

import numpy as np

from lineage.graph.arrays import RUNTIME, Graph
from lineage.graph.csr import Array, distinct, expand


def modules_within(graph: Graph, modules: Array) -> Array:
    """The modules, and all that any version of one of them needs, at any remove; ascending.

    Follows declared runtime needs of every version, of which a requirement can only
    take those up to its newest: what lies above is not followed.
    """
    frontier = np.asarray(distinct(np.asarray(modules, dtype=np.int64)))
    highest = graph.module_start[frontier + 1].astype(np.int64)
    followed = graph.module_start[:-1].astype(np.int64)
    seen = np.zeros(len(graph.module_ids), dtype=bool)
    while len(frontier):
        seen[frontier] = True
        versions = _between(followed[frontier], highest)
        followed[frontier] = np.maximum(followed[frontier], highest)
        places, _ = expand(graph.declared_start, versions)
        needed = graph.declared_requirement[places[graph.declared_scope[places] == RUNTIME]]
        needed = distinct(needed)
        module = graph.requirement_module[needed]
        seen[module] = True
        target = graph.requirement_target[needed]
        top = np.full(len(seen), -1, dtype=np.int64)
        np.maximum.at(top, module[target >= 0], target[target >= 0].astype(np.int64) + 1)
        frontier = np.flatnonzero(top > followed)
        highest = top[frontier]
    return np.flatnonzero(seen)


def _between(start: Array, stop: Array) -> Array:
    """All integers of the half-open intervals."""
    sizes = np.maximum(stop - start, 0)
    offsets = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.asarray(np.repeat(start, sizes) + offsets)
