"""Usage: which versions live deployments run or reach, counted exactly (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import PLACEHOLDER, RUNTIME, Array, Graph
from lineage.graph.reach import neighbours

LIVE = 2**62  # stands for "now" among instants
CELLS = 32 * 1024 * 1024  # most (root, node) pairs of one chunk, a byte each


@dataclass(frozen=True, slots=True)
class Roots:
    """Live deployments, grouped by version and observed profile."""

    version: Array  # version node
    profile: Array  # index into profiles, -1 none
    prod: Array  # how many deployments
    preprod: Array


@dataclass(frozen=True, slots=True)
class Profiles:
    """Versions observed together at run time."""

    start: Array  # [P+1]
    version: Array  # version nodes


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
    dependents_modules: Array  # [M] other modules whose current version declares it


def measure(graph: Graph, roots: Roots, ended: Ended, profiles: Profiles) -> Usage:
    """Walk from every distinct root and count.

    Where a root's profile states a version of a module, every edge of its walk into
    that module leads to the observed version instead, and all observed versions
    count as reached. Cost: the sum of the sizes of what the roots reach.
    """
    totals = [
        np.zeros((count, 2), dtype=np.int64)
        for count in (
            graph.versions,
            len(graph.major_start) - 1,
            len(graph.minor_start) - 1,
            len(graph.module_ids),
        )
    ]
    groups = (
        np.arange(graph.versions),
        graph.version_major,
        graph.version_minor,
        graph.version_module,
    )
    weights = np.stack([roots.prod, roots.preprod], axis=1)
    for first, root, node in _walks(graph, roots, profiles):
        version = graph.node_version[node]
        for total, group in zip(totals, groups, strict=True):
            _count_distinct(total, root, group[version], weights[first:])
    own = np.zeros((graph.versions, 2), dtype=np.int64)
    np.add.at(own, roots.version, weights)
    return Usage(
        version_live=totals[0].astype(np.int32),
        version_own=own.astype(np.int32),
        major_live=totals[1].astype(np.int32),
        minor_live=totals[2].astype(np.int32),
        module_live=totals[3].astype(np.int32),
        last_used=_last_used(graph, totals[0], ended, profiles),
        dependents_modules=_dependents_modules(graph, totals[0].sum(axis=1) > 0),
    )


def _count_distinct(total: Array, root: Array, group: Array, weights: Array) -> None:
    """Add each root's weight once to every group it touches."""
    pairs = np.unique(root.astype(np.int64) * len(total) + group)
    touched = pairs % len(total)
    for column in (0, 1):
        total[:, column] += np.bincount(
            touched, weights=weights[pairs // len(total), column], minlength=len(total)
        ).astype(np.int64)


def _walks(graph: Graph, roots: Roots, profiles: Profiles) -> Iterator[tuple[int, Array, Array]]:
    """(first root of a chunk, root within the chunk, node reached), each pair once."""
    if not graph.nodes:
        return
    size = max(1, CELLS // graph.nodes)
    for first in range(0, len(roots.version), size):
        version = roots.version[first : first + size]
        profile = roots.profile[first : first + size]
        yield first, *_walk(graph, version, profile, profiles)


def _walk(graph: Graph, version: Array, profile: Array, profiles: Profiles) -> tuple[Array, Array]:
    seen = np.zeros(len(version) * graph.nodes, dtype=bool)
    has_profile = np.flatnonzero(profile >= 0)
    observed = neighbours(profiles.start, profiles.version, profile[has_profile])
    sizes = np.diff(profiles.start)[profile[has_profile]] if len(has_profile) else has_profile
    observer = np.repeat(has_profile, sizes)
    override = _Override(graph, observer, observed)
    frontier = np.unique(
        np.concatenate(
            [
                np.arange(len(version), dtype=np.int64) * graph.nodes + version,
                observer.astype(np.int64) * graph.nodes + observed,
            ]
        )
    )
    seen[frontier] = True
    while len(frontier):
        root, node = np.divmod(frontier, graph.nodes)
        counts = graph.out_start[node + 1] - graph.out_start[node]
        target = neighbours(graph.out_start, graph.out_target, node)
        origin = np.repeat(root, counts)
        keys = origin * graph.nodes + override(origin, target)
        frontier = np.unique(keys[~seen[keys]])
        seen[frontier] = True
    return np.divmod(np.flatnonzero(seen), graph.nodes)


class _Override:
    """What a root's profile puts in place of a resolved target."""

    def __init__(self, graph: Graph, observer: Array, observed: Array) -> None:
        self.graph = graph
        keys = observer.astype(np.int64) * len(graph.module_ids) + graph.version_module[observed]
        order = np.argsort(keys, kind="stable")
        self.keys = keys[order]
        self.observed = observed[order]

    def __call__(self, root: Array, target: Array) -> Array:
        if not len(self.keys):
            return target
        keys = (
            root * len(self.graph.module_ids)
            + (self.graph.version_module[self.graph.node_version[target]])
        )
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        # What an SBOM locked is as exact as what was observed.
        is_overridden = (self.keys[places] == keys) & (target < self.graph.versions)
        return np.where(is_overridden, self.observed[places], target)


def _last_used(graph: Graph, live: Array, ended: Ended, profiles: Profiles) -> Array:
    """Until when each version was used: the widest path from any deployment, ever.

    A path is as good as the earliest end along it: of its deployment, or of an edge
    since superseded. Observed profiles add versions here and take none away, so the
    answer may be later than the truth, never earlier.
    """
    value = np.zeros(graph.nodes, dtype=np.int64)
    np.maximum.at(value, ended.version, ended.until)
    with_profile = np.flatnonzero(ended.profile >= 0)
    observed = neighbours(profiles.start, profiles.version, ended.profile[with_profile])
    sizes = (
        np.diff(profiles.start)[ended.profile[with_profile]] if len(with_profile) else with_profile
    )
    np.maximum.at(value, observed, np.repeat(ended.until[with_profile], sizes))
    value[np.flatnonzero(live.sum(axis=1) > 0)] = LIVE
    changed = np.flatnonzero(value)
    by_source = np.argsort(graph.past_source, kind="stable")
    past_source = graph.past_source[by_source]
    while len(changed):
        before = value.copy()
        # What live deployments reach by current edges was walked exactly, profiles included.
        ended_only = changed[before[changed] < LIVE]
        counts = graph.out_start[ended_only + 1] - graph.out_start[ended_only]
        targets = neighbours(graph.out_start, graph.out_target, ended_only)
        np.maximum.at(value, targets, np.repeat(before[ended_only], counts))
        past = by_source[np.isin(past_source, changed)]
        np.maximum.at(
            value,
            graph.past_target[past],
            np.minimum(before[graph.past_source[past]], graph.past_until[past]),
        )
        changed = np.flatnonzero(value > before)
    used = np.zeros(graph.versions, dtype=np.int64)
    np.maximum.at(used, graph.node_version, value)
    return used


def _dependents_modules(graph: Graph, is_live: Array) -> Array:
    newest = graph.newest_of_modules()
    current = is_live.copy()
    current[newest[newest >= 0]] = True
    current &= (graph.version_flags & PLACEHOLDER) == 0
    counts = np.diff(graph.declared_start)
    source = np.repeat(np.arange(graph.versions), counts)
    declared = (graph.declared_scope == RUNTIME) & current[source]
    target = graph.requirement_module[graph.declared_requirement[declared]]
    consumers = graph.version_module[source[declared]]
    edges = np.diff(graph.out_start)
    locked_source = np.repeat(np.arange(graph.nodes), edges)
    is_locked = graph.out_target >= graph.versions
    locked_target = graph.node_version[graph.out_target[is_locked]]
    locked_consumer = graph.node_version[locked_source[is_locked]]
    modules = max(len(graph.module_ids), 1)
    pairs = np.unique(
        np.concatenate(
            [
                target.astype(np.int64) * modules + consumers,
                graph.version_module[locked_target].astype(np.int64) * modules
                + graph.version_module[locked_consumer],
            ]
        )
    )
    pairs = pairs[pairs // modules != pairs % modules]
    return np.bincount(pairs // modules, minlength=len(graph.module_ids)).astype(np.int32)
