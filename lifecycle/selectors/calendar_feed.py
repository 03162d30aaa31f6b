"""The calendar as a feed: the instants of the calendar page, of one scope, and expiries by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lifecycle.selectors.calendar import Entry, EntryKind, entries_between
from lifecycle.selectors.feeds import Scope, sunsets_within
from lineage.models import Deployment, Module
from lineage.selectors.upgrades import upgrade_head

BACK = timedelta(days=30)
LAST = datetime(9999, 1, 1, tzinfo=UTC)
MOST = 1_000  # dates of a feed, and of each kind that are looked at
WORDS = {
    EntryKind.GOES: "goes",
    EntryKind.DIES: "dies",
    EntryKind.DEADLINE: "is to be drained",
    EntryKind.WENT: "went",
    EntryKind.RESTORABLE: "can be restored until now",
    EntryKind.EXEMPTION: "exemption ends",
}


@dataclass(frozen=True, slots=True)
class FeedDate:
    """One instant; ``key`` names it for good. It leads to the sunset or the module."""

    kind: str
    key: str
    at: datetime
    title: str
    detail: str = ""
    module: Module | None = None
    sunset: int = 0


@dataclass(frozen=True, slots=True)
class FeedDates:
    """The dates nearest first, MOST at most, of ``total``; those past go back to ``start``."""

    dates: list[FeedDate]
    total: int
    start: datetime


def feed_dates(scope: Scope, *, now: datetime) -> FeedDates:
    """The dates of the scope: its own, and those on which dies what its consumers use."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - BACK
    found = {one.key: one for one in _own(scope, start)}
    if scope.module is not None or scope.team is not None:
        for one in _used(scope, start, now):
            found.setdefault(one.key, one)
    expiring = Deployment.objects.live().filter(
        expires_at__gte=start, **scope.within("version__module")
    )
    total = len(found) + expiring.count()
    rows = expiring.select_related("version__module", "environment").order_by("expires_at", "id")
    dates = [*found.values(), *map(_expiry, rows[:MOST])]
    dates.sort(key=lambda one: (one.at < now, one.at, one.key))
    return FeedDates(dates[:MOST], total, start)


def _own(scope: Scope, start: datetime) -> Iterator[FeedDate]:
    sunsets = sunsets_within(scope)
    for entry in entries_between(start, LAST):
        if sunsets is None or _is_within(entry, scope, sunsets):
            yield _date(entry)


def _is_within(entry: Entry, scope: Scope, sunsets: set[int]) -> bool:
    if entry.sunset is not None:
        return entry.sunset.pk in sunsets
    module = _module_of(entry)
    if module is None:
        return False
    if scope.module is not None:
        return module.pk == scope.module.pk
    return scope.team is not None and module.owner_id == scope.team.pk


def _module_of(entry: Entry) -> Module | None:
    thing = entry.campaign or entry.exemption
    return entry.module or (thing.module if thing else None)


def _date(entry: Entry) -> FeedDate:
    thing = entry.sunset or entry.campaign or entry.exemption
    key = f"{entry.kind}-{thing.pk}" if thing else _dying_key(entry.title, entry.module)
    return FeedDate(
        entry.kind.value,
        key,
        entry.at,
        f"{entry.title} {WORDS[entry.kind]}",
        module=_module_of(entry),
        sunset=entry.sunset.pk if entry.sunset else 0,
    )


def _dying_key(title: str, module: Module | None) -> str:
    return f"dies-{module.pk if module else 0}-{title}"


def _used(scope: Scope, start: datetime, now: datetime) -> Iterator[FeedDate]:
    """When what the consumers use dies, each range once."""
    rows = upgrade_head(scope.upgrades(statuses=("dying",)), now=now, most=MOST).rows
    for row in rows:
        deprecation = row.deprecation
        if deprecation is None or deprecation.sunset_at is None or deprecation.sunset_at < start:
            continue
        title = f"{row.dependency.name} {deprecation.range}"
        detail = f"{row.consumer} uses it." + (f" Declare {row.change}." if row.change else "")
        yield FeedDate(
            "dies",
            _dying_key(title, row.dependency),
            deprecation.sunset_at,
            f"{title} dies",
            detail,
            row.dependency,
        )


def _expiry(row: Deployment) -> FeedDate:
    # The filter lets through only those that expire.
    assert row.expires_at is not None  # noqa: S101 narrows the type
    module = row.version.module
    detail = f"{row.version} in {row.environment.name}."
    return FeedDate(
        "expires", f"expires-{row.pk}", row.expires_at, f"{row.key} expires", detail, module
    )
