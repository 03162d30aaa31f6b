"""What is asked of single versions, out of arrays, now or as of a past instant (pure)."""

import numpy as np

from lineage.graph.arrays import PRERELEASE, RUNTIME, Graph
from lineage.graph.csr import Array, distinct, neighbours


def newer_in_line(graph: Graph, unfit: Array) -> Array:
    """Version node -> newer releases of its major line; ``unfit`` marks what does not count."""
    counts = np.cumsum(~unfit & ((graph.version_flags & PRERELEASE) == 0))
    last = graph.major_start[graph.version_major + 1] - 1
    return np.asarray(counts[last] - counts)


def wanted_by(graph: Graph, consumers: Array, target_of: Array) -> Array:
    """Version node -> the other modules of which a consumer resolves to exactly it.

    ``consumers`` are the version nodes whose requirements count, ``target_of`` says what
    each requirement resolves to.
    """
    counts = graph.declared_start[consumers + 1] - graph.declared_start[consumers]
    source = np.repeat(consumers, counts)
    requirement = neighbours(graph.declared_start, graph.declared_requirement, consumers)
    scopes = neighbours(graph.declared_start, graph.declared_scope, consumers)
    target = target_of[requirement]
    fit = (scopes == RUNTIME) & (target >= 0)
    fit &= graph.version_module[source] != graph.requirement_module[requirement]
    modules = max(len(graph.module_ids), 1)
    pairs = distinct(target[fit].astype(np.int64) * modules + graph.version_module[source[fit]])
    return np.bincount(pairs // modules, minlength=graph.versions)
