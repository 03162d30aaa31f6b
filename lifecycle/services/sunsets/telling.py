"""Who is told what of a sunset, and since when each owner has known of each item."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lifecycle.models import Finding, Notice, Sunset, SunsetItem
from lifecycle.policies.terms import Terms
from lifecycle.services.notices import notices_of_sunset, write_notices
from lifecycle.services.plans import PlanItem
from lifecycle.services.proof import announced_since, item_name, told_since
from lifecycle.services.sunsets.rows import plan_item


@dataclass(frozen=True, slots=True)
class Readiness:
    """Item row -> when it may go as far as its owner's notice goes; None until that is there."""

    ready_at: dict[int, datetime | None]

    @property
    def untold(self) -> set[int]:
        """The rows whose owner does not know yet."""
        return {pk for pk, at in self.ready_at.items() if at is None}

    @property
    def last(self) -> datetime | None:
        """When the last of them may go; None while somebody does not know."""
        instants = list(self.ready_at.values())
        known = [at for at in instants if at is not None]
        return max(known) if known and len(known) == len(instants) else None

    @property
    def next(self) -> datetime | None:
        """When the first of them may go, None while none is known."""
        return min((at for at in self.ready_at.values() if at is not None), default=None)


def readiness(
    sunset: Sunset, rows: Sequence[SunsetItem], findings: Sequence[Finding], terms: Terms
) -> Readiness:
    """When each item may go: told to its owner of today, and the wait that follows.

    Without grace the finding's own notice is proof enough; with grace it is the
    announcement, which says when. What nobody owns waits the longer of the two waits.
    Force takes the waits away, never the notice.
    """
    announced = announced_since(sunset.pk)
    flagged = told_since(findings)
    ready: dict[int, datetime | None] = {}
    for row in rows:
        item = plan_item(row)
        by_sunset = announced.get((item.owner_id, item_name(item.kind, item.id)))
        by_finding = flagged.get(row.subject)
        ready[row.pk] = _ready_at(
            by_sunset, by_finding, terms, is_owned=item.owner_id is not None,
            is_forced=sunset.is_forced,
        )  # fmt: skip
    return Readiness(ready)


def _ready_at(
    by_sunset: datetime | None,
    by_finding: datetime | None,
    terms: Terms,
    *,
    is_owned: bool,
    is_forced: bool,
) -> datetime | None:
    told = [at for at in (by_sunset, by_finding) if at is not None]
    if not told:
        return None
    if is_forced:
        return min(told)
    needed = by_sunset if terms.grace else min(told)
    if needed is None:
        return None
    ready = needed + terms.grace
    return ready if is_owned else max(ready, min(told) + terms.ownerless_wait)


def announce_to_owners(
    sunset: Sunset, rows: Sequence[SunsetItem], *, terms: Terms, now: datetime
) -> None:
    """Tell the owners of these items, once each, that they are to go and how long they have."""
    days = terms.grace / timedelta(days=1)
    words = f"They go {days:g} day{'' if days == 1 else 's'} after this was delivered, "
    body = f"{words if days else 'They go once this was delivered, '}unless it is cancelled."
    _write(sunset, Notice.Kind.ANNOUNCED, rows, f"{sunset.reason} {body}".strip(), now)


def tell_owners(
    sunset: Sunset, kind: Notice.Kind, rows: Sequence[SunsetItem], *, reason: str, now: datetime
) -> None:
    """Tell every owner concerned what became of these items."""
    _write(sunset, kind, rows, reason, now)


def _write(
    sunset: Sunset, kind: Notice.Kind, rows: Sequence[SunsetItem], reason: str, now: datetime
) -> None:
    listed: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        item = plan_item(row)
        listed[item.owner_id].append(_subject(item))
    for owner_id, subjects in listed.items():
        write_notices(notices_of_sunset(sunset, kind, [owner_id], subjects, reason=reason, now=now))


def _subject(item: PlanItem) -> dict[str, Any]:
    return {
        "subject": item_name(item.kind, item.id),
        "label": item.label,
        "detail": f"{item.module} {item.version}",
    }
