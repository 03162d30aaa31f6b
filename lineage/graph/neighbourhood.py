"""Neighbourhoods: the modules around one module, a bounded part of them as networkx (pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import networkx as nx
import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array, distinct
from lineage.graph.edges import (
    Edges,
    current_versions,
    dependency_edges,
    dependent_edges,
    one_per_modules,
)
from lineage.graph.module_graph import add_edges

Direction = Literal["dependents", "dependencies", "both"]
DIRECTIONS: tuple[Direction, ...] = ("dependents", "dependencies", "both")


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What is shown of a module's surroundings, and how much there is.

    Nodes are module indexes with ``column``: 0 the module itself, -1, -2 … its
    consumers by hops, 1, 2 … its providers. Edges run from consumer to provider with
    the attributes of ``module_graph.add_edges``.
    """

    module: int
    digraph: "nx.DiGraph[int]"
    totals: dict[int, int]  # column -> modules there are, shown or not
    shown: int  # nodes in the digraph

    @property
    def total(self) -> int:
        """Modules there are in all columns, the module itself included."""
        return sum(self.totals.values())


def neighbourhood(
    graph: Graph,
    module: int,
    *,
    direction: Direction,
    depth: int,
    limit: int,
    current: Array,
    weight: Array | None = None,
    column_limit: int | None = None,
) -> Neighbourhood:
    """Search by modules, ``depth`` hops far, over the dependencies of current versions.

    ``current`` is a mask over versions. A module on both sides stands on the nearer
    one, among the consumers at equal distance. At most ``limit`` nodes are shown,
    near columns first, within a column by ``weight`` (per module, more first) and
    then by index; each side may use half of them and what the other leaves; at most
    ``column_limit`` of them in one column, if given. Edges are all those between
    modules shown, one a pair (``edges.one_per_modules``).
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"no direction {direction!r}; there are {', '.join(DIRECTIONS)}")
    consumers = providers = np.zeros(len(graph.module_ids), dtype=np.int32)
    if direction != "dependencies":
        consumers = _hops(graph, module, depth, lambda f: _consumers(graph, f, current))
    if direction != "dependents":
        providers = _hops(graph, module, depth, lambda f: _providers(graph, f, current))
    column = _columns(consumers, providers)
    order = _nearest_first(column, weight)
    open_to_all = order if column_limit is None else _first_of_each(order, column, column_limit)
    chosen = _within(open_to_all, column, max(limit, 1) - 1)
    shown = np.concatenate([[module], chosen])
    digraph: nx.DiGraph[int] = nx.DiGraph()
    digraph.add_nodes_from((int(node), {"column": int(column[node])}) for node in shown)
    add_edges(digraph, graph, _edges_among(graph, shown, current))
    values, counts = np.unique(column[order], return_counts=True)
    totals = {0: 1, **dict(zip(values.tolist(), counts.tolist(), strict=True))}
    return Neighbourhood(module, digraph, dict(sorted(totals.items())), len(shown))


def _hops(graph: Graph, module: int, depth: int, step: Callable[[Array], Array]) -> Array:
    """Module -> hops from the module, 0 where it is not reached within ``depth``."""
    hops = np.zeros(len(graph.module_ids), dtype=np.int32)
    frontier = np.array([module])
    for distance in range(1, depth + 1):
        found = distinct(step(frontier))
        frontier = found[(hops[found] == 0) & (found != module)]
        if not len(frontier):
            break
        hops[frontier] = distance
    return hops


def _consumers(graph: Graph, modules: Array, current: Array) -> Array:
    edges = dependent_edges(graph, modules, current=current)
    return graph.version_module[edges.source]


def _providers(graph: Graph, modules: Array, current: Array) -> Array:
    versions = current_versions(graph, modules, current)
    return dependency_edges(graph, versions).target_module


def _columns(consumers: Array, providers: Array) -> Array:
    is_consumer = (consumers > 0) & ((providers == 0) | (consumers <= providers))
    return np.where(is_consumer, -consumers, providers)


def _nearest_first(column: Array, weight: Array | None) -> Array:
    nodes = np.flatnonzero(column)
    weights = np.zeros(len(nodes)) if weight is None else -weight[nodes]
    return nodes[np.lexsort((nodes, weights, np.abs(column[nodes])))]


def _first_of_each(order: Array, column: Array, most: int) -> Array:
    """Of each column its first ``most`` nodes, the order kept."""
    kept = [order[column[order] == one][:most] for one in np.unique(column[order])]
    return order[np.isin(order, np.concatenate(kept))] if kept else order


def _within(order: Array, column: Array, room: int) -> Array:
    consumers, providers = order[column[order] < 0], order[column[order] > 0]
    half = room // 2
    for_providers = min(len(providers), max(half, room - len(consumers)))
    return np.concatenate([consumers[: room - for_providers], providers[:for_providers]])


def _edges_among(graph: Graph, shown: Array, current: Array) -> Edges:
    is_shown = np.zeros(len(graph.module_ids), dtype=bool)
    is_shown[shown] = True
    edges = dependency_edges(graph, current_versions(graph, shown, current))
    return one_per_modules(graph, edges.where(is_shown[edges.target_module]))
