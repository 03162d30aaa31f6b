"""Executor ``record``: a sunset is an instant in our own records, nothing more."""

from collections.abc import Sequence
from datetime import datetime

from lifecycle.executors.base import Acknowledged, Held, Message, Outcome

RECORD = "record"


class RecordExecutor:
    """Versions leave resolution, deployments end; nothing outside is told."""

    name = RECORD
    is_immediate = True

    def held(self, now: datetime) -> Held | None:
        return None

    def send(self, message: Message, *, now: datetime) -> Outcome:
        return Acknowledged()

    def learn(self, outcomes: Sequence[Outcome], *, now: datetime) -> None:
        """Nothing can fail here."""
