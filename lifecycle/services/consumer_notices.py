"""Tells consumers when something they run is deprecated, dying or has a newer version.

Reads the facts from where it last stopped; how far it has read moves in the transaction
that writes the notices, so nothing is told twice and nothing is missed.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from lifecycle.models import Notice, NoticeMark
from lifecycle.services.notices import write_notices
from lineage.models import Deprecation, Version
from lineage.selectors.upgrades import UpgradeFilter, UpgradeRow, upgrades

NEWS = timedelta(days=7)
VERSIONS, DEPRECATIONS = "versions", "deprecations"


def notify_consumers(now: datetime) -> int:
    """Write one notice per owner and kind about what came since the last time.

    Versions that were there when it first looked, and those published longer ago than
    NEWS, are history and told to nobody. Returns how many notices were written.
    """
    with transaction.atomic():
        published = _since(VERSIONS, _greatest(Version))
        stated = _since(DEPRECATIONS, _greatest(Deprecation))
        if published[0] == published[1] and stated[0] == stated[1]:
            return 0
        touched = _modules_of(Version, published if published[0] else None) | _modules_of(
            Deprecation, stated
        )
        rows = [
            row
            for row in upgrades(UpgradeFilter(dependencies=touched), now=now)
            if row.live_prod or row.live_preprod
        ]
        notices = _dying(rows, stated, now)
        if published[0]:
            notices += _published(rows, published, now)
        write_notices(notices)
        return len(notices)


def _greatest(model: type[Version] | type[Deprecation]) -> int:
    return model._default_manager.aggregate(last=Max("id"))["last"] or 0


def _modules_of(model: type[Version] | type[Deprecation], ids: tuple[int, int] | None) -> set[int]:
    """The modules of which something new was said."""
    if ids is None:
        return set()
    rows = model._default_manager.filter(id__gt=ids[0], id__lte=ids[1]).order_by()
    return set(rows.values_list("module_id", flat=True).distinct())


def _since(name: str, last: int) -> tuple[int, int]:
    """(after, up to) ids to read now; moves the mark."""
    mark, _ = NoticeMark.objects.select_for_update().get_or_create(name=name)
    after = mark.last_id
    NoticeMark.objects.filter(pk=mark.pk).update(last_id=last)
    return after, last


def _dying(rows: list[UpgradeRow], ids: tuple[int, int], now: datetime) -> list[Notice]:
    def concerns(row: UpgradeRow) -> bool:
        return row.deprecation is not None and ids[0] < row.deprecation.pk <= ids[1]

    dying = _digests(
        [r for r in rows if concerns(r) and r.status == "dying"], Notice.Kind.DYING, ids[1], now
    )
    deprecated = [r for r in rows if concerns(r) and r.status == "deprecated"]
    return dying + _digests(deprecated, Notice.Kind.DEPRECATED, ids[1], now)


def _published(rows: list[UpgradeRow], ids: tuple[int, int], now: datetime) -> list[Notice]:
    fresh = [
        row
        for row in rows
        if row.newest is not None
        and row.current is not None
        and ids[0] < row.newest.pk <= ids[1]
        and (row.newest.published_at is None or row.newest.published_at > now - NEWS)
    ]
    return _digests(fresh, Notice.Kind.PUBLISHED, ids[1], now)


TITLES: dict[Notice.Kind, Callable[[UpgradeRow], str]] = {
    Notice.Kind.DYING: lambda r: f"{_current(r)} dies {_date(r)}: you run it",
    Notice.Kind.DEPRECATED: lambda r: f"{_current(r)} is deprecated: you run it",
    Notice.Kind.PUBLISHED: lambda r: (
        f"{r.dependency.name} {_newest(r)} is out: "
        + ("your range takes it" if r.current == r.newest else f"you run {_current(r)}")
    ),
}
MANY = {
    Notice.Kind.DYING: "dependencies you run are about to be sunset",
    Notice.Kind.DEPRECATED: "dependencies you run are deprecated",
    Notice.Kind.PUBLISHED: "dependencies you run have a newer version",
}


def _digests(rows: list[UpgradeRow], kind: Notice.Kind, batch: int, now: datetime) -> list[Notice]:
    """One notice per owner, listing each dependency of each consumer once."""
    groups: dict[int | None, list[UpgradeRow]] = defaultdict(list)
    for row in rows:
        groups[row.consumer.module.owner_id].append(row)
    notices = []
    for owner_id, group in groups.items():
        items = {_item(row)["subject"]: _item(row) for row in group}
        modules = {row.dependency.pk for row in group}
        title = TITLES[kind](group[0]) if len(modules) == 1 else f"{len(modules):,} {MANY[kind]}"
        notices.append(
            Notice(
                team_id=owner_id,
                kind=kind,
                title=title[:300],
                body="See the upgrades page for what moves by itself and what needs a change.",
                items=list(items.values()),
                module=group[0].dependency if len(modules) == 1 else None,
                dedupe_key=f"{kind}:{owner_id or 0}:{batch}",
                created_at=now,
            )
        )
    return notices


def _item(row: UpgradeRow) -> dict[str, Any]:
    consumer = f"{row.consumer.module.name} {row.consumer.version}"
    return {
        "subject": f"upgrade:{row.consumer.pk}:{row.dependency.pk}",
        "label": f"{consumer} runs {_current(row)}",
        "detail": f"declares {row.declared}, newest is {_newest(row)}",
    }


def _current(row: UpgradeRow) -> str:
    return f"{row.dependency.name} {row.current.version if row.current else row.declared}"


def _newest(row: UpgradeRow) -> str:
    return row.newest.version if row.newest else "unknown"


def _date(row: UpgradeRow) -> str:
    dies_at = row.deprecation.sunset_at if row.deprecation else None
    return f"on {dies_at:%-d %b %Y}" if dies_at else "soon"
