"""Channel ``webhook``: events as signed CloudEvents, to receivers set up as webhooks."""

import msgspec

from lifecycle.channels.base import DeliveryFailed, InvalidTarget, Outgoing, Receipt
from lifecycle.events.envelope import CONTENT_TYPE
from lifecycle.outbound import InvalidSecret, OutboundError
from lifecycle.services.webhook_calls import call_webhook


class WebhookChannel:
    """Its targets are Webhook rows, never preferences."""

    name = "webhook"
    label = "Webhook"
    is_personal = False
    target_hint = ""

    def is_available(self) -> bool:
        """Always."""
        return True

    def checked_target(self, target: str) -> str:
        """Refuse: nobody chooses a webhook as a preference."""
        raise InvalidTarget(self.label, "webhooks are set up on their own page")

    def send(self, message: Outgoing) -> Receipt:
        """POST the event, signed by the webhook's secrets."""
        if message.webhook is None:
            raise DeliveryFailed("There is no such webhook.", is_permanent=True)
        # PostgreSQL keeps no order of keys: sorted, every attempt says the same to the byte.
        body = msgspec.json.encode(message.payload, order="sorted")
        try:
            answer = call_webhook(
                message.webhook,
                message_id=message.message_id,
                body=body,
                now=message.at,
                content_type=CONTENT_TYPE,
            )
        except OutboundError as error:
            raise DeliveryFailed(
                str(error),
                is_permanent=error.is_permanent,
                answered=error.answered,
                answer=error.answer,
                retry_after=error.retry_after,
            ) from error
        except InvalidSecret as error:
            raise DeliveryFailed(str(error), is_permanent=True) from error
        return Receipt(answer.status, answer.text)


CHANNEL = WebhookChannel()
