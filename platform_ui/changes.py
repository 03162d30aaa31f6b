"""What changed between two days, as the platform's page and a module's part show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, QueryDict

from lineage.exceptions import BadWindow, LineageError
from lineage.models import Module
from lineage.selectors.changes import KINDS, Changes, changes_between
from lineage.selectors.past import end_of, past_at, past_note
from platform_ui.filters import Filter
from platform_ui.params import choice_of, day_of, page_of, size_of

DAYS = 7
SPANS = (1, 7, 30, 90)
FILTERS = (Filter("from", "From", "date"), Filter("to", "To", "date"))


@dataclass(frozen=True, slots=True)
class Span:
    """A window until now that one click chooses."""

    days: int
    first: str
    is_on: bool


def changes_context(request: HttpRequest, now: datetime, module: Module | None) -> dict[str, Any]:
    """What the template of the changes needs; a window that is none shows the usual one."""
    params = request.GET
    kind = choice_of(params, "kind", ("", *KINDS))
    usual = end_of(now) - timedelta(days=DAYS)
    error = ""
    try:
        first, last = _window(params, now, usual)
        found = _found(first, last, now, module, kind, params)
    except (BadWindow, LineageError) as problem:
        first, last, error = usual, None, str(problem)
        found = _found(first, last, now, module, kind, params)
    return {
        "changes": found,
        "kind": kind,
        "kinds": [(each, found.counts[each]) for each in KINDS],
        "all": sum(found.counts.values()),
        "spans": _spans(now, first, last),
        "until": last,
        "past": past_note(first),
        "filters": FILTERS,
        "window_error": error,
    }


def _found(
    first: datetime,
    last: datetime | None,
    now: datetime,
    module: Module | None,
    kind: str,
    params: QueryDict,
) -> Changes:
    place = {"page": page_of(params), "size": size_of(params)}
    return changes_between(first, last, now=now, module=module, kind=kind, **place)


def _window(params: QueryDict, now: datetime, usual: datetime) -> tuple[datetime, datetime | None]:
    """The ends of the days asked about; None is now."""
    first = past_at(day_of(params, "from") or usual, now)
    return first or now, past_at(day_of(params, "to"), now)


def _spans(now: datetime, first: datetime, last: datetime | None) -> list[Span]:
    begins = [(days, end_of(now) - timedelta(days=days)) for days in SPANS]
    return [
        Span(days, f"{at:%Y-%m-%d}", last is None and first.date() == at.date())
        for days, at in begins
    ]
