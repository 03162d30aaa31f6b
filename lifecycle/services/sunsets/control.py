"""What people do to a sunset on its way: let it go on now, force it, cancel it."""

from datetime import datetime

from lifecycle.exceptions import Blocked, NotInState, Waiting
from lifecycle.models import Notice, Sunset, SunsetItem
from lifecycle.permissions import Actor
from lifecycle.services.audit import record
from lifecycle.services.stops import require_no_stop
from lifecycle.services.sunsets.announcing import Force, require_force
from lifecycle.services.sunsets.executing import finish
from lifecycle.services.sunsets.rows import (
    labels,
    move,
    move_items,
    plan_item,
    require_all,
    rows_of,
    sunset_of,
)
from lifecycle.services.sunsets.steps import drive_one, take_steps
from lifecycle.services.sunsets.telling import announce_to_owners, tell_owners
from lifecycle.services.sunsets.terms import terms_from_json
from lifecycle.states import GONE, UNDER_WAY, ItemState, SunsetState
from lineage.ingest.bulk import graph_lock
from lineage.services.snapshot import refresh


def execute_sunset(
    sunset_id: int, *, actor: Actor, reason: str, now: datetime, force: Force | None = None
) -> Sunset:
    """Let an announced sunset go on now as far as it may.

    With force, owners that were told need not have had their time, and use, freezes and
    the window do not hold it up; whose notice was not delivered yet, it waits for.
    One that is done stays as it is. Raises UnknownThing, PermissionDenied, Stopped,
    NotInState, Waiting until its time has come, Blocked, BadForce.
    """
    with graph_lock():
        sunset = sunset_of(sunset_id)
        rows = rows_of(sunset)
        require_all(actor, [plan_item(row) for row in rows], sunset.title)
        if force is not None:
            require_force(actor, force, sunset.title)
        if sunset.state == SunsetState.DONE:
            return sunset
        if sunset.state not in UNDER_WAY:
            raise NotInState("executed", sunset.state)
        require_no_stop()
        refresh(now)
        if force is not None:
            _force(sunset, actor, force, now)
        take_steps(sunset, actor, now=now)
        sunset.refresh_from_db()
        if force is None:
            _require_under_way(sunset, now)
    refresh(now)
    drive_one(sunset.pk, now=now, actor=actor)
    sunset.refresh_from_db()
    return sunset


def cancel_sunset(sunset_id: int, *, actor: Actor, reason: str, now: datetime) -> Sunset:
    """Let what has not gone yet stay.

    What went already stays gone and can be restored; the sunset is then done. Raises
    UnknownThing, PermissionDenied, NotInState.
    """
    with graph_lock():
        sunset = sunset_of(sunset_id)
        rows = rows_of(sunset)
        require_all(actor, [plan_item(row) for row in rows], sunset.title)
        if sunset.state not in UNDER_WAY:
            raise NotInState("cancelled", sunset.state)
        before = sunset.state
        waiting = (ItemState.PLANNED, ItemState.DROPPED, ItemState.FAILED)
        rest = [row for row in rows if row.state in waiting]
        move_items(rest, ItemState.CANCELLED, now=now)
        by = {"cancelled_by": actor.name[:256], "cancelled_at": now}
        if SunsetItem.objects.filter(sunset=sunset, state__in=GONE).exists():
            Sunset.objects.filter(pk=sunset.pk).update(**by)
            finish(sunset, now=now)
        else:
            move(sunset, SunsetState.CANCELLED, now=now, next_step_at=None, **by)
        record(
            actor, "cancel", sunset.title, at=now, reason=reason,
            evidence={"sunset": sunset.pk, "items": labels(rest)},
            before={"state": before}, after={"state": sunset.state},
        )  # fmt: skip
        tell_owners(sunset, Notice.Kind.CANCELLED, rest, reason=reason, now=now)
        sunset.refresh_from_db()
    return sunset


def _force(sunset: Sunset, actor: Actor, force: Force, now: datetime) -> None:
    before = sunset.state
    Sunset.objects.filter(pk=sunset.pk).update(is_forced=True, force_reason=force.reason)
    sunset.refresh_from_db()
    planned = rows_of(sunset, ItemState.PLANNED)
    announce_to_owners(sunset, planned, terms=terms_from_json(sunset.terms), now=now)
    record(
        actor, "force", sunset.title, at=now, reason=force.reason,
        evidence={
            "sunset": sunset.pk, "items": labels(planned), "blockers": sunset.blockers,
        },
        before={"state": before, "is_forced": False}, after={"is_forced": True},
    )  # fmt: skip


def _require_under_way(sunset: Sunset, now: datetime) -> None:
    """Raise what keeps it from going on, by name."""
    if sunset.state == SunsetState.BLOCKED:
        raise Blocked([_words(blocker) for blocker in sunset.blockers])
    if sunset.state == SunsetState.ANNOUNCED:
        raise Waiting("its owners' notices are not delivered yet")
    if sunset.state == SunsetState.GRACE:
        until = sunset.next_step_at or now
        raise Waiting(f"its time comes {until:%-d %b %Y %H:%M} UTC")


def _words(blocker: dict[str, str]) -> str:
    return f"{blocker['name']} {blocker['detail']}".strip()
