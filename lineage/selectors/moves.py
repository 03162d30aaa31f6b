"""Moves: what resolves elsewhere by itself once some versions of a module are gone."""

from dataclasses import dataclass

import numpy as np

from lineage.models import Version
from lineage.selectors.fates import Fates
from lineage.selectors.view import View, version_rows

MOST_MOVES = 100


@dataclass(frozen=True, slots=True)
class Move:
    """One range and the version it will take; consumers are modules that declare it today.

    Live deployments are those of the consumers themselves, each counted once in a row.
    """

    declared: str
    now: Version | None
    then: Version | None
    consumers: int
    live_prod: int
    live_preprod: int


@dataclass(frozen=True, slots=True)
class Moves:
    """The first of ``total`` ranges, those that run most first.

    The counts are of distinct consumers and deployments over all of them.
    """

    rows: tuple[Move, ...]
    total: int
    consumers: int
    live_prod: int
    live_preprod: int


def moves_of(view: View, fates: Fates) -> Moves:
    """Where ranges that something else satisfies go, as far as a consumer declares them."""
    graph = view.graph
    moving = ~fates.is_held
    consumer, edge = fates.consumer[moving], fates.edge[moving]
    pairs = np.unique(np.stack([edge, graph.version_module[consumer]]), axis=1)
    count = len(fates.requirement)
    consumers = np.bincount(pairs[0], minlength=count)
    live = np.zeros((count, 2), dtype=np.int64)
    np.add.at(live, edge, view.usage.version_own[consumer])
    places = np.flatnonzero(consumers)
    order = np.lexsort((places, -consumers[places], -live[places].sum(axis=1)))
    chosen = places[order][:MOST_MOVES]
    now, then = graph.requirement_target[fates.requirement[chosen]], fates.goes_to[chosen]
    rows = version_rows(view, np.concatenate([now, then]))
    distinct = np.unique(consumer)
    total = view.usage.version_own[distinct].sum(axis=0)
    return Moves(
        rows=tuple(
            Move(
                fates.texts[int(fates.requirement[place])],
                rows.get(int(now[i])),
                rows.get(int(then[i])),
                int(consumers[place]),
                int(live[place, 0]),
                int(live[place, 1]),
            )
            for i, place in enumerate(chosen)
        ),
        total=len(places),
        consumers=len(np.unique(graph.version_module[distinct])),
        live_prod=int(total[0]),
        live_preprod=int(total[1]),
    )
