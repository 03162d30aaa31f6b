"""Freshness: how old the data is, and what every page rests on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from lineage.models import IngestRun
from lineage.selectors.sources import SourceStanding, source_standings
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current


@dataclass(frozen=True, slots=True)
class Freshness:
    """``data_at`` is the last ingest that ended well, None if there was none.

    ``is_behind``: data came in that the snapshot does not hold yet. ``troubled`` are the
    sources that are late, quiet or held.
    """

    data_at: datetime | None
    epoch: int
    snapshot_epoch: int
    is_behind: bool
    is_simulated: bool
    is_empty: bool
    troubled: tuple[SourceStanding, ...]


def freshness(now: datetime) -> Freshness:
    """How old the data is that answers rest on."""
    epoch = current_epoch().number
    snapshot = current(now)
    standings = source_standings(now)
    done = IngestRun.objects.filter(status=IngestRun.Status.DONE)
    return Freshness(
        data_at=done.aggregate(at=Max("finished_at"))["at"],
        epoch=epoch,
        snapshot_epoch=snapshot.epoch,
        is_behind=snapshot.epoch < epoch,
        is_simulated=any(row.source.is_simulated for row in standings),
        is_empty=not len(snapshot.graph.module_ids),
        troubled=tuple(row for row in standings if row.is_troubled),
    )
