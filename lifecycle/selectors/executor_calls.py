"""Executor calls as operators see them: what waits, what failed and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from lifecycle.models import ExecutorCall
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are asked for; empty fields ask for all."""

    state: str = ""
    operation: str = ""
    executor: str = ""
    sunset: int | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class CallFigures:
    """How the calls stand; ``oldest_due_at`` is since when the longest waiting one could go."""

    states: dict[str, int]
    oldest_due_at: datetime | None


def call_list(
    wanted: CallFilter, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[ExecutorCall]:
    """Calls of executors, newest first."""
    start, stop = bounds(page, size)
    calls = _matching(wanted)
    rows = calls.select_related("item__sunset").order_by("-id")[start:stop]
    return Slice(list(rows), calls.count(), max(page, 1), stop - start)


def matching_ids(wanted: CallFilter, *, most: int) -> list[int]:
    """The ids of the calls asked for, oldest first."""
    return list(_matching(wanted).order_by("id").values_list("id", flat=True)[:most])


def call_figures(now: datetime) -> CallFigures:
    """How many calls are in each state, and since when the oldest due one waits."""
    counted = ExecutorCall.objects.order_by().values_list("state").annotate(number=Count("id"))
    due = ExecutorCall.objects.filter(state__in=ExecutorCall.OPEN, next_attempt_at__lte=now)
    return CallFigures(
        states=dict.fromkeys(ExecutorCall.State.values, 0) | dict(counted),
        oldest_due_at=due.aggregate(oldest=Min("next_attempt_at"))["oldest"],
    )


def _matching(wanted: CallFilter) -> "QuerySet[ExecutorCall]":
    asked = Q()
    if wanted.state:
        asked &= Q(state=wanted.state)
    if wanted.operation:
        asked &= Q(operation=wanted.operation)
    if wanted.executor:
        asked &= Q(executor=wanted.executor)
    if wanted.sunset is not None:
        asked &= Q(item__sunset=wanted.sunset)
    if wanted.q:
        asked &= Q(item__label__icontains=wanted.q)
    return ExecutorCall.objects.filter(asked)
