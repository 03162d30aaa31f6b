"""Executor ``webhook``: a program of yours is told over HTTP, signed, and answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lifecycle.executors.base import Accepted, Acknowledged, Failed, Held, Message, Outcome
from lifecycle.models import Webhook
from lifecycle.outbound import Gone, OutboundError, Refused
from lifecycle.services.webhook_calls import (
    GONE,
    disable,
    note_failures,
    note_success,
    send_once,
)

WEBHOOK = "webhook"
ACCEPTED = 202
MOST_SAID = 300
# How long a webhook that is switched off is left alone before it is looked at again.
LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WebhookExecutor:
    """Posts each message to one webhook.

    A status of success means carried out, 202 that a callback follows, anything else that
    it was not. Its breaker holds everything back while it is open, and so does switching
    it off: neither costs an attempt.
    """

    webhook: Webhook
    is_immediate: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        return f"{WEBHOOK}:{self.webhook.name}"

    def held(self, now: datetime) -> Held | None:
        hook = self.webhook
        if not hook.is_enabled:
            reason = f"Webhook {hook.name} is switched off. {hook.disabled_reason}".strip()
            return Held(now + LOOK_AGAIN, reason)
        if hook.open_until is not None and hook.is_open(now):
            reason = f"Webhook {hook.name} failed {hook.failures} times in a row and is left alone."
            return Held(hook.open_until, reason)
        return None

    def send(self, message: Message, *, now: datetime) -> Outcome:
        try:
            answer = send_once(self.webhook, message_id=message.key, body=message.body, now=now)
        except OutboundError as error:
            return failure_of(error)
        return Accepted() if answer.status == ACCEPTED else Acknowledged()

    def learn(self, outcomes: Sequence[Outcome], *, now: datetime) -> None:
        """Keep the breaker; whoever refuses one message for good still listens."""
        failures = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        if any(failure.is_gone for failure in failures):
            disable(self.webhook, GONE)
        elif any(failure.is_permanent for failure in failures) or len(failures) < len(outcomes):
            note_success(self.webhook)
        elif failures:
            note_failures(self.webhook, len(failures), now)


def failure_of(error: OutboundError) -> Failed:
    """What an error means for the call.

    Permanent is only what the receiver says of this very message. That the address is
    forbidden, moved or gone is for an operator to mend, and the message waits.
    """
    said = f" {error.answer.strip()[:MOST_SAID]}" if error.answer.strip() else ""
    is_gone = isinstance(error, Gone)
    is_about_message = isinstance(error, Refused) and not is_gone and (error.answered or 0) >= 400
    return Failed(
        f"{error}{said}",
        is_permanent=is_about_message and error.is_permanent,
        is_gone=is_gone,
        wait=timedelta(seconds=error.retry_after) if error.retry_after is not None else None,
    )
