"""The rows of sunsets: read, and moved from state to state by conditional updates."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Sunset, SunsetItem
from lifecycle.permissions import Actor, require_sunset
from lifecycle.services.plans import PlanItem
from lifecycle.states import ItemState, SunsetState, item_sources_of, sources_of
from lineage.ingest.known import batches


def sunset_of(pk: int) -> Sunset:
    """One sunset; raises UnknownThing."""
    found = Sunset.objects.filter(pk=pk).first()
    if found is None:
        raise UnknownThing("sunset")
    return found


def move(sunset: Sunset, state: SunsetState, *, now: datetime, **values: Any) -> bool:
    """Move a sunset to a state that follows its own; whether it was this call that did."""
    moved = (
        Sunset.objects.filter(pk=sunset.pk, state=sunset.state)
        .filter(state__in=sources_of(state))
        .update(state=state, changed_at=now, **values)
    )
    if moved:
        sunset.refresh_from_db()
    return bool(moved)


def move_items(
    rows: Collection[SunsetItem], state: ItemState, *, now: datetime, **values: Any
) -> int:
    """Move items to a state that follows theirs; returns how many were."""
    moved = 0
    for batch in batches(sorted(row.pk for row in rows)):
        moved += SunsetItem.objects.filter(pk__in=batch, state__in=item_sources_of(state)).update(
            state=state, changed_at=now, **values
        )
    return moved


def rows_of(sunset: Sunset, *states: ItemState) -> list[SunsetItem]:
    """The items of a sunset with the owners they have now, all or those in some states."""
    rows = SunsetItem.objects.filter(sunset=sunset).order_by("id")
    if states:
        rows = rows.filter(state__in=states)
    return list(with_owners(rows))


def states_of(sunset: Sunset) -> set[ItemState]:
    """The states its items are in."""
    states = SunsetItem.objects.filter(sunset=sunset).order_by().values_list("state", flat=True)
    return {ItemState(state) for state in states.distinct()}


def with_owners(rows: "QuerySet[SunsetItem]") -> "QuerySet[SunsetItem]":
    """The query with all it takes to name its items, and their sunset."""
    return rows.select_related(
        "sunset", "version__module__owner", "deployment__version__module__owner"
    )


def plan_item(row: SunsetItem) -> PlanItem:
    """What a row is of, with the owner it has now."""
    if row.version is not None:
        version, kind, pk = row.version, "version", row.version.pk
    else:
        assert row.deployment is not None  # noqa: S101 - a constraint says one of the two
        version, kind, pk = row.deployment.version, "deployment", row.deployment.pk
    module = version.module
    return PlanItem(
        kind=kind,
        id=pk,
        label=row.label,
        ecosystem=module.ecosystem,
        module=module.name,
        version=version.version,
        owner_id=module.owner_id,
        owner=module.owner.name if module.owner else "",
        detail="",
        subject=row.subject,
    )


def new_row(sunset: Sunset, item: PlanItem) -> SunsetItem:
    """The row of an item that a plan listed."""
    is_version = item.kind == "version"
    return SunsetItem(
        sunset=sunset,
        version_id=item.id if is_version else None,
        deployment_id=None if is_version else item.id,
        label=item.label[:600],
        subject=item.subject,
    )


def require_all(actor: Actor, items: Iterable[PlanItem], what: str) -> None:
    """Raise PermissionDenied unless the actor may sunset and restore every item."""
    for owner_id in {item.owner_id for item in items} or {None}:
        require_sunset(actor, owner_id, what)


def labels(rows: Sequence[SunsetItem]) -> list[str]:
    """The items by name, for the audit."""
    return [row.label for row in rows]
