"""The calendar: what goes, went, dies or runs out on which day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import Count
from django.db.models.functions import TruncDate

from lifecycle.models import Campaign, Exemption, Sunset
from lineage.models import Deployment, Deprecation, Module


class EntryKind(StrEnum):
    """What an instant of the calendar means; the order is that within a day."""

    GOES = "goes"  # a sunset's grace is over
    DIES = "dies"  # a deprecation's end date
    DEADLINE = "deadline"  # a campaign is to be drained
    WENT = "went"
    RESTORABLE = "restorable"  # the last instant a sunset can be taken back
    EXEMPTION = "exemption"  # an exemption runs out


@dataclass(frozen=True, slots=True)
class Entry:
    """One instant and the thing it is of; exactly one of the things is set."""

    kind: EntryKind
    at: datetime
    title: str
    sunset: Sunset | None = None
    module: Module | None = None
    campaign: Campaign | None = None
    exemption: Exemption | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day in UTC; ``expiring`` counts the live deployments whose TTL runs out on it."""

    day: date
    entries: list[Entry]
    expiring: int


def calendar(first: date, last: date) -> list[Day]:
    """Every day from ``first`` to ``last``, both included, days with nothing too."""
    start = datetime.combine(first, time(0), tzinfo=UTC)
    stop = datetime.combine(last, time(0), tzinfo=UTC) + timedelta(days=1)
    entries: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries_between(start, stop):
        entries[entry.at.astimezone(UTC).date()].append(entry)
    expiring = _expiring(start, stop)
    order = list(EntryKind)
    return [
        Day(
            day,
            sorted(entries[day], key=lambda e: (order.index(e.kind), e.at, e.title)),
            expiring.get(day, 0),
        )
        for day in (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    ]


def entries_between(start: datetime, stop: datetime) -> Iterator[Entry]:
    """Every instant from ``start`` on and before ``stop``, kind by kind."""
    yield from _sunsets(start, stop)
    yield from _deprecations(start, stop)
    yield from _campaigns(start, stop)
    yield from _exemptions(start, stop)


def _sunsets(start: datetime, stop: datetime) -> Iterator[Entry]:
    """When sunsets go, went, and can be taken back for the last time."""
    on_their_way = (Sunset.State.ANNOUNCED, Sunset.State.GRACE, Sunset.State.EXECUTING)
    instants = (
        (EntryKind.GOES, "grace_until", on_their_way),
        (EntryKind.WENT, "executed_at", (Sunset.State.DONE, Sunset.State.PURGED)),
        (EntryKind.RESTORABLE, "restorable_until", (Sunset.State.DONE,)),
    )
    for kind, field, states in instants:
        within = {f"{field}__gte": start, f"{field}__lt": stop}
        for sunset in Sunset.objects.filter(state__in=states, **within).order_by(field, "id"):
            yield Entry(kind, getattr(sunset, field), sunset.title, sunset=sunset)


def _deprecations(start: datetime, stop: datetime) -> Iterator[Entry]:
    dying = Deprecation.objects.filter(sunset_at__gte=start, sunset_at__lt=stop)
    for deprecation in dying.select_related("module").order_by("sunset_at", "id"):
        if deprecation.sunset_at is not None:
            title = f"{deprecation.module.name} {deprecation.range}"
            yield Entry(EntryKind.DIES, deprecation.sunset_at, title, module=deprecation.module)


def _campaigns(start: datetime, stop: datetime) -> Iterator[Entry]:
    running = Campaign.objects.filter(
        state=Campaign.State.DRAINING, deadline__gte=start, deadline__lt=stop
    )
    for campaign in running.select_related("module").order_by("deadline", "id"):
        title = f"{campaign.module.name} {campaign.line}"
        yield Entry(EntryKind.DEADLINE, campaign.deadline, title, campaign=campaign)


def _exemptions(start: datetime, stop: datetime) -> Iterator[Entry]:
    standing = Exemption.objects.filter(
        state=Exemption.State.APPROVED, expires_at__gte=start, expires_at__lt=stop
    )
    for exemption in standing.select_related("module").order_by("expires_at", "id"):
        yield Entry(EntryKind.EXEMPTION, exemption.expires_at, str(exemption), exemption=exemption)


def _expiring(start: datetime, stop: datetime) -> dict[date, int]:
    """Day -> live deployments that expire on it."""
    live = Deployment.objects.live().filter(expires_at__gte=start, expires_at__lt=stop)
    days = live.order_by().annotate(day=TruncDate("expires_at", tzinfo=UTC))
    return dict(days.values_list("day").annotate(number=Count("id")))
