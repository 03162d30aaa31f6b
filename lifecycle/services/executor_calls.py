"""Executor calls: written in the transaction that records what they are about to tell."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef

from lifecycle.executors.record import RECORD
from lifecycle.models import ExecutorCall, SunsetItem
from lineage.models import Deployment

Operation = ExecutorCall.Operation
State = ExecutorCall.State
AT_ONCE = 500


def write_calls(
    item_ids: Collection[int], operation: ExecutorCall.Operation, *, now: datetime
) -> set[int]:
    """Have the executor told of these items; returns those it will be told of.

    There is one call an item and operation, due at once. One that was given up is due
    again under its own key, so what did get through the first time is not done twice.
    A restore withdraws what the executor has not carried out yet, and goes only to items
    it ever heard of and whose place is still free: for the others there is nothing to do.
    The caller holds the graph lock.
    """
    wanted = set(item_ids)
    if operation == Operation.RESTORE:
        withdraw_calls(wanted)
        wanted = _heard_of(wanted) - overtaken(wanted)
    calls = ExecutorCall.objects.filter(item_id__in=wanted, operation=operation)
    known = set(calls.values_list("item_id", flat=True))
    make_due(calls.filter(state=State.GIVEN_UP).values_list("id", flat=True), now=now)
    names = executor_names_of(wanted - known)
    ExecutorCall.objects.bulk_create(
        [
            ExecutorCall(
                item_id=item_id,
                operation=operation,
                executor=name,
                next_attempt_at=now,
                created_at=now,
            )
            for item_id, name in sorted(names.items())
        ],
        batch_size=AT_ONCE,
    )
    return wanted


def withdraw_calls(item_ids: Collection[int]) -> int:
    """Do not send what is unsettled of these items; returns how many calls that were."""
    unsettled = ExecutorCall.objects.filter(item_id__in=item_ids, state__in=ExecutorCall.OPEN)
    return unsettled.exclude(operation=Operation.RESTORE).update(state=State.WITHDRAWN)


def make_due(call_ids: Collection[int], *, now: datetime) -> int:
    """Try calls that were given up again from the start; returns how many those were."""
    given_up = ExecutorCall.objects.filter(id__in=list(call_ids), state=State.GIVEN_UP)
    return given_up.update(
        state=State.PENDING, attempts=0, next_attempt_at=now, error="", acknowledged_at=None
    )


def _heard_of(item_ids: set[int]) -> set[int]:
    told = ExecutorCall.objects.filter(item_id__in=item_ids, last_attempt_at__isnull=False)
    return set(told.values_list("item_id", flat=True))


def overtaken(item_ids: Collection[int]) -> set[int]:
    """The items whose deployment was followed by another under the same key.

    An executor knows deployments by their keys: it must be told nothing about an old one
    while a newer stands in its place.
    """
    later = Deployment.objects.filter(
        key=OuterRef("deployment__key"), started_at__gt=OuterRef("deployment__started_at")
    )
    items = SunsetItem.objects.filter(id__in=item_ids, deployment__isnull=False)
    return set(items.filter(Exists(later)).values_list("id", flat=True))


def executor_names_of(item_ids: Collection[int]) -> dict[int, str]:
    """Item -> the executor its sunset was announced with."""
    rows = SunsetItem.objects.filter(id__in=item_ids).values_list("id", "sunset__terms")
    return {pk: str(terms.get("executor", RECORD)) for pk, terms in rows}
