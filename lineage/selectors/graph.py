"""Neighbourhoods: the part of the graph that is shown, with names and places."""

from dataclasses import dataclass
from datetime import datetime

import networkx as nx

from lineage.graph.export import Export, Value, export
from lineage.graph.layout import layered
from lineage.graph.neighbourhood import Direction, neighbourhood
from lineage.models import Module, Version
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import current_view, module_rows, version_rows

MOST_SHOWN = 60
MOST_ASKED = 500  # what one answer holds at most
MOST_EXPORTED = 5_000  # and a file
MOST_DEPTH = 4


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A module in the picture; ``column`` is negative for consumers, ``row`` centred on 0."""

    module: Module
    newest: Version | None
    live: int
    column: int
    row: float


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One module declares another: by which version, which range, resolved to what."""

    source: GraphNode
    target: GraphNode
    consumer: Version | None
    declared: str | None
    resolved: Version | None


@dataclass(frozen=True, slots=True)
class NeighbourhoodView:
    """``shown`` of ``total`` modules; ``totals`` counts each column whole."""

    focus: GraphNode
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    totals: dict[int, int]
    shown: int
    total: int
    epoch: int


def neighbourhood_of(
    module: Module,
    *,
    now: datetime,
    direction: Direction = "both",
    depth: int = 1,
    limit: int = MOST_SHOWN,
    column_limit: int | None = None,
    is_drawn: bool = True,
) -> NeighbourhoodView | None:
    """The modules around one, those with most live deployments first; None before a snapshot.

    Rows are 0 unless it is to be drawn.
    """
    view = current_view(now)
    index = view.module_index(module.pk)
    if index is None:
        return None
    found = neighbourhood(
        view.graph,
        index,
        direction=direction,
        depth=min(max(depth, 1), MOST_DEPTH),
        limit=limit,
        current=view.is_current,
        weight=view.usage.module_live.sum(axis=1),
        column_limit=column_limit,
    )
    places = layered(found) if is_drawn else {}
    modules = module_rows(view, found.digraph.nodes)
    newest = version_rows(view, [view.newest[node] for node in found.digraph.nodes])
    nodes = {
        node: GraphNode(
            module=modules[node],
            newest=newest.get(int(view.newest[node])),
            live=int(view.usage.module_live[node].sum()),
            column=int(data["column"]),
            row=places[node][1] if is_drawn else 0.0,
        )
        for node, data in found.digraph.nodes(data=True)
    }
    edges = list(found.digraph.edges(data=True))
    versions = version_rows(view, [v for _, _, d in edges for v in (d["source"], d["target"])])
    ranges = ranges_of(view, [data["requirement"] for _, _, data in edges])
    return NeighbourhoodView(
        focus=nodes[index],
        nodes=sorted(nodes.values(), key=lambda node: (node.column, node.row, node.module.name)),
        edges=[
            GraphEdge(
                nodes[consumer],
                nodes[provider],
                versions.get(data["source"]),
                ranges.get(data["requirement"]),
                versions.get(data["target"]),
            )
            for consumer, provider, data in edges
        ],
        totals=found.totals,
        shown=found.shown,
        total=found.total,
        epoch=view.snapshot.epoch,
    )


def neighbourhood_file(
    module: Module, format: str, *, now: datetime, direction: Direction = "both", depth: int = 1
) -> Export | None:
    """The neighbourhood as a file of up to MOST_EXPORTED modules; None before a snapshot.

    The graph's attributes tell ``shown`` of ``total`` modules. A node's identity is its
    package URL, which holds no character that any format would have to quote.
    """
    found = neighbourhood_of(
        module, now=now, direction=direction, depth=depth, limit=MOST_EXPORTED, is_drawn=False
    )
    if found is None:
        return None
    digraph: nx.DiGraph[str] = nx.DiGraph(
        focus=module.purl,
        direction=direction,
        depth=depth,
        shown=found.shown,
        total=found.total,
        epoch=found.epoch,
    )
    digraph.add_nodes_from((node.module.purl, _node_data(node)) for node in found.nodes)
    digraph.add_edges_from(
        (edge.source.module.purl, edge.target.module.purl, _edge_data(edge)) for edge in found.edges
    )
    return export(digraph, format)


def _node_data(node: GraphNode) -> dict[str, Value]:
    owner = node.module.owner
    return {
        "label": node.module.name,
        "ecosystem": node.module.ecosystem,
        "owner": owner.name if owner else "",
        "newest": node.newest.version if node.newest else "",
        "live": node.live,
        "hops": node.column,
    }


def _edge_data(edge: GraphEdge) -> dict[str, Value]:
    return {
        "consumer": edge.consumer.version if edge.consumer else "",
        "declared": edge.declared or "",
        "is_locked": int(edge.declared is None),
        "resolved": edge.resolved.version if edge.resolved else "",
    }
