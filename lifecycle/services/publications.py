"""What came out since the last time: versions, how large a step each is, who it is news to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from lifecycle.events.changes import Step, change_of
from lifecycle.events.data import FixAvailable, VersionPublished
from lifecycle.models import Event
from lifecycle.services.events import event, module_ref, names
from lineage.models import Version
from lineage.selectors.upgrades import UpgradeRow

NEWS = timedelta(days=7)
MENDS = frozenset({"fix", "dying", "deprecated", "withdrawn"})


@dataclass(slots=True)
class News:
    """Fresh versions by module id, oldest first, and the others of those modules in order."""

    fresh: dict[int, list[Version]] = field(default_factory=lambda: defaultdict(list))
    siblings: dict[int, list[tuple[int, Step]]] = field(default_factory=lambda: defaultdict(list))

    def for_row(self, row: UpgradeRow) -> list[Version]:
        """The fresh versions newer than what the consumer had before them, oldest first."""
        fresh = self.fresh.get(row.dependency.pk, [])
        if not fresh or row.current is None:
            return []
        ids = {version.pk for version in fresh}
        had = bytes(row.current.sort_key)
        if row.current.pk in ids:
            # Its range took a fresh one: what it had is the newest before that.
            older = [
                step.sort_key
                for pk, step in self.siblings[row.dependency.pk]
                if pk not in ids and step.sort_key < had and not step.is_prerelease
            ]
            had = max(older, default=b"")
        return [
            version
            for version in fresh
            if bytes(version.sort_key) > had
            and (not version.is_prerelease or row.current.is_prerelease)
        ]


def news_between(ids: tuple[int, int], now: datetime) -> News:
    """The versions of these ids that came out lately."""
    after, last = ids
    news = News()
    rows = (
        Version.objects.filter(id__gt=after, id__lte=last, is_placeholder=False)
        .filter(Q(published_at=None) | Q(published_at__gt=now - NEWS))
        .select_related("module__owner")
        .order_by("module_id", "sort_key")
    )
    for version in rows:
        news.fresh[version.module_id].append(version)
    siblings = Version.objects.filter(module_id__in=news.fresh, is_placeholder=False).order_by(
        "module_id", "sort_key"
    )
    for module_id, pk, text, key, major, minor, is_prerelease in siblings.values_list(
        "module_id", "id", "version", "sort_key", "major_line", "minor_line", "is_prerelease"
    ):
        step = Step(text, bytes(key), major, minor, is_prerelease)
        news.siblings[module_id].append((pk, step))
    return news


def publication_events(
    news: News, told: Mapping[int, Iterable[int | None]], now: datetime
) -> list[Event]:
    """One event a fresh version; ``told`` are the owners a notice tells, by version id."""
    events = []
    for module_id, versions in news.fresh.items():
        steps = dict(news.siblings[module_id])
        for version in versions:
            change, previous = change_of(steps[version.pk], list(steps.values()))
            data = VersionPublished(
                module=module_ref(version.module),
                version=version.version,
                purl=version.purl,
                change=change,
                previous=previous,
                published_at=version.published_at,
            )
            events.append(
                event(
                    f"version.published.{change}",
                    data,
                    key=str(version.pk),
                    title=f"{version.module.name} {version.version} is out",
                    now=now,
                    module=version.module,
                    audience=told.get(version.pk, ()),
                )
            )
    return events


def fix_events(rows: list[tuple[UpgradeRow, Version]], now: datetime) -> list[Event]:
    """One event a version that mends what somebody runs."""
    mended: dict[int, list[tuple[UpgradeRow, Version]]] = defaultdict(list)
    for row, version in rows:
        mended[version.pk].append((row, version))
    events = []
    for pk, group in mended.items():
        version = group[0][1]
        consumers = [f"{r.consumer.module.name} {r.consumer.version}" for r, _ in group]
        data = FixAvailable(
            module=module_ref(version.module),
            version=version.version,
            purl=version.purl,
            consumers=names(consumers),
        )
        events.append(
            event(
                "fix.available",
                data,
                key=str(pk),
                title=f"{version.module.name} {version.version} mends what you run",
                now=now,
                module=version.module,
                audience={r.consumer.module.owner_id for r, _ in group},
            )
        )
    return events
