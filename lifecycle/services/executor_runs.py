"""Tells executors what is due: claimed, sent at once in many threads, settled."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import SystemRandom
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from lifecycle.backoff import Backoff
from lifecycle.exceptions import UnknownExecutor
from lifecycle.executors import (
    Accepted,
    Acknowledged,
    Executor,
    Failed,
    Message,
    Outcome,
    executor_named,
)
from lifecycle.models import ExecutorCall
from lifecycle.selectors.stops import current_stop
from lifecycle.services.executor_calls import overtaken
from lifecycle.services.executor_messages import NEEDED, message_of
from lifecycle.services.sunsets.items import acknowledge_calls, give_up_calls

logger = logging.getLogger(__name__)

# Each thread sends so many of a batch, one after the other.
ROUNDS = 4
# How much longer than all its rounds may take a batch keeps its calls to itself.
SPARE = timedelta(seconds=5)
FIRST_WAIT = timedelta(seconds=5)
# After how long an executor that accepted a call is asked how it goes.
FIRST_REMINDER = timedelta(minutes=5)
LOOK_AGAIN = timedelta(minutes=1)
OVERTAKEN = "Not sent: it was deployed anew under the same name."
NEVER_ACKNOWLEDGED = "It was accepted, but nobody ever said that it was carried out."

Operation = ExecutorCall.Operation
State = ExecutorCall.State
draw = SystemRandom().random


def send_due(now: datetime) -> int:
    """Tell every executor one batch of what is due; returns how many calls were sent.

    At least once: whoever dies here leaves a lease behind, and when it ends the call is
    sent again under its own key. Several workers may run this at once. While an
    emergency stop is on only restores are sent.
    """
    names = _due(now).order_by("executor").values_list("executor", flat=True).distinct()
    return sum(_send_batch(name, now) for name in list(names))


def _due(now: datetime) -> "QuerySet[ExecutorCall]":
    """Open calls that are due, unless some worker may be sending a call of the same item.

    The call's own lease is asked of its own row: where two claim it at once, the second
    looks at that row anew, and at no other.
    """
    leased = ExecutorCall.objects.filter(item=OuterRef("item"), leased_until__gt=now)
    due = ExecutorCall.objects.filter(
        Q(leased_until=None) | Q(leased_until__lte=now),
        state__in=ExecutorCall.OPEN,
        next_attempt_at__lte=now,
    )
    if current_stop() is not None:
        due = due.filter(operation=Operation.RESTORE)
    return due.filter(~Exists(leased))


def _send_batch(name: str, now: datetime) -> int:
    began = monotonic()
    try:
        executor = executor_named(name)
    except UnknownExecutor as error:
        calls = _claim(name, now)
        _settle(calls, [Failed(str(error))] * len(calls), now)
        return len(calls)
    if (held := executor.held(now)) is not None:
        _due(now).filter(executor=name).update(next_attempt_at=held.until, error=held.reason)
        return 0
    calls = _leave_out_overtaken(_claim(name, now), now)
    outcomes = _send(executor, calls, now, began + _allowance().total_seconds())
    then = now + timedelta(seconds=monotonic() - began)
    executor.learn([outcome for outcome in outcomes if outcome is not None], now=then)
    _settle(calls, outcomes, then)
    return len(calls)


def _claim(name: str, now: datetime) -> list[ExecutorCall]:
    """Take due calls of an executor for this process alone, until the lease ends."""
    count = settings.EXECUTOR_CONCURRENCY * ROUNDS
    until = now + _allowance() + SPARE
    due = _due(now).filter(executor=name)
    wanted = due.order_by("next_attempt_at", "id").values_list("id", flat=True)
    mine = []
    with transaction.atomic():
        for pk in sorted(wanted[:count]):
            claimed = due.filter(pk=pk)
            if claimed.update(leased_until=until, last_attempt_at=now, attempts=F("attempts") + 1):
                mine.append(pk)
    calls = ExecutorCall.objects.filter(pk__in=mine).select_related(*NEEDED)
    return list(calls.order_by("next_attempt_at", "id"))


def _leave_out_overtaken(calls: list[ExecutorCall], now: datetime) -> list[ExecutorCall]:
    """Without calls about a deployment that a newer one of its key has followed.

    The sweep finds what came back and withdraws them; until then they wait.
    """
    items = overtaken([call.item_id for call in calls])
    if not items:
        return calls
    late = ExecutorCall.objects.filter(pk__in=[c.pk for c in calls if c.item_id in items])
    late.update(leased_until=None, next_attempt_at=now + LOOK_AGAIN, error=OVERTAKEN)
    return [call for call in calls if call.item_id not in items]


def _allowance() -> timedelta:
    """How long a batch may take until its last call begins to be sent, and ends."""
    return ROUNDS * timedelta(seconds=settings.WEBHOOK_TIMEOUT_SECONDS)


def _send(
    executor: Executor, calls: Sequence[ExecutorCall], now: datetime, until: float
) -> list[Outcome | None]:
    """Send them; None for those that it became too late for, whose lease may be over soon."""
    latest = until - settings.WEBHOOK_TIMEOUT_SECONDS + SPARE.total_seconds() / 2

    def send(message: Message) -> Outcome | None:
        return executor.send(message, now=now) if monotonic() < latest else None

    with ThreadPoolExecutor(settings.EXECUTOR_CONCURRENCY) as pool:
        return list(pool.map(send, [message_of(call) for call in calls]))


def _settle(
    calls: Sequence[ExecutorCall], outcomes: Sequence[Outcome | None], now: datetime
) -> None:
    """Write down what became of a batch; calls that somebody else settled are left alone."""
    done: list[int] = []
    given_up: dict[int, str] = {}
    for call, outcome in zip(calls, outcomes, strict=True):
        match outcome:
            case Acknowledged():
                done.append(call.pk)
            case Accepted():
                if not _accept(call, now):
                    given_up[call.pk] = NEVER_ACKNOWLEDGED
            case Failed():
                if not _try_again(call, outcome, now):
                    given_up[call.pk] = outcome.error
    if done:
        acknowledge_calls(done, now=now)
    if given_up:
        logger.warning("gave up %s executor calls", len(given_up))
        give_up_calls(given_up, now=now)
    ExecutorCall.objects.filter(pk__in=[call.pk for call in calls]).update(leased_until=None)


def _accept(call: ExecutorCall, now: datetime) -> bool:
    """Wait for the callback, and ask again later; False when that went on for too long."""
    backoff = Backoff(first=FIRST_REMINDER, attempts=settings.EXECUTOR_ATTEMPTS)
    wait = backoff.wait(call.attempts, draw=draw())
    if wait is not None:
        _open(call).update(state=State.SENT, next_attempt_at=now + wait, error="")
    return wait is not None


def _try_again(call: ExecutorCall, failure: Failed, now: datetime) -> bool:
    """Have it sent again later; False when there is no use in that."""
    backoff = Backoff(first=FIRST_WAIT, attempts=settings.EXECUTOR_ATTEMPTS)
    wait = backoff.wait(call.attempts, draw=draw(), asked=failure.wait)
    if failure.is_permanent or wait is None:
        return False
    _open(call).update(next_attempt_at=now + wait, error=failure.error)
    return True


def _open(call: ExecutorCall) -> "QuerySet[ExecutorCall]":
    return ExecutorCall.objects.filter(pk=call.pk, state__in=ExecutorCall.OPEN)
