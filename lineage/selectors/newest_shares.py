"""What share of the consumers that run takes the newest version of each module."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lineage.selectors.upgrade_edges import UpgradeFilter, edges_of
from lineage.selectors.view import current_view


@dataclass(frozen=True, slots=True)
class NewestShare:
    """Of one module: live deployments of direct consumers, and those that take its newest."""

    version_id: int
    taken: int
    total: int


def newest_shares(filter: UpgradeFilter, *, now: datetime) -> dict[int, NewestShare]:
    """Module id -> its share, where any direct consumer runs; counted in arrays."""
    view = current_view(now)
    graph, edges = view.graph, edges_of(view, filter)
    edges = edges[edges.newest >= 0]
    live = view.usage.version_own[edges.consumer].sum(axis=1)
    takes = np.where((edges.current == edges.newest) & ~edges.lags, live, 0)
    module = graph.requirement_module[edges.requirement]
    size = len(graph.module_ids)
    total, taken = np.bincount(module, live, size), np.bincount(module, takes, size)
    there = np.flatnonzero(total)
    newest = graph.version_ids[view.newest[there]]
    rows = zip(graph.module_ids[there], newest, taken[there], total[there], strict=True)
    return {int(pk): NewestShare(int(one), int(took), int(of)) for pk, one, took, of in rows}
