"""The fleet at a glance."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.core.cache import cache
from django.db.models import CharField, Count
from django.db.models.functions import Cast, Substr

from lineage.graph.arrays import PLACEHOLDER, SUNSET
from lineage.models import Deployment, Environment
from lineage.selectors.view import current_view
from lineage.services.epoch import current_epoch


@dataclass(frozen=True, slots=True)
class Fleet:
    """Counts over everything; ``on_newest_major`` is a share of versions that run, or None."""

    modules: int
    versions: int
    live: int
    live_prod: int
    expired: int
    on_newest_major: float | None
    epoch: int


@dataclass(frozen=True, slots=True)
class LiveByDay:
    """Live deployments at the end of each day, by tier."""

    days: list[date]
    prod: list[int]
    preprod: list[int]


def fleet(*, now: datetime) -> Fleet:
    """What there is and what runs."""
    view = current_view(now)
    graph, usage = view.graph, view.usage
    stands = (graph.version_flags & (SUNSET | PLACEHOLDER)) == 0
    prod, preprod = (int(n) for n in usage.version_own.sum(axis=0)) if graph.versions else (0, 0)
    used = view.is_live.nonzero()[0]
    newest = view.newest[graph.version_module[used]] if len(used) else used
    same = graph.version_major[used] == graph.version_major[newest] if len(used) else used
    return Fleet(
        modules=len(graph.module_ids),
        versions=int(stands.sum()),
        live=prod + preprod,
        live_prod=prod,
        expired=Deployment.objects.expired(now).count(),
        on_newest_major=float(same.mean()) if len(used) else None,
        epoch=view.snapshot.epoch,
    )


def live_by_day(*, now: datetime, days: int = 90) -> LiveByDay:
    """How many deployments were live at the end of each past day in UTC, and today until now.

    Counts every deployment, so the answer is kept for the epoch and the day.
    """
    epoch = current_epoch()
    key = f"live-by-day:{epoch.database_id}:{epoch.number}:{days}:{now:%Y%m%d}"
    found: LiveByDay | None = cache.get(key)
    if found is None:
        found = _live_by_day(now.date(), days)
        cache.set(key, found, timeout=3600)
    return found


def _live_by_day(today: date, days: int) -> LiveByDay:
    shown = [today - timedelta(days=ago) for ago in range(days, -1, -1)]
    started, ended = _by_day("started_at"), _by_day("ended_at")
    counts = {
        tier: [
            live - gone
            for live, gone in zip(
                _up_to(shown, started[tier]), _up_to(shown, ended[tier]), strict=True
            )
        ]
        for tier in (Environment.Tier.PROD, Environment.Tier.PREPROD)
    }
    return LiveByDay(shown, counts[Environment.Tier.PROD], counts[Environment.Tier.PREPROD])


def _by_day(field: str) -> dict[str, dict[str, int]]:
    """Tier -> day as text -> deployments with that instant on it; grouped by the database."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    rows = Deployment.objects.filter(**{f"{field}__isnull": False}).order_by()
    # Both databases write an instant as text that starts with its day in UTC.
    by_day = rows.annotate(day=Substr(Cast(field, CharField()), 1, len("2026-01-01")))
    for tier, day, number in by_day.values_list("environment__tier", "day").annotate(
        number=Count("id")
    ):
        found[tier][day] = number
    return found


def _up_to(days: list[date], by_day: dict[str, int]) -> list[int]:
    """For each day how many fall on it or before."""
    order = sorted(by_day)
    sums = [0, *accumulate(by_day[day] for day in order)]
    return [sums[bisect_right(order, day.isoformat())] for day in days]
