"""Sunsets: the list, and one with its items, notices and audit."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from lifecycle.exceptions import UnknownThing
from lifecycle.models import AuditEntry, Notice, Sunset, SunsetItem
from lifecycle.states import GONE, RESTORABLE
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


@dataclass(frozen=True, slots=True)
class SunsetDetail:
    """A sunset; ``items`` is one page of them."""

    sunset: Sunset
    items: Slice[SunsetItem]
    states: dict[str, int]
    notices: list[Notice]
    audit: list[AuditEntry]
    is_restorable: bool
    owner_ids: frozenset[int | None]  # of all items: who may restore it


def sunset_list(*, state: str = "", page: int = 1, size: int = DEFAULT_SIZE) -> Slice[Sunset]:
    """Sunsets, newest first, each with ``item_count``."""
    start, stop = bounds(page, size)
    sunsets: QuerySet[Sunset] = Sunset.objects.order_by("-made_at", "-id")
    if state:
        sunsets = sunsets.filter(state=state)
    rows = sunsets.annotate(item_count=Count("items"))[start:stop]
    return Slice([*rows], sunsets.count(), max(page, 1), stop - start)


def sunset_detail(
    pk: int, *, now: datetime, item_state: str = "", page: int = 1, size: int = DEFAULT_SIZE
) -> SunsetDetail:
    """One sunset; ``item_state`` narrows its items, not their states. Raises UnknownThing."""
    sunset = Sunset.objects.filter(pk=pk).first()
    if sunset is None:
        raise UnknownThing("sunset")
    start, stop = bounds(page, size)
    items = SunsetItem.objects.filter(sunset=sunset).order_by("id")
    rows = items.select_related(
        "version__module__owner", "deployment__version__module__owner", "deployment__environment"
    )
    states = dict(items.order_by().values_list("state").annotate(number=Count("id")))
    shown = rows.filter(state=item_state) if item_state else rows
    total = states.get(item_state, 0) if item_state else sum(states.values())
    audit = AuditEntry.objects.filter(about_sunset=sunset.pk).order_by("at", "id")
    return SunsetDetail(
        sunset=sunset,
        items=Slice(list(shown[start:stop]), total, max(page, 1), stop - start),
        states=states,
        notices=list(sunset.notices.select_related("team").order_by("created_at", "id")),
        audit=list(audit[:200]),
        owner_ids=_owner_ids(sunset),
        is_restorable=sunset.state in RESTORABLE
        and sunset.restorable_until >= now
        and any(state in states for state in GONE),
    )


def _owner_ids(sunset: Sunset) -> frozenset[int | None]:
    items = SunsetItem.objects.filter(sunset=sunset).order_by()
    versions = items.filter(version__isnull=False).values_list("version__module__owner_id")
    runs = items.filter(deployment__isnull=False)
    deployments = runs.values_list("deployment__version__module__owner_id")
    return frozenset(owner for (owner,) in versions.union(deployments))
