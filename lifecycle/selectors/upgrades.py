"""Upgrades as people see them: the facts, and what was put aside by whom and why."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime

from lifecycle.models import UpgradeSnooze
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.upgrades import (
    UpgradeFilter,
    UpgradeRow,
    Upgrades,
    upgrade_head,
    upgrade_list,
)

# What to do with rows that are snoozed; the first unless said.
SNOOZED = ("hide", "only", "show")


@dataclass(frozen=True, slots=True)
class SeenUpgrade(UpgradeRow):
    """A row, and the snooze it lies under."""

    snooze: UpgradeSnooze | None = None


def active_snoozes(now: datetime) -> dict[tuple[int, int], UpgradeSnooze]:
    """(consumer, dependency) -> the snooze that holds now, if nothing got more urgent."""
    rows = UpgradeSnooze.objects.filter(ended_at=None, until__gt=now).order_by()
    return {(row.consumer_id, row.dependency_id): row for row in rows}


def seen_upgrades(
    filter: UpgradeFilter,
    *,
    now: datetime,
    snoozed: str = SNOOZED[0],
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Upgrades:
    """A page of upgrades without those that are snoozed, with only those, or with all."""
    snoozes = active_snoozes(now)
    found = upgrade_list(_aside(filter, snoozes, snoozed), now=now, page=page, size=size)
    return replace(found, rows=_seen(found.rows, snoozes))


def first_upgrades(
    filter: UpgradeFilter, *, now: datetime, most: int, snoozed: str = SNOOZED[0]
) -> Upgrades:
    """The rows of all pages of ``seen_upgrades``, the first ``most`` of them."""
    snoozes = active_snoozes(now)
    found = upgrade_head(_aside(filter, snoozes, snoozed), now=now, most=most)
    return replace(found, rows=_seen(found.rows, snoozes))


def snooze_list(
    *,
    owners: Collection[int] | None = None,
    now: datetime,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[UpgradeSnooze]:
    """The snoozes whose time is not over, newest first; of the consumers of some teams."""
    start, stop = bounds(page, size)
    rows = UpgradeSnooze.objects.filter(ended_at=None, until__gt=now)
    if owners is not None:
        rows = rows.filter(consumer__owner_id__in=owners)
    rows = rows.select_related("consumer__owner", "dependency").order_by("-made_at", "-id")
    return Slice(list(rows[start:stop]), rows.count(), max(page, 1), stop - start)


def _aside(
    filter: UpgradeFilter, snoozes: dict[tuple[int, int], UpgradeSnooze], snoozed: str
) -> UpgradeFilter:
    aside = {pair: row.status for pair, row in snoozes.items()}
    return replace(filter, aside=aside, asides=snoozed)


def _seen(
    rows: list[UpgradeRow], snoozes: dict[tuple[int, int], UpgradeSnooze]
) -> list[UpgradeRow]:
    names = [field.name for field in fields(UpgradeRow)]
    return [
        SeenUpgrade(
            **{name: getattr(row, name) for name in names},
            snooze=snoozes.get((row.consumer.module_id, row.dependency.pk))
            if row.is_aside
            else None,
        )
        for row in rows
    ]
