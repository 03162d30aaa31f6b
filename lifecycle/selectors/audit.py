"""The audit, newest first."""

from lifecycle.models import AuditEntry
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


def audit_list(
    *, actor: str = "", action: str = "", page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[AuditEntry]:
    """A page of entries, filtered by actor and action where given."""
    start, stop = bounds(page, size)
    entries = AuditEntry.objects.order_by("-at", "-id")
    if actor:
        entries = entries.filter(actor=actor)
    if action:
        entries = entries.filter(action=action)
    return Slice(list(entries[start:stop]), entries.count(), max(page, 1), stop - start)
