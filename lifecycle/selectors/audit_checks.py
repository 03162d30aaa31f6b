"""Whether the audit's chain holds: what the last check found."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.models import AuditEntry
from lineage.models import JobRun

JOB = "check-audit"


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the last check found; ``state`` is intact, broken, unproven or unchecked."""

    state: str = "unchecked"
    checked_at: datetime | None = None
    entries: int = 0
    anchor: str = ""
    problem_count: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    vouched: int = 0
    unproven: int = 0
    waiting: int = 0
    seconds: float = 0.0
    is_anchor_there: bool | None = None


def chain_state(anchor: str = "") -> ChainState:
    """The state at the last check; and whether an anchor of an earlier one still stands."""
    stands = _stands(anchor) if anchor else None
    run = last_run()
    if run is None:
        return ChainState(is_anchor_there=stands)
    return ChainState(checked_at=run.started_at, is_anchor_there=stands, **run.detail)


def last_run(*, state: str = "") -> JobRun | None:
    """The last check that came to its end; or the last that found this state."""
    runs = JobRun.objects.filter(name=JOB, status=JobRun.Status.DONE)
    if state:
        runs = runs.filter(detail__state=state)
    return runs.order_by("-started_at", "-id").first()


def _stands(anchor: str) -> bool:
    sequence, _, hash = anchor.partition(":")
    if not int(sequence):
        return True
    return AuditEntry.objects.filter(sequence=int(sequence), hash=hash).exists()
