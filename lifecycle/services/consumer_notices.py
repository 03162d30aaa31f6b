"""Tells consumers when something they run is deprecated, dying or has a newer version.

Reads the facts from where it last stopped; how far it has read moves in the transaction
that writes the notices and events, so nothing is told twice and nothing is missed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from lifecycle.events.data import RangeScheduled, VersionsDeprecated
from lifecycle.models import Event, Notice, NoticeMark
from lifecycle.services.events import event, module_ref, write_events
from lifecycle.services.notices import write_notices
from lifecycle.services.publications import (
    MENDS,
    News,
    fix_events,
    news_between,
    publication_events,
)
from lineage.models import Deprecation, Version
from lineage.selectors.upgrades import UpgradeFilter, UpgradeRow, upgrades

VERSIONS, DEPRECATIONS = "versions", "deprecations"
Told = tuple[UpgradeRow, Version | None]


def notify_consumers(now: datetime) -> int:
    """Write one notice per owner and kind about what came since the last time, and its events.

    Versions that were there when it first looked, and those published longer ago than
    NEWS, are history and told to nobody. Returns how many notices were written.
    """
    with transaction.atomic():
        published = _since(VERSIONS, _greatest(Version))
        stated = _since(DEPRECATIONS, _greatest(Deprecation))
        if published[0] == published[1] and stated[0] == stated[1]:
            return 0
        news = news_between(published, now) if published[0] else News()
        touched = set(news.fresh) | _modules_of(stated)
        rows = [
            row
            for row in upgrades(UpgradeFilter(dependencies=touched), now=now)
            if row.live_prod or row.live_preprod
        ]
        notices = _dying(rows, stated, now) + _published(rows, news, published[1], now)
        write_notices(notices)
        return len(notices)


def _greatest(model: type[Version] | type[Deprecation]) -> int:
    return model._default_manager.aggregate(last=Max("id"))["last"] or 0


def _modules_of(ids: tuple[int, int]) -> set[int]:
    """The modules of which something new was said."""
    rows = Deprecation.objects.filter(id__gt=ids[0], id__lte=ids[1]).order_by()
    return set(rows.values_list("module_id", flat=True).distinct())


def _since(name: str, last: int) -> tuple[int, int]:
    """(after, up to) ids to read now; moves the mark."""
    mark, _ = NoticeMark.objects.select_for_update().get_or_create(name=name)
    after = mark.last_id
    NoticeMark.objects.filter(pk=mark.pk).update(last_id=last)
    return after, last


def _dying(rows: list[UpgradeRow], ids: tuple[int, int], now: datetime) -> list[Notice]:
    concerned = [r for r in rows if r.deprecation is not None and ids[0] < r.deprecation.pk]
    dying: list[Told] = [(r, None) for r in concerned if r.status == "dying"]
    deprecated: list[Told] = [(r, None) for r in concerned if r.status == "deprecated"]
    owners: dict[int, set[int | None]] = defaultdict(set)
    for row, _ in dying + deprecated:
        if row.deprecation is not None:
            owners[row.deprecation.pk].add(row.consumer.module.owner_id)
    stated = Deprecation.objects.filter(id__gt=ids[0], id__lte=ids[1])
    write_events(
        [_stated(one, owners[one.pk], now) for one in stated.select_related("module__owner")]
    )
    return _digests(dying, Notice.Kind.DYING, ids[1], now) + _digests(
        deprecated, Notice.Kind.DEPRECATED, ids[1], now
    )


def _stated(one: Deprecation, owners: Iterable[int | None], now: datetime) -> Event:
    module = module_ref(one.module)
    said = {"range": one.range, "message": one.message, "replacement": one.replacement}
    if one.sunset_at is None:
        return event(
            "version.deprecated", VersionsDeprecated(module=module, **said), key=str(one.pk),
            title=f"{one.module.name} {one.range} is deprecated", now=now, module=one.module,
            audience=owners,
        )  # fmt: skip
    return event(
        "range.dying", RangeScheduled(module=module, sunset_at=one.sunset_at, **said),
        key=str(one.pk), title=f"{one.module.name} {one.range} dies on {one.sunset_at:%-d %b %Y}",
        now=now, module=one.module, audience=owners,
    )  # fmt: skip


def _published(rows: list[UpgradeRow], news: News, batch: int, now: datetime) -> list[Notice]:
    """Every fresh version is told to everybody it is news to, and is an event of its own."""
    pairs = [(row, version) for row in rows for version in news.for_row(row)]
    mending = [(row, version) for row, version in pairs if row.status in MENDS]
    others = [(row, version) for row, version in pairs if row.status not in MENDS]
    owners: dict[int, set[int | None]] = defaultdict(set)
    for row, version in pairs:
        owners[version.pk].add(row.consumer.module.owner_id)
    write_events(publication_events(news, owners, now) + fix_events(mending, now))
    return _digests(mending, Notice.Kind.FIX, batch, now) + _digests(
        others, Notice.Kind.PUBLISHED, batch, now
    )


TITLES: dict[Notice.Kind, Callable[[UpgradeRow, Version | None], str]] = {
    Notice.Kind.DYING: lambda r, v: f"{_current(r)} dies {_date(r)}: you run it",
    Notice.Kind.DEPRECATED: lambda r, v: f"{_current(r)} is deprecated: you run it",
    Notice.Kind.FIX: lambda r, v: f"{_named(r, v)} mends what you run: {_current(r)}",
    Notice.Kind.PUBLISHED: lambda r, v: (
        f"{_named(r, v)} is out: "
        + ("your range takes it" if r.current == v else f"you run {_current(r)}")
    ),
}
MANY = {
    Notice.Kind.DYING: "dependencies you run are about to be sunset",
    Notice.Kind.DEPRECATED: "dependencies you run are deprecated",
    Notice.Kind.FIX: "dependencies you run have a fix",
    Notice.Kind.PUBLISHED: "dependencies you run have a newer version",
}


def _digests(told: Sequence[Told], kind: Notice.Kind, batch: int, now: datetime) -> list[Notice]:
    """One notice per owner, listing each dependency of each consumer once for each version."""
    groups: dict[int | None, list[Told]] = defaultdict(list)
    for row, version in told:
        groups[row.consumer.module.owner_id].append((row, version))
    notices = []
    for owner_id, group in groups.items():
        items = {item["subject"]: item for item in (_item(*one) for one in group)}
        modules = {row.dependency.pk for row, _ in group}
        notices.append(
            Notice(
                team_id=owner_id,
                kind=kind,
                title=_title(kind, group, modules)[:300],
                body="See the upgrades page for what moves by itself and what needs a change.",
                items=list(items.values()),
                module=group[0][0].dependency if len(modules) == 1 else None,
                dedupe_key=f"{kind}:{owner_id or 0}:{batch}",
                created_at=now,
            )
        )
    return notices


def _title(kind: Notice.Kind, group: Sequence[Told], modules: set[int]) -> str:
    if len(modules) > 1:
        return f"{len(modules):,} {MANY[kind]}"
    row, version = group[0]
    versions = {one.pk for _, one in group if one is not None}
    if len(versions) > 1:
        return (
            f"{len(versions):,} versions of {row.dependency.name} are out: you run {_current(row)}"
        )
    return TITLES[kind](row, version)


def _item(row: UpgradeRow, version: Version | None) -> dict[str, Any]:
    consumer = f"{row.consumer.module.name} {row.consumer.version}"
    subject = f"upgrade:{row.consumer.pk}:{row.dependency.pk}"
    news = f"newest is {_newest(row)}" if version is None else f"{_named(row, version)} is out"
    return {
        "subject": subject if version is None else f"{subject}:{version.pk}",
        "label": f"{consumer} runs {_current(row)}",
        "detail": f"declares {row.declared}, {news}",
        "module": row.dependency.pk,
    }


def _named(row: UpgradeRow, version: Version | None) -> str:
    return f"{row.dependency.name} {version.version if version else _newest(row)}"


def _current(row: UpgradeRow) -> str:
    return f"{row.dependency.name} {row.current.version if row.current else row.declared}"


def _newest(row: UpgradeRow) -> str:
    return row.newest.version if row.newest else "unknown"


def _date(row: UpgradeRow) -> str:
    dies_at = row.deprecation.sunset_at if row.deprecation else None
    return f"on {dies_at:%-d %b %Y}" if dies_at else "soon"
