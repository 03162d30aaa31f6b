"""What a channel is: it takes one composed message to one target, or says why it could not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lifecycle.exceptions import LifecycleError
from lifecycle.models import Webhook


class InvalidTarget(LifecycleError):
    """The channel cannot send to such an address."""

    code = "invalid_target"

    def __init__(self, channel: str, reason: str) -> None:
        self.channel = channel
        self.reason = reason
        super().__init__(f"{channel} cannot send there: {reason}.")


class DeliveryFailed(LifecycleError):
    """A message did not get through; trying again helps only where it is not permanent."""

    code = "delivery_failed"
    status = 502

    def __init__(
        self,
        reason: str,
        *,
        is_permanent: bool,
        answered: int | None = None,
        answer: str = "",
        retry_after: int | None = None,
    ) -> None:
        self.is_permanent = is_permanent
        self.answered = answered
        self.answer = answer
        self.retry_after = retry_after
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A composed message; ``message_id`` is the same at every attempt.

    ``payload`` is what was composed: to people a digest (``lifecycle.services.compose``), to
    webhooks a CloudEvent.
    """

    message_id: str
    payload: dict[str, Any]
    target: str
    at: datetime
    webhook: Webhook | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said as it took the message."""

    answered: int | None = None
    response: str = ""


class Channel(Protocol):
    """One way to reach somebody."""

    @property
    def name(self) -> str:
        """As preferences and deliveries spell it."""
        ...

    @property
    def label(self) -> str:
        """As people read it."""
        ...

    @property
    def is_personal(self) -> bool:
        """Whether people and teams choose it; webhooks are set up by themselves."""
        ...

    @property
    def target_hint(self) -> str:
        """What a target looks like; empty where the known address is always used."""
        ...

    def is_available(self) -> bool:
        """Whether this installation can send over it."""
        ...

    def checked_target(self, target: str) -> str:
        """The target as it is kept; raises InvalidTarget."""
        ...

    def send(self, message: Outgoing) -> Receipt:
        """Send once; raises DeliveryFailed. May be called twice for one message id."""
        ...
