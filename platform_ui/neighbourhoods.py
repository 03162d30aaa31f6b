"""A neighbourhood as coordinates of a drawing: boxes in columns, edges as paths."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lineage.graph.neighbourhood import DIRECTIONS
from lineage.models import Module
from lineage.selectors.graph import (
    MOST_DEPTH,
    MOST_EXPORTED,
    GraphEdge,
    GraphNode,
    NeighbourhoodView,
    neighbourhood_of,
)
from platform_ui.filters import Choice, Filter
from platform_ui.params import choice_of, number_of

WIDTH, HEIGHT = 168, 40  # of a box
COLUMN, ROW = 300, 56  # from box to box
TOP = 40
LABEL = 22  # characters of an edge label
MOST_IN_COLUMN = 12
EXPORTS = (("GraphML", "graphml"), ("DOT", "dot"), ("JSON", "json"))


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn."""

    node: GraphNode
    x: float
    y: float
    is_focus: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as drawn; labels only where they cannot collide."""

    edge: GraphEdge
    path: str
    label: str
    label_x: float
    label_y: float
    is_held: bool


@dataclass(frozen=True, slots=True)
class Hop:
    """A column's heading."""

    text: str
    x: float


@dataclass(frozen=True, slots=True)
class Fold:
    """What a column holds and does not show, with the list that has all of it."""

    text: str
    url: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template draws, in its own units."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    hops: list[Hop]
    folds: list[Fold]


def neighbourhood_context(request: HttpRequest, module: Module) -> dict[str, Any]:
    """What the graph template needs: the neighbourhood, its drawing and its filters."""
    direction = choice_of(request.GET, "direction", ("both", *DIRECTIONS))
    depth = min(max(number_of(request.GET, "depth", 1), 1), MOST_DEPTH)
    found = neighbourhood_of(
        module,
        now=timezone.now(),
        direction=direction,  # type: ignore[arg-type]
        depth=depth,
        column_limit=MOST_IN_COLUMN,
    )
    hops = [Choice(str(n), f"{n} hops") for n in range(2, MOST_DEPTH + 1)]
    ways = [Choice("dependents", "consumers"), Choice("dependencies", "providers")]
    return {
        "found": found,
        "drawing": draw(found) if found else None,
        "direction": direction,
        "depth": depth,
        "exports": EXPORTS,
        "most_exported": MOST_EXPORTED,
        "filters": [
            Filter("direction", "Side", choices=ways, any_label="both"),
            Filter("depth", "Depth", choices=hops, any_label="1 hop"),
        ],
    }


def draw(found: NeighbourhoodView) -> Drawing:
    """Place boxes by column and row, and edges between their sides."""
    first = min(node.column for node in found.nodes)
    least = min(node.row for node in found.nodes)
    boxes = {
        node.module.pk: Box(
            node,
            (node.column - first) * COLUMN,
            TOP + (node.row - least) * ROW,
            node is found.focus,
        )
        for node in found.nodes
    }
    columns = sorted({node.column for node in found.nodes})
    folds = [fold for column in columns if (fold := _fold(column, found, boxes.values()))]
    lines = [_line(edge, boxes) for edge in found.edges]
    return Drawing(
        width=int((columns[-1] - first) * COLUMN + WIDTH),
        height=int(
            max([*(box.y for box in boxes.values()), *(fold.y for fold in folds)]) + HEIGHT + 12
        ),
        boxes=list(boxes.values()),
        lines=[line for line in lines if line is not None],
        hops=[Hop(_heading(column, found.totals), (column - first) * COLUMN) for column in columns],
        folds=folds,
    )


def _fold(column: int, found: NeighbourhoodView, boxes: Iterable[Box]) -> Fold | None:
    own = [box for box in boxes if box.node.column == column]
    hidden = found.totals.get(column, 0) - len(own)
    if hidden <= 0:
        return None
    module = found.focus.module
    tab = "dependencies" if column > 0 else "dependents"
    query = f"?tab={tab}" + ("&transitive=1" if abs(column) > 1 else "")
    lowest = max(box.y for box in own)
    url = reverse("module", args=(module.ecosystem, module.name)) + query
    return Fold(f"+ {hidden:,} more", url, own[0].x, lowest + ROW)


def _line(edge: GraphEdge, boxes: dict[int, Box]) -> Line | None:
    source, target = boxes[edge.source.module.pk], boxes[edge.target.module.pk]
    if source is target:
        return None
    forward = source.x < target.x
    x1 = source.x + (WIDTH if forward else 0)
    x2 = target.x + (0 if forward else WIDTH)
    y1, y2 = source.y + HEIGHT / 2, target.y + HEIGHT / 2
    if source.x == target.x:  # within a column: out and back on the right
        x1 = x2 = source.x + WIDTH
        path = f"M{x1:g} {y1:g}C{x1 + 40:g} {y1:g} {x2 + 40:g} {y2:g} {x2:g} {y2:g}"
    else:
        middle = (x1 + x2) / 2
        path = f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    resolved = edge.resolved.version if edge.resolved else "nothing"
    label = f"{edge.declared or 'locked'} → {resolved}"
    outer = source if abs(edge.source.column) > abs(edge.target.column) else target
    at_source = outer is source
    return Line(
        edge=edge,
        path=path,
        label=label if forward and len(label) <= LABEL else "",
        label_x=source.x + WIDTH + 6 if at_source else target.x - 6,
        label_y=(y1 if at_source else y2) - 6,
        is_held=edge.source.live == 0,
    )


def _heading(column: int, totals: dict[int, int]) -> str:
    if column == 0:
        return "Focus"
    side = "Consumers" if column < 0 else "Providers"
    hops = abs(column)
    return f"{side}, {hops} hop{'' if hops == 1 else 's'}: {totals.get(column, 0):,}"
