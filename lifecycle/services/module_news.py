"""Tells of yanked versions, of who blocks a coming sunset, and providers of their uptake."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from lifecycle.events.data import SunsetBlocked, UptakeMilestone, VersionYanked
from lifecycle.models import Event, Notice
from lifecycle.services.events import event, module_ref, names, write_events
from lifecycle.services.notices import write_notices
from lifecycle.services.standing import newly_so
from lineage.exceptions import LineageError
from lineage.ingest.known import batches
from lineage.models import Deprecation, Version
from lineage.selectors.newest_shares import NewestShare, newest_shares
from lineage.selectors.upgrades import UpgradeFilter, UpgradeRow, upgrades
from lineage.versioning import range_in, version_in

BLOCKS_WITHIN = timedelta(days=14)
MILESTONES = (50, 90, 100)
YOUNG = timedelta(days=30)


def tell_of_yanks(now: datetime) -> int:
    """Tell those who run a yanked version, or whose range would have taken it."""
    known = Version.objects.filter(yanked_at__isnull=False).order_by()
    fresh = newly_so("yanked", [str(pk) for pk in known.values_list("id", flat=True)], now)
    if not fresh:
        return 0
    yanked = list(
        Version.objects.filter(pk__in=[int(key) for key in fresh]).select_related("module__owner")
    )
    by_module: dict[int, list[UpgradeRow]] = defaultdict(list)
    modules = {version.module_id for version in yanked}
    for row in _live(upgrades(UpgradeFilter(dependencies=modules), now=now)):
        by_module[row.dependency.pk].append(row)
    events, notices = [], []
    for version in yanked:
        hit = [row for row in by_module[version.module_id] if _touches(row, version)]
        events.append(_yank(version, hit, now))
        notices += _by_owner(
            hit,
            Notice.Kind.YANKED,
            f"{version.module.name} {version.version} was yanked: you run it or may have",
            version.yank_reason or "Its provider withdrew it.",
            str(version.pk),
            now,
        )
    write_events(events)
    write_notices(notices)
    return len(notices)


def tell_of_blocking(now: datetime) -> int:
    """Tell the owners of consumers that still run what is to be sunset within two weeks."""
    due = Deprecation.objects.filter(
        sunset_at__lte=now + BLOCKS_WITHIN, versions__sunset_at=None, versions__isnull=False
    ).distinct()
    modules = set(due.order_by().values_list("module_id", flat=True))
    rows = upgrades(UpgradeFilter(dependencies=modules, statuses=("dying",)), now=now)
    groups: dict[str, list[UpgradeRow]] = defaultdict(list)
    for row in _live(rows):
        stated = row.deprecation
        if stated and stated.sunset_at and stated.sunset_at <= now + BLOCKS_WITHIN:
            owner = row.consumer.module.owner_id or 0
            groups[f"{stated.pk}:{stated.sunset_at:%Y-%m-%d}:{owner}"].append(row)
    events, notices = [], []
    for key in sorted(newly_so("blocking", groups.keys(), now)):
        events.append(_blocking(key, groups[key], now))
        first = groups[key][0]
        notices += _by_owner(
            groups[key],
            Notice.Kind.BLOCKING,
            f"You block the sunset of {first.dependency.name}",
            "Its provider wants to let it go; these still run it.",
            key,
            now,
        )
    write_events(events)
    write_notices(notices)
    return len(notices)


def tell_of_uptake(now: datetime) -> int:
    """Tell a provider when half, nine tenths, and all of its live consumers took its newest."""
    young = Version.objects.filter(published_at__gt=now - YOUNG, module__owner__isnull=False)
    modules = set(young.order_by().values_list("module_id", flat=True).distinct())
    shares = newest_shares(UpgradeFilter(dependencies=modules), now=now) if modules else {}
    reached = {
        f"{share.version_id}:{percent}": (share, percent)
        for share in shares.values()
        for percent in MILESTONES
        if share.taken * 100 >= percent * share.total
    }
    fresh = newly_so("uptake", reached.keys(), now)
    best: dict[int, str] = {}
    for key in fresh:
        share, percent = reached[key]
        if share.version_id not in best or percent > reached[best[share.version_id]][1]:
            best[share.version_id] = key
    rows: dict[int, Version] = {}
    for batch in batches(sorted(best)):
        rows |= Version.objects.select_related("module__owner").in_bulk(batch)
    written = [
        _milestone(best[pk], row, *reached[best[pk]], now) for pk, row in sorted(rows.items())
    ]
    write_events([one for one, _ in written])
    write_notices([notice for _, notice in written])
    return len(written)


def _live(rows: Iterable[UpgradeRow]) -> list[UpgradeRow]:
    return [row for row in rows if row.live_prod or row.live_preprod]


def _touches(row: UpgradeRow, version: Version) -> bool:
    """Whether the consumer runs the version, or its range took it until now."""
    if row.current == version or version.version in row.runs:
        return True
    if row.current is not None and bytes(row.current.sort_key) > bytes(version.sort_key):
        return False
    try:
        ecosystem = row.dependency.ecosystem
        return range_in(ecosystem, row.declared).contains(version_in(ecosystem, version.version))
    except LineageError:
        return False


def _yank(version: Version, hit: list[UpgradeRow], now: datetime) -> Event:
    data = VersionYanked(
        module=module_ref(version.module),
        version=version.version,
        purl=version.purl,
        reason=version.yank_reason,
        yanked_at=version.yanked_at or now,
    )
    return event(
        "version.yanked", data, key=f"{version.pk}:{version.yanked_at}",
        title=f"{version.module.name} {version.version} was yanked", now=now,
        module=version.module, audience=[row.consumer.module.owner_id for row in hit],
    )  # fmt: skip


def _blocking(key: str, rows: list[UpgradeRow], now: datetime) -> Event:
    first = rows[0]
    stated = first.deprecation
    data = SunsetBlocked(
        module=module_ref(first.dependency),
        range=stated.range if stated else "",
        sunset_at=(stated.sunset_at if stated else None) or now,
        consumers=names([_consumer(row) for row in rows]),
    )
    return event(
        "sunset.blocked", data, key=key,
        title=f"{len(data.consumers):,} consumers block the sunset of {first.dependency.name}",
        now=now, module=first.dependency, audience=[first.consumer.module.owner_id],
    )  # fmt: skip


def _milestone(
    key: str, version: Version, share: NewestShare, percent: int, now: datetime
) -> tuple[Event, Notice]:
    module = version.module
    data = UptakeMilestone(
        module=module_ref(module),
        version=version.version,
        percent=percent,
        taken=share.taken,
        consumers=share.total,
    )
    title = f"{percent} % of live consumers take {module.name} {version.version}"
    told = event(
        "uptake.milestone", data, key=key, title=title, now=now, module=module,
        audience=[module.owner_id],
    )  # fmt: skip
    notice = Notice(
        team_id=module.owner_id,
        kind=Notice.Kind.UPTAKE,
        title=title[:300],
        items=[
            {
                "subject": f"uptake:{key}",
                "label": f"{module.name} {version.version}",
                "detail": f"{share.taken:,} of {share.total:,} live deployments that use it",
                "module": module.pk,
            }
        ],
        module=module,
        dedupe_key=f"uptake:{key}",
        created_at=now,
    )
    return told, notice


def _by_owner(
    rows: list[UpgradeRow], kind: Notice.Kind, title: str, body: str, key: str, now: datetime
) -> list[Notice]:
    groups: dict[int | None, dict[str, UpgradeRow]] = defaultdict(dict)
    for row in rows:
        groups[row.consumer.module.owner_id][row.key] = row
    return [
        Notice(
            team_id=owner_id,
            kind=kind,
            title=title[:300],
            body=body,
            items=[
                {
                    "subject": f"upgrade:{row.consumer.pk}:{row.dependency.pk}",
                    "label": f"{_consumer(row)} needs {row.dependency.name} {row.declared}",
                    "detail": f"resolves to {row.current.version if row.current else 'nothing'}",
                    "module": row.dependency.pk,
                }
                for row in group.values()
            ],
            module=rows[0].dependency,
            dedupe_key=f"{kind}:{owner_id or 0}:{key}:{now.isoformat()}",
            created_at=now,
        )
        for owner_id, group in groups.items()
    ]


def _consumer(row: UpgradeRow) -> str:
    return f"{row.consumer.module.name} {row.consumer.version}"
