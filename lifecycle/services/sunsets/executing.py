"""Executing: a batch is checked again and recorded, in the one transaction of the graph lock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from lifecycle.executors.record import RECORD
from lifecycle.models import ExecutorCall, Finding, Notice, Sunset, SunsetItem
from lifecycle.permissions import Actor, system_actor
from lifecycle.policies.terms import Terms
from lifecycle.services.audit import record
from lifecycle.services.executor_calls import write_calls
from lifecycle.services.findings import close_findings
from lifecycle.services.sunsets.checks import Refused, check, findings_for
from lifecycle.services.sunsets.recording import record_gone
from lifecycle.services.sunsets.rows import labels, move, move_items, rows_of, states_of
from lifecycle.services.sunsets.telling import announce_to_owners, readiness, tell_owners
from lifecycle.services.sunsets.terms import terms_from_json
from lifecycle.states import ItemState, SunsetState

LATER = timedelta(minutes=15)
MOST_KEPT = 100  # blockers in the sunset's own row; each item keeps its own


def execute_batch(sunset: Sunset, actor: Actor, *, now: datetime) -> bool:
    """Take the next items that may go; returns whether anything moved.

    Runs under the graph lock on a snapshot of the transaction.
    """
    terms = terms_from_json(sunset.terms)
    planned = rows_of(sunset, ItemState.PLANNED)
    if not planned:
        return finish(sunset, now=now, is_audited=False)
    findings = findings_for(sunset, planned)
    ready = readiness(sunset, planned, findings, terms)
    untold = [row for row in planned if row.pk in ready.untold]
    announce_to_owners(sunset, untold, terms=terms, now=now)
    due = [row for row in planned if (at := ready.ready_at[row.pk]) is not None and at <= now]
    room = _room(sunset, terms, now)
    if not due or not room:
        wait = ready.next if not due and not untold else None
        _look_again(sunset, _tomorrow(now) if due else wait or now)
        return False
    return _take(sunset, due[:room], findings, actor, is_all=len(due[:room]) == len(planned),
                 terms=terms, now=now)  # fmt: skip


def finish(sunset: Sunset, *, now: datetime, is_audited: bool = True) -> bool:
    """Settle a sunset of which nothing is left to take; returns whether it was.

    Items the executor has not answered for are waited for. ``is_audited``: the caller's
    own entry says what led to it.
    """
    states = states_of(sunset)
    if ItemState.PLANNED in states or sunset.state != SunsetState.EXECUTING:
        return False
    if ItemState.EXECUTING in states:
        _look_again(sunset, now + LATER)
        return False
    went = rows_of(sunset, ItemState.DONE)
    if went or states & {ItemState.REVIVED, ItemState.RESTORED, ItemState.RESTORING}:
        if move(sunset, SunsetState.DONE, now=now, next_step_at=sunset.restorable_until):
            tell_owners(sunset, Notice.Kind.SUNSET, went, reason=sunset.reason, now=now)
            if not is_audited:
                _note_done(sunset, went, now)
            return True
        return False
    return _block(sunset, rows_of(sunset, ItemState.DROPPED), now=now)


def _note_done(sunset: Sunset, went: Sequence[SunsetItem], now: datetime) -> None:
    record(
        system_actor(), "done", sunset.title, at=now, reason="Nothing of it is left to take.",
        evidence={"sunset": sunset.pk, "items": labels(went)},
        before={"state": SunsetState.EXECUTING}, after={"state": SunsetState.DONE},
    )  # fmt: skip


def _take(
    sunset: Sunset,
    due: Sequence[SunsetItem],
    findings: list[Finding],
    actor: Actor,
    *,
    is_all: bool,
    terms: Terms,
    now: datetime,
) -> bool:
    checked = check(sunset, due, findings, now=now)
    note_blockers(sunset, checked.blocked + checked.paused)
    if is_all and not checked.may_go and checked.blocked and not _has_gone(sunset):
        return _block(sunset, [], now=now)
    _drop(sunset, checked.blocked, actor, now)
    _record(sunset, checked.may_go, actor, terms, now)
    if checked.may_go:
        _close_findings(sunset, findings, now)
    is_moved = bool(checked.may_go or checked.blocked)
    if finish(sunset, now=now, is_audited=is_moved) or is_moved:
        return True
    _look_again(sunset, now + LATER)
    return False


def _record(
    sunset: Sunset, rows: list[SunsetItem], actor: Actor, terms: Terms, now: datetime
) -> None:
    if not rows:
        return
    is_immediate = terms.executor == RECORD
    state = ItemState.DONE if is_immediate else ItemState.EXECUTING
    record_gone(rows, at=now)
    move_items(rows, state, now=now, executed_at=now)
    if not is_immediate:
        write_calls([row.pk for row in rows], ExecutorCall.Operation.SUNSET, now=now)
    sunset.executed_at, sunset.restorable_until = now, now + terms.restorable_for
    sunset.save(update_fields=["executed_at", "restorable_until"])
    record(
        actor, "sunset", sunset.title, at=now, reason=sunset.force_reason or sunset.reason,
        evidence={
            "sunset": sunset.pk, "plan": sunset.plan_hash, "epoch": sunset.epoch,
            "why": sunset.evidence, "items": labels(rows), "executor": terms.executor,
            **({"forced": True} if sunset.is_forced else {}),
        },
        before={"state": "live"}, after={"state": state},
    )  # fmt: skip


def _drop(sunset: Sunset, refused: Refused, actor: Actor, now: datetime) -> None:
    for row, blockers in refused:
        named = [blocker.as_json() for blocker in blockers[:MOST_KEPT]]
        move_items([row], ItemState.DROPPED, now=now, blockers=named)
    if refused:
        record(
            actor, "drop", sunset.title, at=now, reason="In the way at the last check.",
            evidence={
                "sunset": sunset.pk, "items": [row.label for row, _ in refused],
                "blockers": sorted({str(b) for _, found in refused for b in found})[:MOST_KEPT],
            },
            before={"state": ItemState.PLANNED}, after={"state": ItemState.DROPPED},
        )  # fmt: skip


def _close_findings(sunset: Sunset, findings: list[Finding], now: datetime) -> None:
    """Those of which nothing is left to take and something went."""
    rows = SunsetItem.objects.filter(sunset=sunset).order_by().values_list("subject", "state")
    left = {subject for subject, state in rows if state == ItemState.PLANNED}
    went = {subject for subject, state in rows if state in (ItemState.DONE, ItemState.EXECUTING)}
    # By what they are of: one that closed and opened again has another id.
    over = Finding.objects.filter(
        rule__in={f.rule for f in findings}, subject__in=went - left, closed_at=None
    )
    ids = list(over.values_list("id", flat=True))
    close_findings(ids, reason=Finding.CloseReason.SUNSET, now=now)


def _block(sunset: Sunset, dropped: Sequence[SunsetItem], *, now: datetime) -> bool:
    """Nothing of it can go: it stays as it is, and is looked at again."""
    move_items(dropped, ItemState.PLANNED, now=now)
    before = sunset.state
    if not move(sunset, SunsetState.BLOCKED, now=now, next_step_at=now + LATER):
        return False
    record(
        system_actor(), "block", sunset.title, at=now,
        reason="Everything it lists is in somebody's way.",
        evidence={"sunset": sunset.pk, "blockers": sunset.blockers, "items": labels(dropped)},
        before={"state": before}, after={"state": SunsetState.BLOCKED},
    )  # fmt: skip
    return True


def note_blockers(sunset: Sunset, refused: Refused) -> None:
    """Keep what stood in the way when the sunset was last looked at."""
    every = list(dict.fromkeys(b for _, found in refused for b in found))[:MOST_KEPT]
    named = [blocker.as_json() for blocker in every]
    if named != sunset.blockers:
        sunset.blockers = named
        sunset.save(update_fields=["blockers"])


def _has_gone(sunset: Sunset) -> bool:
    kept = (ItemState.PLANNED, ItemState.DROPPED, ItemState.CANCELLED)
    return SunsetItem.objects.filter(sunset=sunset).exclude(state__in=kept).exists()


def _room(sunset: Sunset, terms: Terms, now: datetime) -> int:
    """How many items may go now: a batch, and what the day's cap leaves of it."""
    if not terms.daily_cap:
        return terms.batch_size
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    same = Q(sunset__policy=sunset.policy_id) if sunset.policy_id else Q(sunset__policy=None)
    went = SunsetItem.objects.filter(same, executed_at__gte=today).count()
    return max(min(terms.batch_size, terms.daily_cap - went), 0)


def _tomorrow(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _look_again(sunset: Sunset, at: datetime) -> None:
    Sunset.objects.filter(pk=sunset.pk).update(next_step_at=at)
