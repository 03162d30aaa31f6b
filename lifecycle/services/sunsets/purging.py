"""Purging: once a sunset can no longer be restored, what is still gone is gone for good."""

from datetime import datetime

from lifecycle.executors.record import RECORD
from lifecycle.models import ExecutorCall, Sunset
from lifecycle.permissions import system_actor
from lifecycle.selectors.stops import current_stop
from lifecycle.services.audit import record
from lifecycle.services.executor_calls import write_calls
from lifecycle.services.sunsets.reviving import mark_revived
from lifecycle.services.sunsets.rows import labels, move, move_items, rows_of
from lifecycle.services.sunsets.terms import terms_from_json
from lifecycle.states import ItemState, SunsetState
from lineage.ingest.bulk import graph_lock


def purge_sunset(pk: int, *, now: datetime) -> bool:
    """Purge a sunset whose retention is over; returns whether it was this call that did.

    Nothing that came back is purged; where everything did, the sunset counts as restored.
    Our own records keep their history: an executor is told what need not be kept any more.
    """
    with graph_lock():
        sunset = Sunset.objects.get(pk=pk)
        if current_stop() is not None or sunset.state != SunsetState.DONE:
            return False
        if sunset.restorable_until >= now:
            Sunset.objects.filter(pk=pk).update(next_step_at=sunset.restorable_until)
            return False
        mark_revived(now)
        gone = rows_of(sunset, ItemState.DONE)
        if not gone:
            return _all_came_back(sunset, now)
        if not move(sunset, SunsetState.PURGED, now=now, next_step_at=None, purged_at=now):
            return False
        name = terms_from_json(sunset.terms).executor
        if name == RECORD:
            move_items(gone, ItemState.PURGED, now=now)
        else:
            write_calls([row.pk for row in gone], ExecutorCall.Operation.PURGE, now=now)
        record(
            system_actor(), "purge", sunset.title, at=now,
            reason="The time in which it could be restored is over.",
            evidence={"sunset": pk, "items": labels(gone), "executor": name},
            before={"state": SunsetState.DONE}, after={"state": SunsetState.PURGED},
        )  # fmt: skip
    return True


def _all_came_back(sunset: Sunset, now: datetime) -> bool:
    actor = system_actor()
    moved = move(
        sunset, SunsetState.RESTORED, now=now, next_step_at=None,
        restored_at=now, restored_by=actor.name,
    )  # fmt: skip
    if moved:
        record(
            actor, "restore", sunset.title, at=now,
            reason="Everything came back by itself before it was purged.",
            evidence={"sunset": sunset.pk, "items": []},
            before={"state": SunsetState.DONE}, after={"state": SunsetState.RESTORED},
        )  # fmt: skip
    return moved
