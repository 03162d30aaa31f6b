"""The version-level graph as compressed sparse rows, both ways (pure).

Nodes 0..V-1 are versions, ordered by module and then by version, so a module's
versions, and each of its lines, are one slice. Nodes from V on are virtual: a
(version, SBOM root) pair each. Locked edges run between them, so that what an SBOM
says holds inside its root's tree and nowhere else, and plain breadth-first search
stays exact. Layout after the compressed sparse row format of numerical libraries.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
WITHDRAWN, PRERELEASE, PLACEHOLDER, SUNSET = 1, 2, 4, 8
RUNTIME = 0


@dataclass(frozen=True, slots=True)
class GraphInput:
    """Rows of a database as parallel arrays; the contract is that of ``build``."""

    epoch: int
    module_ids: Array  # [M] primary keys, ascending
    version_ids: Array  # [V] primary keys in node order
    version_module: Array  # [V] module index, non-decreasing
    version_major: Array  # [V] index of the major line, non-decreasing over all modules
    version_minor: Array  # [V] the same for minor lines
    version_published: Array  # [V] unix seconds, 0 unknown
    version_flags: Array  # [V] WITHDRAWN, PRERELEASE, PLACEHOLDER, SUNSET
    requirement_ids: Array  # [R] primary keys, grouped by module in module order
    requirement_module: Array  # [R] module index
    requirement_target: Array  # [R] resolved version node, -1 none
    dependency_version: Array  # [E] declared edges in any order
    dependency_requirement: Array
    dependency_scope: Array
    locked_root: Array  # [L] version nodes of locked edges
    locked_source: Array
    locked_target: Array
    past_source: Array  # [P] superseded edges between version nodes
    past_target: Array
    past_until: Array  # unix seconds


@dataclass(frozen=True, slots=True)
class Graph:
    """What every traversal runs on. ``x_start`` slices the array it is named before."""

    epoch: int
    module_ids: Array
    module_start: Array  # [M+1] into version nodes
    version_ids: Array
    version_lookup: Array  # argsort of version_ids
    version_module: Array
    version_major: Array
    version_minor: Array
    version_published: Array
    version_flags: Array
    major_start: Array  # [lines+1] into version nodes
    minor_start: Array
    requirement_ids: Array
    requirement_module: Array
    requirement_start: Array  # [M+1] into requirements
    requirement_target: Array
    declared_start: Array  # [V+1] version -> its declared dependencies
    declared_requirement: Array
    declared_scope: Array
    dependents_start: Array  # [R+1] requirement -> versions that declare it
    dependents_version: Array
    dependents_scope: Array
    node_version: Array  # [N] node -> version node
    virtual_start: Array  # [V+1] version -> its virtual nodes
    virtual_node: Array
    out_start: Array  # [N+1] node -> nodes it depends on: runtime resolved and locked edges
    out_target: Array
    in_start: Array
    in_source: Array
    past_source: Array
    past_target: Array
    past_until: Array

    @property
    def versions(self) -> int:
        return len(self.version_ids)

    @property
    def nodes(self) -> int:
        return len(self.node_version)

    def newest_of_modules(self) -> Array:
        """Module index -> node of its newest version, -1 if it has none.

        Withdrawn versions come last, then placeholders, then prereleases, then all
        others by order.
        """
        newest = np.full(len(self.module_ids), -1, dtype=np.int64)
        nodes = np.arange(self.versions)
        flags = self.version_flags
        for unwanted in (0, PRERELEASE, PRERELEASE | PLACEHOLDER, 255):
            fit = (flags & ~np.uint8(unwanted)) == 0
            found = np.full(len(self.module_ids), -1, dtype=np.int64)
            found[self.version_module[fit]] = nodes[fit]  # ascending, so the last stays
            newest = np.where(newest < 0, found, newest)
        return newest


def starts_of(groups: Array, count: int) -> Array:
    """Slice bounds of ``count`` groups, from the group of each item."""
    sizes = np.bincount(groups, minlength=count) if len(groups) else np.zeros(count, dtype=int)
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def grouped(groups: Array, count: int, *items: Array) -> tuple[Array, ...]:
    """Bounds of the groups, then the items in group order; stable."""
    order = np.argsort(groups, kind="stable")
    return (starts_of(groups, count), *(item[order] for item in items))


def build(rows: GraphInput) -> Graph:
    """The graph of the rows; linear but for sorts by small integers.

    Parallel edges between two nodes become one. A requirement without a target
    makes no edge.
    """
    versions, modules = len(rows.version_ids), len(rows.module_ids)
    declared = grouped(
        rows.dependency_version, versions, rows.dependency_requirement, rows.dependency_scope
    )
    dependents = grouped(
        rows.dependency_requirement,
        len(rows.requirement_ids),
        rows.dependency_version,
        rows.dependency_scope,
    )
    runtime = rows.dependency_scope == RUNTIME
    targets = (
        rows.requirement_target[rows.dependency_requirement[runtime]]
        if len(rows.requirement_target)
        else np.empty(0, dtype=np.int32)
    )
    sources = rows.dependency_version[runtime][targets >= 0]
    targets = targets[targets >= 0]
    node_version, locked_sources, locked_targets = _virtual_nodes(rows)
    sources, targets = _distinct(
        np.concatenate([sources, locked_sources]),
        np.concatenate([targets, locked_targets]),
        len(node_version),
    )
    outward = grouped(sources, len(node_version), targets)
    inward = grouped(targets, len(node_version), sources)
    virtual = grouped(
        node_version[versions:], versions, np.arange(versions, len(node_version), dtype=np.int32)
    )
    return Graph(
        epoch=rows.epoch,
        module_ids=rows.module_ids,
        module_start=starts_of(rows.version_module, modules),
        version_ids=rows.version_ids,
        version_lookup=np.argsort(rows.version_ids, kind="stable"),
        version_module=rows.version_module,
        version_major=rows.version_major,
        version_minor=rows.version_minor,
        version_published=rows.version_published,
        version_flags=rows.version_flags,
        major_start=starts_of(rows.version_major, _count(rows.version_major)),
        minor_start=starts_of(rows.version_minor, _count(rows.version_minor)),
        requirement_ids=rows.requirement_ids,
        requirement_module=rows.requirement_module,
        requirement_start=starts_of(rows.requirement_module, modules),
        requirement_target=rows.requirement_target,
        declared_start=declared[0],
        declared_requirement=declared[1],
        declared_scope=declared[2],
        dependents_start=dependents[0],
        dependents_version=dependents[1],
        dependents_scope=dependents[2],
        node_version=node_version,
        virtual_start=virtual[0],
        virtual_node=virtual[1],
        out_start=outward[0],
        out_target=outward[1].astype(np.int32),
        in_start=inward[0],
        in_source=inward[1].astype(np.int32),
        past_source=rows.past_source,
        past_target=rows.past_target,
        past_until=rows.past_until,
    )


def _count(indexes: Array) -> int:
    return int(indexes[-1]) + 1 if len(indexes) else 0


def _distinct(sources: Array, targets: Array, nodes: int) -> tuple[Array, Array]:
    keys = np.unique(sources.astype(np.int64) * max(nodes, 1) + targets)
    return keys // max(nodes, 1), keys % max(nodes, 1)


def _virtual_nodes(rows: GraphInput) -> tuple[Array, Array, Array]:
    """Node -> version node, then the locked edges between nodes.

    The root of a tree is its real node; every other version of the tree gets one
    virtual node in it.
    """
    versions = len(rows.version_ids)
    roots = np.concatenate([rows.locked_root, rows.locked_root]).astype(np.int64)
    ends = np.concatenate([rows.locked_source, rows.locked_target]).astype(np.int64)
    is_virtual = ends != roots
    keys = roots * max(versions, 1) + ends
    pairs = np.unique(keys[is_virtual])
    nodes = ends.copy()
    nodes[is_virtual] = versions + np.searchsorted(pairs, keys[is_virtual])
    node_version = np.concatenate([np.arange(versions), pairs % max(versions, 1)])
    half = len(rows.locked_root)
    return node_version.astype(np.int32), nodes[:half], nodes[half:]
