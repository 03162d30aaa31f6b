"""Calls a webhook: signed by its secrets, guarded by the settings, its breaker kept."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from lifecycle.models import Webhook
from lifecycle.outbound import Allowed, Answer, Gone, Limits, OutboundError, post, signed_headers

FAILURES_UNTIL_OPEN = 5
OPEN_FOR = timedelta(minutes=1)
OPEN_AT_MOST = timedelta(hours=1)
GONE = "It answered 410: it wants nothing more."


def allowed_private() -> Allowed:
    """The private hosts and networks that the settings allow."""
    return Allowed.of(settings.WEBHOOK_ALLOW_PRIVATE)


def call_webhook(
    webhook: Webhook,
    *,
    message_id: str,
    body: bytes,
    now: datetime,
    content_type: str = "application/json",
) -> Answer:
    """Send a body, signed, once; returns the answer or raises an OutboundError.

    ``message_id`` is the idempotency key: the same for every attempt at one message.
    Success closes the breaker; failures in a row open it, for longer each time, and 410
    disables the webhook. Whether to wait for the breaker (``webhook.is_open``) or to try
    again is the caller's to decide. Call it outside a transaction: the receiver is slow.
    """
    try:
        answer = send_once(
            webhook, message_id=message_id, body=body, now=now, content_type=content_type
        )
    except Gone:
        disable(webhook, GONE)
        raise
    except OutboundError:
        note_failures(webhook, 1, now)
        raise
    note_success(webhook)
    return answer


def send_once(
    webhook: Webhook,
    *,
    message_id: str,
    body: bytes,
    now: datetime,
    content_type: str = "application/json",
) -> Answer:
    """Send like ``call_webhook``, but remember nothing: threads may, they ask no database."""
    headers = signed_headers(webhook.secrets_at(now), message_id=message_id, at=now, body=body) | {
        "Content-Type": content_type
    }
    limits = Limits(total=float(settings.WEBHOOK_TIMEOUT_SECONDS))
    return post(webhook.url, body, headers=headers, allowed=allowed_private(), limits=limits)


def note_success(webhook: Webhook) -> None:
    """Close the breaker."""
    if webhook.failures or webhook.open_until:
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, open_until=None)


def note_failures(webhook: Webhook, count: int, now: datetime) -> None:
    """Count failures; from FAILURES_UNTIL_OPEN in a row on the breaker opens.

    Those that were in flight together open it once, however many they were.
    """
    row = Webhook.objects.filter(pk=webhook.pk)
    webhook.refresh_from_db(fields=["failures"])
    step = min(count, max(FAILURES_UNTIL_OPEN - webhook.failures, 1))
    row.update(failures=F("failures") + step)
    webhook.refresh_from_db(fields=["failures"])
    over = webhook.failures - FAILURES_UNTIL_OPEN
    if over >= 0:
        row.update(open_until=now + min(OPEN_FOR * 2 ** min(over, 10), OPEN_AT_MOST))


def disable(webhook: Webhook, reason: str) -> None:
    """Send nothing more until somebody enables it again."""
    Webhook.objects.filter(pk=webhook.pk).update(is_enabled=False, disabled_reason=reason[:300])
