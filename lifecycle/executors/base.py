"""What every executor promises, and what it may answer (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One operation on one item; whoever carries ``key`` out does so once, however often told."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """It is carried out."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """It will be carried out; a callback says when."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not carried out, as far as is known.

    ``is_permanent``: asking again cannot help. ``is_gone``: it wants to hear nothing more.
    ``wait``: for how long it wants to be left alone.
    """

    error: str
    is_permanent: bool = False
    is_gone: bool = False
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Until when an executor wants to hear nothing, and why."""

    until: datetime
    reason: str


Outcome = Acknowledged | Accepted | Failed


class Executor(Protocol):
    """Tells something outside what was recorded here; it never records anything itself."""

    @property
    def name(self) -> str: ...

    @property
    def is_immediate(self) -> bool:
        """Whether recording is all there is to do, so that nothing needs to be sent."""
        ...

    def held(self, now: datetime) -> Held | None:
        """Whether it is left alone for a while, which costs no attempt; None: it listens."""
        ...

    def send(self, message: Message, *, now: datetime) -> Outcome:
        """Tell it once. Runs in any thread, outside a transaction, and asks no database."""
        ...

    def learn(self, outcomes: Sequence[Outcome], *, now: datetime) -> None:
        """Remember how a batch fared."""
        ...
