"""What an executor answers, item by item: carried out, or given up."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from lifecycle.exceptions import Blocked
from lifecycle.models import ExecutorCall, Sunset, SunsetItem
from lifecycle.permissions import system_actor
from lifecycle.services.audit import record
from lifecycle.services.executor_calls import write_calls
from lifecycle.services.stops import require_no_stop
from lifecycle.services.sunsets.checks import check, findings_for
from lifecycle.services.sunsets.executing import finish
from lifecycle.services.sunsets.recording import record_gone, take_back
from lifecycle.services.sunsets.rows import labels, move_items, with_owners
from lifecycle.states import ItemState
from lineage.ingest.bulk import graph_lock
from lineage.services.snapshot import refresh

Operation = ExecutorCall.Operation
State = ExecutorCall.State
CARRIED_OUT = {
    Operation.SUNSET: (ItemState.EXECUTING, ItemState.DONE),
    Operation.RESTORE: (ItemState.RESTORING, ItemState.RESTORED),
    Operation.PURGE: (ItemState.DONE, ItemState.PURGED),
}


def acknowledge_calls(call_ids: Collection[int], *, now: datetime) -> int:
    """Note that an executor carried calls out; returns how many were not settled before.

    Idempotent; what was settled or withdrawn meanwhile stays as it is.
    """
    with graph_lock():
        calls = _open(call_ids)
        for call in calls:
            ExecutorCall.objects.filter(pk=call.pk, state__in=ExecutorCall.OPEN).update(
                state=State.ACKNOWLEDGED, acknowledged_at=now, error=""
            )
        for (sunset, operation), rows in _by_sunset(calls).items():
            before, after = CARRIED_OUT[operation]
            ours = [row for row in rows if row.state == before]
            move_items(ours, after, now=now, error="")
            _note(sunset, f"{operation} acknowledged", ours, before, after, now)
            finish(sunset, now=now, is_audited=bool(ours))
    return len(calls)


def give_up_calls(errors: Mapping[int, str], *, now: datetime) -> int:
    """Note that an executor could not be brought to carry calls out; returns how many.

    An item that was to go is taken back in our records and failed, with the error. One
    that was to come back or to be purged stays as it is and shows the error. Idempotent.
    """
    with graph_lock():
        calls = _open(list(errors))
        failed: dict[int, str] = {}
        for call in calls:
            failed[call.item_id] = errors[call.pk]
            ExecutorCall.objects.filter(pk=call.pk, state__in=ExecutorCall.OPEN).update(
                state=State.GIVEN_UP, error=errors[call.pk]
            )
        for (sunset, operation), rows in _by_sunset(calls).items():
            _give_up(sunset, operation, rows, failed, now)
    refresh(now)
    return len(calls)


def execute_again(item_ids: Collection[int], *, now: datetime) -> int:
    """Take failed items once more, checked as if for the first time; returns how many.

    The caller checked who asks. Raises Stopped, Blocked naming what is in the way.
    """
    with graph_lock():
        require_no_stop()
        refresh(now)
        taken = 0
        failed = SunsetItem.objects.filter(pk__in=item_ids, state=ItemState.FAILED)
        for sunset in Sunset.objects.filter(items__in=failed).distinct().order_by("id"):
            rows = list(with_owners(failed.filter(sunset=sunset).order_by("id")))
            taken += _execute_again(sunset, rows, now)
    refresh(now)
    return taken


def _execute_again(sunset: Sunset, rows: list[SunsetItem], now: datetime) -> int:
    findings = findings_for(sunset, rows)
    checked = check(sunset, rows, findings, now=now)
    if checked.blockers:
        raise Blocked([str(blocker) for blocker in checked.blockers])
    record_gone(rows, at=now)
    move_items(rows, ItemState.EXECUTING, now=now, executed_at=now, error="")
    write_calls([row.pk for row in rows], Operation.SUNSET, now=now)
    _note(sunset, "sunset", rows, ItemState.FAILED, ItemState.EXECUTING, now)
    return len(rows)


def _give_up(
    sunset: Sunset,
    operation: Operation,
    rows: Sequence[SunsetItem],
    errors: Mapping[int, str],
    now: datetime,
) -> None:
    before, _ = CARRIED_OUT[operation]
    ours = [row for row in rows if row.state == before]
    for row in ours:
        SunsetItem.objects.filter(pk=row.pk, state=before).update(error=errors[row.pk])
    after = before
    if operation == Operation.SUNSET:
        after = ItemState.FAILED
        take_back(ours, at=now)
        move_items(ours, after, now=now)
    _note(sunset, f"{operation} given up", ours, before, after, now)
    finish(sunset, now=now, is_audited=bool(ours))


def _open(call_ids: Collection[int]) -> list[ExecutorCall]:
    return list(
        ExecutorCall.objects.filter(pk__in=list(call_ids), state__in=ExecutorCall.OPEN).order_by(
            "id"
        )
    )


def _by_sunset(
    calls: Sequence[ExecutorCall],
) -> dict[tuple[Sunset, Operation], list[SunsetItem]]:
    operations = {call.item_id: Operation(call.operation) for call in calls}
    rows = SunsetItem.objects.filter(pk__in=operations).order_by("id")
    found: dict[tuple[Sunset, Operation], list[SunsetItem]] = defaultdict(list)
    for row in with_owners(rows):
        found[row.sunset, operations[row.pk]].append(row)
    return found


def _note(
    sunset: Sunset,
    action: str,
    rows: Sequence[SunsetItem],
    before: ItemState,
    after: ItemState,
    now: datetime,
) -> None:
    if rows:
        record(
            system_actor("executor"), action, sunset.title, at=now,
            evidence={"sunset": sunset.pk, "items": labels(rows)},
            before={"state": before}, after={"state": after},
        )  # fmt: skip
