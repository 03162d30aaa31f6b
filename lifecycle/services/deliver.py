"""Sends what is due: claimed by a conditional update, tried again later, parked at last.

At least once: a worker that dies leaves a lease that runs out, and whoever claims next says
the same under the same message id.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from time import perf_counter
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from lifecycle.backoff import Backoff
from lifecycle.channels import CHANNELS, DeliveryFailed, Outgoing, Receipt
from lifecycle.models import Delivery, DeliveryAttempt
from lifecycle.services.compose import compose

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
AT_ONCE = 20
# About three days: a receiver may be down over a weekend.
BACKOFF = Backoff(first=timedelta(seconds=30), most=timedelta(hours=12), attempts=18)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt."""

    seconds: float
    receipt: Receipt | None = None
    failure: DeliveryFailed | None = None


def send_due(now: datetime, *, most: int = AT_ONCE) -> int:
    """Try a few deliveries that are due; returns how many were claimed, 0 when none is left."""
    claimed = 0
    for pk in due(now).order_by("due_at", "id").values_list("id", flat=True)[:most]:
        lease = _claim(pk, now)
        if lease:
            claimed += 1
            _attempt(pk, lease, now)
    return claimed


def due(now: datetime) -> "QuerySet[Delivery]":
    """What may be tried now: not what a breaker holds back, nor what somebody else holds."""
    held_back = Q(webhook__open_until__gt=now) | Q(webhook__is_enabled=False)
    return Delivery.objects.filter(_ready(now)).exclude(held_back)


def _ready(now: datetime) -> Q:
    waiting = Q(state=Delivery.State.WAITING, due_at__lte=now)
    return waiting | Q(state=Delivery.State.SENDING, leased_until__lte=now)


def _claim(pk: int, now: datetime) -> str:
    """Take a delivery for this attempt; empty where somebody else was faster."""
    # A breaker may have opened since the list was made.
    if not due(now).filter(pk=pk).exists():
        return ""
    lease = uuid4().hex
    # The condition stands on the row itself: a database that waited for another worker asks
    # it again.
    is_mine = Delivery.objects.filter(_ready(now), pk=pk).update(
        state=Delivery.State.SENDING,
        lease=lease,
        leased_until=now + LEASE,
        attempts=F("attempts") + 1,
    )
    return lease if is_mine else ""


def _attempt(pk: int, lease: str, now: datetime) -> None:
    with transaction.atomic():
        row = Delivery.objects.select_related("webhook", "event__module").get(pk=pk)
        if row.composed_at is None and not compose(row, now):
            _finish(row, lease, state=Delivery.State.DROPPED, finished_at=now)
            return
    outcome = _send(row, now)
    with transaction.atomic():
        number = DeliveryAttempt.objects.filter(delivery=row).count() + 1
        failure, receipt = outcome.failure, outcome.receipt
        answered = failure.answered if failure else receipt.answered if receipt else None
        DeliveryAttempt.objects.create(
            delivery=row,
            number=number,
            at=now,
            seconds=outcome.seconds,
            is_success=failure is None,
            answered=answered,
            response=failure.answer if failure else receipt.response if receipt else "",
            error=str(failure) if failure else "",
        )
        _conclude(row, lease, failure, now)


def _send(row: Delivery, now: datetime) -> Outcome:
    began = perf_counter()
    receipt, failure = None, None
    channel = CHANNELS.get(row.channel)
    message = Outgoing(row.message_id, row.payload, row.target, now, row.webhook)
    try:
        if channel is None or not channel.is_available():
            raise DeliveryFailed(f"{row.channel} is not set up here.", is_permanent=False)
        receipt = channel.send(message)
    except DeliveryFailed as error:
        failure = error
    except Exception as error:
        # One message that breaks a channel must neither stop the others nor be tried for ever.
        logger.exception("delivery %s broke its channel", row.pk)
        failure = DeliveryFailed(f"It broke: {error!r}"[:500], is_permanent=False)
    return Outcome(round(perf_counter() - began, 3), receipt, failure)


def _conclude(row: Delivery, lease: str, failure: DeliveryFailed | None, now: datetime) -> None:
    if failure is None:
        _finish(row, lease, state=Delivery.State.DELIVERED, finished_at=now, error="")
        return
    asked = None if failure.retry_after is None else timedelta(seconds=failure.retry_after)
    wait = BACKOFF.wait(row.attempts, draw=_draw(row), asked=asked)
    if failure.is_permanent or wait is None:
        _finish(row, lease, state=Delivery.State.PARKED, finished_at=now, error=str(failure))
    else:
        _finish(row, lease, state=Delivery.State.WAITING, due_at=now + wait, error=str(failure))


def _finish(row: Delivery, lease: str, **changes: object) -> None:
    """Change a delivery that is still ours: a lease that ran out belongs to somebody else."""
    Delivery.objects.filter(pk=row.pk, lease=lease, state=Delivery.State.SENDING).update(
        lease="", leased_until=None, **changes
    )


def _draw(row: Delivery) -> float:
    """A number in [0, 1) that is the message's own, so that none come back in step."""
    drawn = sha256(f"{row.message_id}:{row.attempts}".encode()).digest()
    return int.from_bytes(drawn[:6]) / 2**48
