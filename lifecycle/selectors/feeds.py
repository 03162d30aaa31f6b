"""What a feed of a module or of a team says: publications, ends, returns, upgrades needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Coalesce

from lifecycle.models import Sunset, SunsetItem
from lineage.models import Deprecation, Module, Team, Version
from lineage.selectors.upgrades import UpgradeFilter, UpgradeRow, upgrade_head

MOST = 100  # entries of a feed, and of each kind that are looked at
NEEDED = ("dying", "deprecated", "withdrawn")


@dataclass(frozen=True, slots=True)
class Scope:
    """The modules a feed is about: one, those of a team, or all where both are None."""

    module: Module | None = None
    team: Team | None = None

    def within(self, path: str = "") -> dict[str, Any]:
        """The filter of rows whose module, at the end of ``path``, is in the scope."""
        if self.module is not None:
            return {path or "pk": self.module.pk}
        if self.team is not None:
            return {f"{path}__owner" if path else "owner": self.team.pk}
        return {}

    def upgrades(self, **more: Any) -> UpgradeFilter:
        """The upgrades of the consumers in the scope."""
        owners = [self.team.pk] if self.team else None
        return UpgradeFilter(module=self.module, owners=owners, **more)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that happened; ``key`` names it for good. ``sunset`` is 0 where it is no sunset."""

    kind: str
    key: str
    at: datetime
    title: str
    detail: str = ""
    module: Module | None = None
    version: str = ""
    sunset: int = 0


def feed_entries(scope: Scope, *, now: datetime) -> list[FeedEntry]:
    """The newest MOST entries, newest first. A handful of queries, whatever the scope."""
    found = [
        *_published(scope, now),
        *_deprecated(scope),
        *_sunsets(scope),
        *_needed(scope, now),
    ]
    found.sort(key=lambda entry: (entry.at, entry.key), reverse=True)
    return found[:MOST]


def _published(scope: Scope, now: datetime) -> Iterator[FeedEntry]:
    rows = Version.objects.filter(is_placeholder=False, **scope.within("module"))
    rows = rows.select_related("module").annotate(at=Coalesce("published_at", "received_at"))
    for row in rows.filter(at__lte=now).order_by("-at", "-id")[:MOST]:
        at: datetime = row.at
        title = f"{row.module.name} {row.version} published"
        key = f"published-{row.pk}"
        yield FeedEntry("published", key, at, title, module=row.module, version=row.version)


def _deprecated(scope: Scope) -> Iterator[FeedEntry]:
    rows = Deprecation.objects.filter(**scope.within("module")).select_related("module")
    rows = rows.annotate(at=Coalesce("deprecated_at", "received_at"))
    for row in rows.order_by("-at", "-id")[:MOST]:
        words = [row.message] if row.message else []
        if row.replacement:
            words.append(f"Move to {row.replacement}.")
        if row.sunset_at:
            words.append(f"It dies on {row.sunset_at:%Y-%m-%d}.")
        title = f"{row.module.name} {row.range} deprecated"
        key = f"deprecated-{row.pk}-{int(row.since.timestamp())}"
        yield FeedEntry("deprecated", key, row.since, title, " ".join(words), row.module)


def sunsets_within(scope: Scope) -> set[int] | None:
    """The sunsets of which an item lies in the scope; None for all."""
    if scope.module is None and scope.team is None:
        return None
    items = SunsetItem.objects.order_by()
    versions = items.filter(**scope.within("version__module"))
    deployments = items.filter(**scope.within("deployment__version__module"))
    rows = versions.values_list("sunset_id").union(deployments.values_list("sunset_id"))
    return {sunset for (sunset,) in rows}


def _sunsets(scope: Scope) -> Iterator[FeedEntry]:
    rows = Sunset.objects.order_by("-made_at", "-id")
    within = sunsets_within(scope)
    if within is not None:
        rows = rows.filter(pk__in=within)
    for row in rows[:MOST]:
        until = f"It can be restored until {row.restorable_until:%Y-%m-%d}."
        steps = (
            ("announced", row.made_at if row.grace_until else None, "sunset announced", row.reason),
            ("sunset", row.executed_at, "sunset", until),
            ("restored", row.restored_at, "restored", ""),
        )
        for kind, at, word, detail in steps:
            if at is not None:
                title = f"{row.title}: {word}"
                yield FeedEntry(kind, f"{kind}-{row.pk}", at, title, detail, sunset=row.pk)


def _needed(scope: Scope, now: datetime) -> Iterator[FeedEntry]:
    for row in upgrade_head(scope.upgrades(statuses=NEEDED), now=now, most=MOST).rows:
        what = f"{row.dependency.name} {row.current.version if row.current else row.declared}"
        yield FeedEntry(
            "upgrade",
            f"upgrade-{row.key}-{row.status}",
            _since(row),
            f"{row.consumer.module.name} {row.consumer.version} must leave {what}",
            _why(row),
            row.consumer.module,
        )


def _since(row: UpgradeRow) -> datetime:
    """Since when it must move; of what nothing ever satisfied, since it was heard of."""
    gone = (row.current.sunset_at or row.current.yanked_at) if row.current else None
    if row.status == "withdrawn" and gone is not None:
        return gone
    if row.deprecation is not None:
        return row.deprecation.since
    return row.consumer.published_at or row.consumer.received_at


def _why(row: UpgradeRow) -> str:
    words = [f"It is {row.status}."]
    if row.deprecation is not None and row.deprecation.sunset_at is not None:
        words.append(f"It dies on {row.deprecation.sunset_at:%Y-%m-%d}.")
    if row.change:
        words.append(f"Declare {row.change}.")
    return " ".join(words)
