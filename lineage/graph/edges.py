"""Edges between versions with the requirement behind each, of a few versions or modules (pure)."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import RUNTIME, Graph
from lineage.graph.csr import Array, expand, is_first, neighbours


@dataclass(frozen=True, slots=True)
class Edges:
    """Parallel arrays. A locked edge has no requirement, an unresolved one no target: -1."""

    source: Array  # version node of the consumer
    requirement: Array
    target: Array  # version node
    target_module: Array

    def where(self, chosen: Array) -> "Edges":
        """The edges a mask or positions choose."""
        return Edges(
            self.source[chosen],
            self.requirement[chosen],
            self.target[chosen],
            self.target_module[chosen],
        )


def dependency_edges(graph: Graph, versions: Array) -> Edges:
    """Runtime and locked edges out of these versions, unresolved requirements included."""
    versions = np.asarray(versions, dtype=np.int32)
    places, sizes = expand(graph.declared_start, versions)
    runtime = graph.declared_scope[places] == RUNTIME
    source = np.repeat(versions, sizes)[runtime]
    requirement = graph.declared_requirement[places[runtime]]
    nodes = _with_virtual(graph, versions)
    places, sizes = expand(graph.out_start, nodes)
    origin, target = np.repeat(nodes, sizes), graph.out_target[places]
    is_locked = (origin >= graph.versions) | (target >= graph.versions)
    return _joined(graph, source, requirement, origin[is_locked], target[is_locked])


def dependent_edges(graph: Graph, modules: Array, *, current: Array) -> Edges:
    """Runtime and locked edges from current versions into these modules.

    Requirements nothing satisfies are included. ``current`` is a mask over versions.
    """
    requirements = _members(graph.requirement_start, modules)
    places, sizes = expand(graph.dependents_start, requirements)
    source = graph.dependents_version[places]
    kept = (graph.dependents_scope[places] == RUNTIME) & current[source]
    requirement = np.repeat(requirements, sizes)[kept]
    nodes = _with_virtual(graph, _members(graph.module_start, modules))
    places, sizes = expand(graph.in_start, nodes)
    origin, target = graph.in_source[places], np.repeat(nodes, sizes)
    is_locked = (origin >= graph.versions) | (target >= graph.versions)
    is_locked &= current[graph.node_version[origin]]
    return _joined(graph, source[kept], requirement, origin[is_locked], target[is_locked])


def current_versions(graph: Graph, modules: Array, current: Array) -> Array:
    """The version nodes of these modules that the mask ``current`` marks."""
    versions = _members(graph.module_start, modules)
    return versions[current[versions]]


def one_per_modules(graph: Graph, edges: Edges) -> Edges:
    """One edge for each pair of distinct modules, by consumer and provider index.

    Of several it is the one of the newest consumer version; there a declared edge
    goes before a locked one, and then the later requirement.
    """
    consumer = graph.version_module[edges.source]
    order = np.lexsort((-edges.requirement, -edges.source, edges.target_module, consumer))
    consumer, ordered = consumer[order], edges.where(order)
    kept = is_first(consumer, ordered.target_module) & (consumer != ordered.target_module)
    return ordered.where(kept)


def _members(start: Array, groups: Array) -> Array:
    return expand(start, np.asarray(groups))[0].astype(np.int32)


def _with_virtual(graph: Graph, versions: Array) -> Array:
    virtual = neighbours(graph.virtual_start, graph.virtual_node, versions)
    return np.concatenate([versions, virtual])


def _joined(graph: Graph, source: Array, requirement: Array, origin: Array, locked: Array) -> Edges:
    """Declared edges by (source, requirement) and locked ones by (node, node)."""
    target = graph.node_version[locked]
    return Edges(
        source=np.concatenate([source, graph.node_version[origin]]),
        requirement=np.concatenate([requirement, np.full(len(target), -1, dtype=np.int32)]),
        target=np.concatenate([graph.requirement_target[requirement], target]),
        target_module=np.concatenate(
            [graph.requirement_module[requirement], graph.version_module[target]]
        ),
    )
