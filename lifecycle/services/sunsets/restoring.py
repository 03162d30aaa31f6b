"""Restoring: a sunset comes back as it was, whole or in part, inside its retention."""

from collections.abc import Collection, Sequence
from datetime import datetime

from lifecycle.exceptions import CannotRestore, UnknownThing
from lifecycle.executors.record import RECORD
from lifecycle.models import ExecutorCall, Notice, Sunset, SunsetItem
from lifecycle.permissions import Actor
from lifecycle.services.audit import record
from lifecycle.services.executor_calls import write_calls
from lifecycle.services.sunsets.executing import finish
from lifecycle.services.sunsets.recording import take_back
from lifecycle.services.sunsets.reviving import mark_revived
from lifecycle.services.sunsets.rows import (
    labels,
    move,
    move_items,
    plan_item,
    require_all,
    rows_of,
    sunset_of,
)
from lifecycle.services.sunsets.telling import tell_owners
from lifecycle.services.sunsets.terms import terms_from_json
from lifecycle.states import GONE, RESTORABLE, ItemState, SunsetState
from lineage.ingest.bulk import graph_lock
from lineage.services.snapshot import refresh


def restore_sunset(
    sunset_id: int,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    item_ids: Collection[int] | None = None,
) -> Sunset:
    """Bring the whole batch back as it was, or some items of it.

    One that is still executing stops there: what went comes back, the rest stays. What
    came back by itself meanwhile stays as it is. Works while the emergency stop is on.
    Raises UnknownThing, PermissionDenied, CannotRestore.
    """
    with graph_lock():
        sunset = sunset_of(sunset_id)
        rows = _rows(sunset, item_ids)
        require_all(actor, [plan_item(row) for row in rows], sunset.title)
        _require_restorable(sunset, now)
        mark_revived(now)
        rows = _rows(sunset, item_ids)
        gone = [row for row in rows if row.state in GONE]
        if item_ids is not None and not gone:
            raise CannotRestore("nothing of these items is gone")
        _restore(sunset, rows, gone, actor, reason, now, is_whole=item_ids is None)
        sunset.refresh_from_db()
    refresh(now)
    return sunset


def _rows(sunset: Sunset, item_ids: Collection[int] | None) -> list[SunsetItem]:
    rows = rows_of(sunset)
    if item_ids is None:
        return rows
    chosen = [row for row in rows if row.pk in set(item_ids)]
    if len(chosen) != len(set(item_ids)):
        raise UnknownThing("item of this sunset")
    return chosen


def _require_restorable(sunset: Sunset, now: datetime) -> None:
    if sunset.state not in RESTORABLE:
        raise CannotRestore(f"it is {sunset.state}")
    if sunset.restorable_until < now:
        raise CannotRestore(f"that was possible until {sunset.restorable_until:%-d %b %Y}")


def _restore(
    sunset: Sunset,
    rows: Sequence[SunsetItem],
    gone: Sequence[SunsetItem],
    actor: Actor,
    reason: str,
    now: datetime,
    *,
    is_whole: bool,
) -> None:
    before = sunset.state
    take_back(gone, at=now)
    told = _tell_executor(sunset, gone, now)
    move_items([row for row in gone if row.pk in told], ItemState.RESTORING, now=now)
    move_items([row for row in gone if row.pk not in told], ItemState.RESTORED, now=now)
    if is_whole:
        waiting = (ItemState.PLANNED, ItemState.DROPPED)
        rest = [row for row in rows if row.state in waiting]
        if before == SunsetState.EXECUTING:
            move_items(rest, ItemState.CANCELLED, now=now)
    is_over = (
        is_whole
        or not SunsetItem.objects.filter(
            sunset=sunset, state__in=(*GONE, ItemState.PLANNED)
        ).exists()
    )
    by = actor.name[:256]
    if is_over:
        move(sunset, SunsetState.RESTORED, now=now, next_step_at=None,
             restored_at=now, restored_by=by)  # fmt: skip
    else:
        sunset.restored_by = by
        finish(sunset, now=now)
    record(
        actor, "restore", sunset.title, at=now, reason=reason,
        evidence={"sunset": sunset.pk, "items": labels(rows if is_whole else gone)},
        before={"state": before}, after={"state": sunset.state},
    )  # fmt: skip
    sunset.restored_by = by
    tell_owners(sunset, Notice.Kind.RESTORED, gone, reason=reason, now=now)


def _tell_executor(sunset: Sunset, gone: Sequence[SunsetItem], now: datetime) -> set[int]:
    """The items an executor has to bring back as well."""
    if terms_from_json(sunset.terms).executor == RECORD:
        return set()
    return write_calls([row.pk for row in gone], ExecutorCall.Operation.RESTORE, now=now)
