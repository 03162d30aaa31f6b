"""What every rule yields (pure)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing a rule flags: its subject is unique among the rule's flags."""

    rule: str
    subject: str
    module_id: int
    owner_id: int | None
    since: datetime
    reason: str
    line: str = ""
    deployment_id: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    size: int = 1  # how many things would go


def line_subject(module_id: int, line: str) -> str:
    """How findings and notices name a line."""
    return f"module:{module_id}:line:{line}"


def deployment_subject(deployment_id: int) -> str:
    """How findings and notices name a deployment."""
    return f"deployment:{deployment_id}"
