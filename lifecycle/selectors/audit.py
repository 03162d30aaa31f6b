"""The audit, newest first: a page of it, or all of it as a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from lifecycle.models import AuditEntry, SunsetItem
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Empty fields filter nothing.

    ``since`` and ``until`` are included. ``module`` is a name: entries about it, about
    its lines, and about sunsets in which something of it went. ``q`` are words, each of
    which stands somewhere in an entry.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""
    sunset: int | None = None
    module: str = ""


def audit_list(
    filter: AuditFilter | None = None, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[AuditEntry]:
    """A page of the entries a filter lets through."""
    start, stop = bounds(page, size)
    entries = entries_matching(filter or AuditFilter())
    return Slice(list(entries[start:stop]), entries.count(), max(page, 1), stop - start)


def audit_stream(filter: AuditFilter) -> Iterator[AuditEntry]:
    """Every entry a filter lets through, as the list has them; memory does not grow with it."""
    return entries_matching(filter).iterator(CHUNK)


def audit_actions() -> list[str]:
    """Every action that was ever recorded."""
    actions = AuditEntry.objects.order_by("action").values_list("action", flat=True)
    return list(actions.distinct())


def entries_matching(filter: AuditFilter) -> "QuerySet[AuditEntry]":
    """The entries a filter lets through, newest first."""
    equal = {
        "actor": filter.actor,
        "action": filter.action,
        "subject": filter.subject,
        "at__gte": filter.since,
        "at__lte": filter.until,
        "about_sunset": filter.sunset,
    }
    given = {field: value for field, value in equal.items() if value not in ("", None)}
    entries = AuditEntry.objects.filter(**given).order_by("-at", "-id")
    if filter.module:
        entries = entries.filter(_about_module(filter.module))
    return _with_words(entries, filter.q.split())


def _with_words(entries: "QuerySet[AuditEntry]", words: list[str]) -> "QuerySet[AuditEntry]":
    if not words:
        return entries
    found = entries.annotate(evidence_text=Cast("evidence", TextField()))
    for word in words:
        found = found.filter(
            Q(actor__icontains=word)
            | Q(action__icontains=word)
            | Q(subject__icontains=word)
            | Q(reason__icontains=word)
            | Q(evidence_text__icontains=word)
        )
    return found


def _about_module(name: str) -> Q:
    items = SunsetItem.objects.filter(
        Q(version__module__name=name) | Q(deployment__version__module__name=name)
    )
    return (
        Q(subject=name)
        | Q(subject__startswith=f"{name} ")
        | Q(evidence__module=name)
        | Q(about_sunset__in=items.order_by().values("sunset_id"))
    )
