"""Usage: which versions live deployments run or reach, counted exactly (pure)."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.blast import dependent_modules
from lineage.graph.components import module_cycles, version_cycles
from lineage.graph.csr import Array, distinct, is_first
from lineage.graph.edges import dependency_edges
from lineage.graph.walks import Profiles, observed_by, walks, widest

__all__ = ["LIVE", "Ended", "Profiles", "Roots", "Usage", "measure"]

LIVE = 2**62  # stands for "now" among instants


@dataclass(frozen=True, slots=True)
class Roots:
    """Live deployments, grouped by version and observed profile."""

    version: Array  # version node
    profile: Array  # index into profiles, -1 none
    prod: Array  # how many deployments
    preprod: Array


@dataclass(frozen=True, slots=True)
class Ended:
    """The latest end of the ended deployments of each (version, profile), unix seconds."""

    version: Array
    profile: Array
    until: Array


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of distinct live deployments; column 0 prod, column 1 preprod."""

    version_live: Array  # [V, 2] that are or reach the version
    version_own: Array  # [V, 2] that are the version
    major_live: Array  # per major line, minor line and module: reach any version of it
    minor_live: Array
    module_live: Array
    last_used: Array  # [V] unix seconds, LIVE while in use, 0 never
    dependents_modules: Array  # [M] other modules whose current version depends on it
    reaching_modules: Array  # [M] the same at any remove
    module_cycle_start: Array  # modules that depend on each other, by current versions
    module_cycle_member: Array
    version_cycle_start: Array  # versions that reach each other
    version_cycle_member: Array


def measure(graph: Graph, roots: Roots, ended: Ended, profiles: Profiles) -> Usage:
    """Walk from every distinct root and count each deployment once per version and line.

    Where a root's profile states versions of a module, its walk goes to these and no
    others of that module, save the deployed version itself. ``last_used`` is LIVE
    exactly where ``version_live`` is not 0; below that it ignores that profiles
    outrank resolution, so it may be later than the truth, never earlier. Cost: the
    sum of the sizes of what the roots reach.
    """
    roots = _known(roots)
    weights = np.stack([roots.prod, roots.preprod], axis=1).astype(np.int64)
    own = np.zeros((graph.versions, 2), dtype=np.int64)
    np.add.at(own, roots.version, weights)
    groups = (
        np.arange(graph.versions, dtype=np.int32),
        graph.version_minor,
        graph.version_major,
        graph.version_module,
    )
    sizes = (
        graph.versions,
        len(graph.minor_start) - 1,
        len(graph.major_start) - 1,
        len(graph.module_ids),
    )
    totals = [np.zeros((size, 2), dtype=np.int64) for size in sizes]
    is_live = np.zeros(graph.nodes, dtype=bool)
    for root, node in walks(graph, roots.version, roots.profile, profiles):
        is_live[node] = True
        keys = np.sort(root * np.int64(graph.versions) + graph.node_version[node])
        root, version = np.divmod(keys, graph.versions)
        for total, group in zip(totals, groups, strict=True):
            _count_distinct(total, root, group[version], weights)
    live = [total.astype(np.int32) for total in totals]
    current = _current(graph, live[0].max(axis=1) > 0)
    modules, versions = module_cycles(graph, current), version_cycles(graph)
    return Usage(
        version_live=live[0],
        version_own=own.astype(np.int32),
        minor_live=live[1],
        major_live=live[2],
        module_live=live[3],
        last_used=_last_used(graph, is_live, ended, profiles),
        dependents_modules=_dependents_modules(graph, current),
        reaching_modules=dependent_modules(graph, current),
        module_cycle_start=modules.start,
        module_cycle_member=modules.member,
        version_cycle_start=versions.start,
        version_cycle_member=versions.member,
    )


def _known(roots: Roots) -> Roots:
    """The roots whose version is known; equal (version, profile) pairs made one."""
    known = roots.version >= 0
    order = np.lexsort((roots.profile[known], roots.version[known]))
    columns = [getattr(roots, name)[known][order] for name in Roots.__slots__]
    first = is_first(columns[0], columns[1])
    group = np.cumsum(first) - 1
    prod, preprod = (
        np.bincount(group, weights=column, minlength=int(first.sum())).astype(np.int64)
        for column in columns[2:]
    )
    return Roots(columns[0][first], columns[1][first], prod, preprod)


def _count_distinct(total: Array, root: Array, group: Array, weights: Array) -> None:
    """Add each root's weight once to every group it touches.

    Rows come by root and version, and groups never fall along versions, so equal
    pairs are neighbours.
    """
    first = is_first(root, group)
    np.add.at(total, group[first], weights[root[first]])


def _last_used(graph: Graph, is_live: Array, ended: Ended, profiles: Profiles) -> Array:
    """Until when each version was used: the widest path from any deployment, ever.

    A path is as good as the earliest end along it: of its deployment, or of an edge
    since superseded.
    """
    known = ended.version >= 0
    until = ended.until[known]
    value = np.zeros(graph.nodes, dtype=np.int64)
    np.maximum.at(value, ended.version[known], until)
    observer, observed = observed_by(profiles, ended.profile[known])
    np.maximum.at(value, observed, until[observer])
    value = widest(graph, value, is_live)
    value[is_live] = LIVE
    used = value[: graph.versions]
    np.maximum.at(used, graph.node_version[graph.versions :], value[graph.versions :])
    return used


def _current(graph: Graph, is_live: Array) -> Array:
    """A mask over versions: the newest of each module, and what is in use."""
    current = is_live.copy()
    newest = graph.newest_of_modules()
    current[newest[newest >= 0]] = True
    return current


def _dependents_modules(graph: Graph, current: Array) -> Array:
    """Per module, the other modules that have a current version on it."""
    edges = dependency_edges(graph, np.flatnonzero(current))
    modules = len(graph.module_ids)
    consumer = graph.version_module[edges.source].astype(np.int64)
    others = consumer != edges.target_module
    pairs = distinct(consumer[others] * modules + edges.target_module[others])
    return np.bincount(pairs % max(modules, 1), minlength=modules).astype(np.int32)
