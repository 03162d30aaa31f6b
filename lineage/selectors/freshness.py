"""Freshness: how old the data is, and what every page rests on."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from lineage.models import IngestRun, Source
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current


@dataclass(frozen=True, slots=True)
class Freshness:
    """``data_at`` is the last ingest that ended well, None if there was none.

    ``is_behind``: data came in that the snapshot does not hold yet.
    """

    data_at: datetime | None
    epoch: int
    snapshot_epoch: int
    is_behind: bool
    is_simulated: bool
    is_empty: bool


def freshness(now: datetime) -> Freshness:
    """How old the data is that answers rest on."""
    epoch = current_epoch().number
    snapshot = current(now)
    done = IngestRun.objects.filter(status=IngestRun.Status.DONE)
    return Freshness(
        data_at=done.aggregate(at=Max("finished_at"))["at"],
        epoch=epoch,
        snapshot_epoch=snapshot.epoch,
        is_behind=snapshot.epoch < epoch,
        is_simulated=Source.objects.filter(is_simulated=True).exists(),
        is_empty=not len(snapshot.graph.module_ids),
    )
