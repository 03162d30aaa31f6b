"""The audit: every step leaves an entry in the transaction that takes it."""

from datetime import datetime
from typing import Any

from lifecycle.models import AuditEntry
from lifecycle.permissions import Actor


def record(
    actor: Actor,
    action: str,
    subject: str,
    *,
    at: datetime,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry."""
    return AuditEntry.objects.create(
        at=at,
        actor=actor.name[:256],
        action=action,
        subject=subject[:600],
        reason=reason,
        evidence=evidence or {},
        before=before or {},
        after=after or {},
    )
