"""Who watches what: people whose subscriptions match an event, and what people mute."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from lifecycle.models import Event, Subscription
from lifecycle.notice_kinds import EVENTS, is_within
from lineage.ingest.known import batches
from lineage.models import Module


class Watches:
    """All watching subscriptions, looked up by what they name first; linear in what matches."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, object], list[Subscription]] = defaultdict(list)
        rows = Subscription.objects.filter(is_muted=False, user__is_active=True).order_by("id")
        for row in rows:
            self._by[_place(row)].append(row)

    def watching(self, event: Event) -> set[int]:
        """Ids of the people one of whose subscriptions matches."""
        places: Iterable[tuple[str, object]] = (
            ("module", event.module_id),
            ("team", event.team_id),
            ("environment", event.environment),
            ("kind", ""),
        )
        return {
            row.user_id
            for place in places
            for row in self._by.get(place, ())
            if _matches(row, event)
        }


def _place(row: Subscription) -> tuple[str, object]:
    if row.module_id is not None:
        return "module", row.module_id
    if row.team_id is not None:
        return "team", row.team_id
    return ("environment", row.environment) if row.environment else ("kind", "")


def _matches(row: Subscription, event: Event) -> bool:
    return (
        (row.module_id is None or row.module_id == event.module_id)
        and (row.team_id is None or row.team_id == event.team_id)
        and (not row.environment or row.environment == event.environment)
        and is_within(event.kind, row.kind)
    )


class Mutes:
    """What one person does not want to hear of over channels; the inbox keeps it."""

    def __init__(self, user_id: int) -> None:
        self._rows = list(Subscription.objects.filter(user_id=user_id, is_muted=True))

    def __bool__(self) -> bool:
        return bool(self._rows)

    def kept(self, kind: str, items: Collection[dict[str, Any]]) -> list[dict[str, Any]]:
        """The items of a notice of that kind that the person wants to hear of."""
        owners = _owners(items) if any(row.team_id for row in self._rows) else {}
        return [
            item
            for item in items
            if not any(_mutes(row, item.get("event", EVENTS.get(kind, "")), item, owners)
                       for row in self._rows)
        ]  # fmt: skip


def _owners(items: Collection[dict[str, Any]]) -> dict[int, int | None]:
    ids = {item["module"] for item in items if item.get("module")}
    found: dict[int, int | None] = {}
    for batch in batches(sorted(ids)):
        found |= dict(Module.objects.filter(pk__in=batch).values_list("id", "owner_id"))
    return found


def _mutes(
    row: Subscription, kind: str, item: dict[str, Any], owners: dict[int, int | None]
) -> bool:
    module = item.get("module")
    return (
        (row.module_id is None or row.module_id == module)
        and (row.team_id is None or (module is not None and owners.get(module) == row.team_id))
        and (not row.environment or row.environment == item.get("environment"))
        and (not row.kind or (bool(kind) and is_within(kind, row.kind)))
    )
