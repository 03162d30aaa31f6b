"""The same question answered by other means: SQL, networkx, and libraries where installed."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import networkx as nx
import numpy as np
from django.db import connection

from lineage.graph.arrays import Graph
from lineage.selectors.view import View
from platform_ui.bench.limit import scipy_search
from platform_ui.bench.rows import Row
from platform_ui.bench.timing import MS, best

Search = Callable[[int], Any]
# Resolved edges as one table with an index, the most that SQL can be given.
EDGES = """
CREATE TEMPORARY TABLE bench_edge AS
SELECT DISTINCT r.resolved_version_id AS provider, d.version_id AS consumer
FROM lineage_dependency d JOIN lineage_requirement r ON r.id = d.requirement_id
WHERE r.resolved_version_id IS NOT NULL AND d.scope = 0 AND d.lock_root_id IS NULL"""
INDEX = "CREATE INDEX bench_edge_provider ON bench_edge (provider, consumer)"
ANCESTORS = """
WITH RECURSIVE reached(id) AS (
    SELECT consumer FROM bench_edge WHERE provider = %s
    UNION
    SELECT e.consumer FROM reached JOIN bench_edge e ON e.provider = reached.id
) SELECT count(*) FROM reached"""
# What makes PostgreSQL fast at this.
TUNED = ("SET jit = off", "SET work_mem = '4MB'")


def peer_rows(view: View, roots: list[int], ours: float) -> list[Row]:
    """Transitive dependents of versions by other means, the median of all, beside ours."""
    return [
        Row(f"the same by {name}", _median(search, roots) * MS, "ms", None, ours * MS, "ours")
        for name, search in _searches(view)
    ]


def _median(search: Search, roots: list[int]) -> float:
    return float(np.median([best(partial(search, root), 2) for root in roots]))


def _searches(view: View) -> Iterator[tuple[str, Search]]:
    graph = view.graph
    ids = graph.version_ids
    yield scipy_search(graph)
    _make_edges()
    if connection.vendor == "postgresql":
        yield "a recursive query, as PostgreSQL comes", lambda root: _ancestors(int(ids[root]))
        with connection.cursor() as cursor:
            for statement in TUNED:
                cursor.execute(statement)
    yield f"a recursive query in {connection.vendor}", lambda root: _ancestors(int(ids[root]))
    sources, targets = _edges(graph)
    digraph: nx.DiGraph[int] = nx.DiGraph()
    digraph.add_edges_from(zip(sources, targets, strict=True))
    yield "networkx", lambda root: nx.ancestors(digraph, root) if root in digraph else set()
    if find_spec("rustworkx"):
        rustworkx = import_module("rustworkx")
        peer = rustworkx.PyDiGraph()
        peer.add_nodes_from(range(graph.nodes))
        peer.add_edges_from_no_data(list(zip(sources, targets, strict=True)))
        yield "rustworkx", lambda root: rustworkx.ancestors(peer, root)
    if find_spec("igraph"):
        igraph = import_module("igraph")
        other = igraph.Graph(
            n=graph.nodes, edges=list(zip(sources, targets, strict=True)), directed=True
        )
        yield "igraph", lambda root: other.subcomponent(root, mode="in")


def _make_edges() -> None:
    with connection.cursor() as cursor:
        for statement in ("DROP TABLE IF EXISTS bench_edge", EDGES, INDEX, "ANALYZE bench_edge"):
            cursor.execute(statement)


def _ancestors(version_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ANCESTORS, [version_id])
        (count,) = cursor.fetchone()
    return int(count)


def _edges(graph: Graph) -> tuple[list[int], list[int]]:
    sources = np.repeat(np.arange(graph.nodes), np.diff(graph.out_start))
    return sources.tolist(), graph.out_target.tolist()
