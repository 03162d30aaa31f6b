"""The module-level graph as networkx, its cycles and its condensation (pure)."""

from collections.abc import Sequence

import networkx as nx
import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array
from lineage.graph.edges import Edges, dependency_edges, one_per_modules


def module_graph(
    graph: Graph, names: Sequence[str] | None = None, *, current: Array | None = None
) -> "nx.DiGraph[int]":
    """Every module, with an edge from each consumer to each provider.

    Edges count runtime and locked dependencies of the versions that the mask
    ``current`` marks, of all versions without it. Edge attributes are those of
    ``add_edges``. ``names``, by module index, become the node attribute ``name``.
    """
    digraph: nx.DiGraph[int] = nx.DiGraph()
    digraph.add_nodes_from(range(len(graph.module_ids)))
    if names is not None:
        nx.set_node_attributes(digraph, dict(enumerate(names)), "name")
    versions = np.arange(graph.versions) if current is None else np.flatnonzero(current)
    add_edges(digraph, graph, one_per_modules(graph, dependency_edges(graph, versions)))
    return digraph


def add_edges(digraph: "nx.DiGraph[int]", graph: Graph, edges: Edges) -> None:
    """Add edges between modules with what states each.

    ``source`` and ``target`` are version nodes, ``requirement`` an index; -1 where an
    edge is unresolved or locked.
    """
    rows = zip(
        graph.version_module[edges.source].tolist(),
        edges.target_module.tolist(),
        edges.source.tolist(),
        edges.requirement.tolist(),
        edges.target.tolist(),
        strict=True,
    )
    digraph.add_edges_from(
        (consumer, provider, {"source": source, "requirement": requirement, "target": target})
        for consumer, provider, source, requirement, target in rows
    )


def cycles(digraph: "nx.DiGraph[int]") -> list[list[int]]:
    """The sets of modules that depend on each other, each and all in ascending order."""
    found = [sorted(part) for part in nx.strongly_connected_components(digraph) if len(part) > 1]
    return sorted(found)


def condensation(digraph: "nx.DiGraph[int]") -> "nx.DiGraph[int]":
    """One node a strongly connected component, acyclic, numbered from 0.

    Node attribute ``members`` is the sorted list of modules; components are numbered
    by their least member, so the same graph is condensed the same way every time.
    """
    components = sorted(map(sorted, nx.strongly_connected_components(digraph)))
    condensed: nx.DiGraph[int] = nx.condensation(digraph, [set(part) for part in components])
    for node, members in enumerate(components):
        condensed.nodes[node]["members"] = members
    condensed.graph.pop("mapping", None)
    return condensed
