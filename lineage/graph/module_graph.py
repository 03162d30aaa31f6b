"""Edges between modules as networkx, with what states each (pure)."""

import networkx as nx

from lineage.graph.arrays import Graph
from lineage.graph.edges import Edges


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
