"""The version-level graph as compressed sparse rows, both ways (pure).

Nodes 0..V-1 are versions, ordered by module and then by version, so a module's
versions, and each of its lines, are one slice. Nodes from V on are virtual: a
(version, SBOM root) pair each. Locked edges run between them, so that what an SBOM
says holds inside its root's tree and nowhere else, and plain breadth-first search
stays exact.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lineage.graph.csr import Array, distinct, is_first, positions_of, sorted_pairs, starts_of

WITHDRAWN, PRERELEASE, PLACEHOLDER, SUNSET = 1, 2, 4, 8
RUNTIME = 0
SCOPE_BITS = 8
# What the newest version of a module had better not be, given up from the right.
GONE = WITHDRAWN | SUNSET
LEFT_OUT = (GONE | PLACEHOLDER | PRERELEASE, GONE | PLACEHOLDER, GONE, 0)
SCALARS = ("epoch", "last_dependency")
COPIED = (
    *SCALARS, "module_ids", "version_ids", "version_module", "version_major", "version_minor",
    "version_published", "version_flags", "requirement_ids", "requirement_module",
    "requirement_target", "past_resolution",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GraphInput:
    """Rows of a database as parallel arrays, what ``build`` takes."""

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
    past_resolution: Array  # [S, 3] what they come from: requirement and version ids, until
    last_dependency: int = 0  # greatest primary key among the declared edges


@dataclass(frozen=True, slots=True)
class Graph:
    """What every traversal runs on. ``x_start`` bounds the groups of the array after it."""

    epoch: int
    module_ids: Array  # [M]
    module_start: Array  # [M+1] into version nodes
    version_ids: Array  # [V]
    version_lookup: Array  # argsort of version_ids
    version_module: Array
    version_major: Array
    version_minor: Array
    version_published: Array
    version_flags: Array
    major_start: Array  # [lines+1] into version nodes
    minor_start: Array
    requirement_ids: Array  # [R]
    requirement_module: Array
    requirement_start: Array  # [M+1] into requirements
    requirement_target: Array
    declared_start: Array  # [V+1] version -> its declared dependencies, by requirement
    declared_requirement: Array
    declared_scope: Array
    dependents_start: Array  # [R+1] requirement -> versions that declare it, by node
    dependents_version: Array
    dependents_scope: Array
    node_version: Array  # [N] node -> version node
    virtual_start: Array  # [V+1] version -> its virtual nodes
    virtual_node: Array
    out_start: Array  # [N+1] node -> nodes it depends on: runtime resolved and locked edges
    out_target: Array
    in_start: Array  # [N+1] the same edges the other way
    in_source: Array
    past_source: Array
    past_target: Array
    past_until: Array
    past_resolution: Array  # [S, 3]
    last_dependency: int = 0

    @property
    def versions(self) -> int:
        """How many version nodes there are."""
        return len(self.version_ids)

    @property
    def nodes(self) -> int:
        """How many nodes there are, virtual ones included."""
        return len(self.node_version)

    def version_nodes(self, ids: Array) -> Array:
        """Nodes of versions by primary key, in the order asked; raises KeyError."""
        return positions_of(ids, self.version_ids, order=self.version_lookup)

    def module_nodes(self, ids: Array) -> Array:
        """Indexes of modules by primary key, in the order asked; raises KeyError."""
        return positions_of(ids, self.module_ids)

    def versions_of(self, module: int) -> slice:
        """The version nodes of a module, oldest first."""
        return slice(int(self.module_start[module]), int(self.module_start[module + 1]))

    def newest_of_modules(self) -> Array:
        """Module index -> node of its newest version, -1 if it has none.

        Withdrawn versions come last, then placeholders, then prereleases.
        """
        return newest_of(self.version_module, self.version_flags, len(self.module_ids))


def newest_of(module: Array, flags: Array, modules: int, *, among: Array | None = None) -> Array:
    """Module index -> node of its newest version, -1 if it has none; ``among`` is a mask.

    Withdrawn versions come last, then placeholders, then prereleases.
    """
    newest = np.full(modules, -1, dtype=np.int32)
    nodes = np.arange(len(module), dtype=np.int32)
    for unwanted in LEFT_OUT:
        fit = (flags & unwanted) == 0
        if among is not None:
            fit &= among
        found = np.full(modules, -1, dtype=np.int32)
        found[module[fit]] = nodes[fit]  # ascending, so the last stays
        newest = np.where(newest < 0, found, newest)
    return newest


def build(rows: GraphInput) -> Graph:
    """The graph of the rows, the same for every order of the edges.

    Parallel edges between two nodes become one. A requirement without a target
    makes no edge, nor does a row that names a version or requirement by -1.
    """
    versions, modules = len(rows.version_ids), len(rows.module_ids)
    requirements = len(rows.requirement_ids)
    version, requirement, scope = _declared(rows)
    declared = _scoped(version, requirement, scope, versions, requirements)
    dependents = _scoped(requirement, version, scope, requirements, versions)
    past = (rows.past_source >= 0) & (rows.past_target >= 0)
    return Graph(
        **{name: getattr(rows, name) for name in COPIED},
        **_edges(rows, *_resolved(rows, version[scope == RUNTIME], requirement[scope == RUNTIME])),
        module_start=starts_of(rows.version_module, modules),
        version_lookup=np.argsort(rows.version_ids, kind="stable"),
        major_start=starts_of(rows.version_major, _count(rows.version_major)),
        minor_start=starts_of(rows.version_minor, _count(rows.version_minor)),
        requirement_start=starts_of(rows.requirement_module, modules),
        declared_start=declared[0],
        declared_requirement=declared[1],
        declared_scope=declared[2],
        dependents_start=dependents[0],
        dependents_version=dependents[1],
        dependents_scope=dependents[2],
        past_source=rows.past_source[past],
        past_target=rows.past_target[past],
        past_until=rows.past_until[past],
    )


def _edges(rows: GraphInput, sources: Array, targets: Array) -> dict[str, Any]:
    """The nodes, and the resolved and locked edges between them, both ways."""
    versions = len(rows.version_ids)
    node_version, locked_sources, locked_targets = _virtual_nodes(rows)
    nodes = len(node_version)
    sources, targets = sorted_pairs(
        np.concatenate([sources, locked_sources]),
        np.concatenate([targets, locked_targets]),
        minor_count=nodes,
    )
    first = is_first(sources, targets)
    sources, targets = sources[first], targets[first]
    sinks, origins = sorted_pairs(targets, sources, minor_count=nodes)
    owners, virtual = sorted_pairs(
        node_version[versions:], np.arange(versions, nodes), minor_count=nodes
    )
    return {
        "node_version": node_version,
        "virtual_start": starts_of(owners, versions),
        "virtual_node": virtual.astype(np.int32),
        "out_start": starts_of(sources, nodes),
        "out_target": targets.astype(np.int32),
        "in_start": starts_of(sinks, nodes),
        "in_source": origins.astype(np.int32),
    }


def _count(indexes: Array) -> int:
    return int(indexes[-1]) + 1 if len(indexes) else 0


def _declared(rows: GraphInput) -> tuple[Array, Array, Array]:
    known = (rows.dependency_version >= 0) & (rows.dependency_requirement >= 0)
    columns = rows.dependency_version, rows.dependency_requirement, rows.dependency_scope
    if known.all():
        return columns
    return columns[0][known], columns[1][known], columns[2][known]


def _scoped(
    groups: Array, items: Array, scope: Array, count: int, item_count: int
) -> tuple[Array, Array, Array]:
    """Bounds of the groups, then items and scopes in group order."""
    packed = (items.astype(np.int64) << SCOPE_BITS) | scope
    ordered, packed = sorted_pairs(groups, packed, minor_count=item_count << SCOPE_BITS)
    return (
        starts_of(ordered, count),
        (packed >> SCOPE_BITS).astype(np.int32),
        (packed & ((1 << SCOPE_BITS) - 1)).astype(np.uint8),
    )


def _resolved(rows: GraphInput, version: Array, requirement: Array) -> tuple[Array, Array]:
    if not len(requirement):
        return version, requirement
    targets = rows.requirement_target[requirement]
    is_resolved = targets >= 0
    return version[is_resolved], targets[is_resolved]


def _virtual_nodes(rows: GraphInput) -> tuple[Array, Array, Array]:
    """Node -> version node, then the locked edges between nodes.

    The root of a tree is its real node; every other version of the tree gets one
    virtual node in it.
    """
    versions = len(rows.version_ids)
    known = (rows.locked_root >= 0) & (rows.locked_source >= 0) & (rows.locked_target >= 0)
    roots = np.tile(rows.locked_root[known].astype(np.int64), 2)
    ends = np.concatenate([rows.locked_source[known], rows.locked_target[known]]).astype(np.int64)
    is_virtual = ends != roots
    keys = roots * max(versions, 1) + ends
    pairs = distinct(keys[is_virtual])
    ends[is_virtual] = versions + np.searchsorted(pairs, keys[is_virtual])
    node_version = np.concatenate([np.arange(versions), pairs % max(versions, 1)])
    half = len(ends) // 2
    return node_version.astype(np.int32), ends[:half], ends[half:]
