"""The steps of a sunset: from announced to done, each taken under the graph lock."""

from datetime import datetime

from lifecycle.models import Sunset
from lifecycle.permissions import Actor, system_actor
from lifecycle.selectors.stops import current_stop
from lifecycle.services.audit import record
from lifecycle.services.sunsets.checks import check, findings_for
from lifecycle.services.sunsets.executing import LATER, execute_batch, note_blockers
from lifecycle.services.sunsets.rows import move, rows_of
from lifecycle.services.sunsets.telling import announce_to_owners, readiness
from lifecycle.services.sunsets.terms import terms_from_json
from lifecycle.states import ItemState, SunsetState
from lineage.ingest.bulk import graph_lock
from lineage.services.snapshot import refresh

MOST_STEPS = 10_000


def drive_one(pk: int, *, now: datetime, actor: Actor | None = None) -> int:
    """Take every step of a sunset that is due; returns how many there were.

    Each is a transaction of its own: stopped anywhere, the next call goes on from there.
    """
    actor = actor or system_actor()
    taken = 0
    while taken < MOST_STEPS and step(pk, now=now, actor=actor):
        taken += 1
    return taken


def step(pk: int, *, now: datetime, actor: Actor) -> bool:
    """Take the next step of a sunset if it is due; returns whether anything moved."""
    with graph_lock():
        refresh(now)
        sunset = Sunset.objects.get(pk=pk)
        moved = take_step(sunset, actor, now=now)
    if moved:
        # Only what is committed may become a snapshot.
        refresh(now)
    return moved


def take_steps(sunset: Sunset, actor: Actor, *, now: datetime) -> None:
    """Go on to the first batch inclusive, in the caller's transaction under the graph lock."""
    while sunset.state in (SunsetState.ANNOUNCED, SunsetState.GRACE, SunsetState.BLOCKED):
        if not take_step(sunset, actor, now=now):
            return
    if sunset.state == SunsetState.EXECUTING:
        take_step(sunset, actor, now=now)


def take_step(sunset: Sunset, actor: Actor, *, now: datetime) -> bool:
    """One step, in the caller's transaction; none while the emergency stop is on."""
    if current_stop() is not None:
        return False
    match sunset.state:
        case SunsetState.ANNOUNCED:
            return _announced(sunset, now)
        case SunsetState.GRACE:
            return _grace(sunset, now)
        case SunsetState.EXECUTING:
            return _executing(sunset, actor, now)
        case SunsetState.BLOCKED:
            return _blocked(sunset, now)
        case _:
            return False


def _announced(sunset: Sunset, now: datetime) -> bool:
    """Until every owner was told."""
    terms = terms_from_json(sunset.terms)
    planned = rows_of(sunset, ItemState.PLANNED)
    ready = readiness(sunset, planned, findings_for(sunset, planned), terms)
    if ready.last is None:
        untold = [row for row in planned if row.pk in ready.untold]
        announce_to_owners(sunset, untold, terms=terms, now=now)
        _wait(sunset, now)
        return False
    until = ready.last
    if not move(sunset, SunsetState.GRACE, now=now, grace_until=until, next_step_at=until):
        return False
    if until > now:
        _note(sunset, "grace", SunsetState.ANNOUNCED, now, until=until.isoformat())
    return True


def _grace(sunset: Sunset, now: datetime) -> bool:
    """Until the owners had their time and the window is open."""
    if not sunset.is_forced and sunset.grace_until is not None and sunset.grace_until > now:
        _wait(sunset, sunset.grace_until)
        return False
    if not _is_open(sunset, now):
        return False
    return move(sunset, SunsetState.EXECUTING, now=now, next_step_at=now)


def _executing(sunset: Sunset, actor: Actor, now: datetime) -> bool:
    return _is_open(sunset, now) and execute_batch(sunset, actor, now=now)


def _blocked(sunset: Sunset, now: datetime) -> bool:
    """Until something of it may go after all."""
    planned = rows_of(sunset, ItemState.PLANNED)
    checked = check(sunset, planned, findings_for(sunset, planned), now=now)
    note_blockers(sunset, checked.blocked + checked.paused)
    if not checked.may_go:
        _wait(sunset, now + LATER)
        return False
    if not move(sunset, SunsetState.GRACE, now=now, next_step_at=now):
        return False
    _note(sunset, "unblock", SunsetState.BLOCKED, now)
    return True


def _is_open(sunset: Sunset, now: datetime) -> bool:
    """Whether things may go at this hour; force knows no hours."""
    window = terms_from_json(sunset.terms).window
    if sunset.is_forced or window.is_open(now):
        return True
    _wait(sunset, window.next_open(now))
    return False


def _wait(sunset: Sunset, until: datetime) -> None:
    Sunset.objects.filter(pk=sunset.pk).update(next_step_at=until)


def _note(sunset: Sunset, action: str, before: SunsetState, now: datetime, **evidence: str) -> None:
    record(
        system_actor(), action, sunset.title, at=now, reason=sunset.reason,
        evidence={"sunset": sunset.pk, **evidence},
        before={"state": before}, after={"state": sunset.state},
    )  # fmt: skip
