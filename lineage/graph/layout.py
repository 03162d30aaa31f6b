"""Layout: coordinates for a neighbourhood, columns by hops, few crossings (pure)."""

from collections import defaultdict
from collections.abc import Iterable

from lineage.graph.neighbourhood import Neighbourhood

SWEEPS = 4


def layered(
    neighbourhood: Neighbourhood, *, column_width: float = 1.0, row_height: float = 1.0
) -> dict[int, tuple[float, float]]:
    """Node -> (x, y): x by column, consumers left, y centred on 0 in each column.

    Rows follow the mean place of a node's neighbours one column nearer, then one
    farther, swept SWEEPS times; of all orders tried the one with the fewest crossings
    between neighbouring columns stands. Deterministic; ties go by module index.
    """
    columns: dict[int, list[int]] = defaultdict(list)
    for node, column in sorted(_column_of(neighbourhood).items()):
        columns[column].append(node)
    links = _links(neighbourhood)
    best, least = dict(columns), _crossings(columns, links)
    for sweep in range(SWEEPS):
        columns = _swept(columns, links, outward=sweep % 2 == 0)
        crossings = _crossings(columns, links)
        if crossings < least:
            best, least = columns, crossings
    return {
        node: (column * column_width, (row - (len(nodes) - 1) / 2) * row_height)
        for column, nodes in sorted(best.items())
        for row, node in enumerate(nodes)
    }


def _column_of(neighbourhood: Neighbourhood) -> dict[int, int]:
    nodes = neighbourhood.digraph.nodes
    return {node: nodes[node]["column"] for node in nodes}


def _links(neighbourhood: Neighbourhood) -> dict[int, list[int]]:
    """Node -> neighbours in the columns beside its own."""
    column = _column_of(neighbourhood)
    links: dict[int, list[int]] = defaultdict(list)
    for consumer, provider in neighbourhood.digraph.edges:
        if abs(column[consumer] - column[provider]) == 1:
            links[consumer].append(provider)
            links[provider].append(consumer)
    return links


def _swept(
    columns: dict[int, list[int]], links: dict[int, list[int]], *, outward: bool
) -> dict[int, list[int]]:
    """Order each column by its neighbours in the one before, from the middle out or back."""
    swept = dict(columns)
    for column in sorted(columns, key=abs, reverse=not outward):
        step = -1 if column > 0 else 1
        if not outward:
            step = -step
        if column == 0 or column + step not in columns:
            continue
        rows = {node: float(row) for row, node in enumerate(swept[column + step])}
        own = {node: float(row) for row, node in enumerate(swept[column])}
        centre = {
            node: _mean((rows[other] for other in links[node] if other in rows), own[node])
            for node in swept[column]
        }
        swept[column] = sorted(swept[column], key=lambda node: (centre[node], own[node], node))
    return swept


def _mean(values: Iterable[float], default: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else default


def _crossings(columns: dict[int, list[int]], links: dict[int, list[int]]) -> int:
    """Pairs of edges between neighbouring columns that cross."""
    total = 0
    for column, nodes in columns.items():
        if column + 1 not in columns:
            continue
        rows = {node: row for row, node in enumerate(columns[column + 1])}
        ends = [row for node in nodes for row in sorted(rows[o] for o in links[node] if o in rows)]
        total += _inversions(ends, len(rows))
    return total


def _inversions(values: list[int], size: int) -> int:
    """Pairs out of order, by a binary indexed tree over the values below ``size``."""
    tree = [0] * (size + 1)
    total = 0
    for seen, value in enumerate(values):
        place, smaller_or_equal = value + 1, 0
        while place:
            smaller_or_equal += tree[place]
            place &= place - 1
        total += seen - smaller_or_equal
        place = value + 1
        while place <= size:
            tree[place] += 1
            place += place & -place
    return total
