"""The fleet at a glance."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache

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
    """How many deployments were live at this time of each past day, from their instants.

    Reads every deployment, so the answer is kept for the epoch and the hour.
    """
    epoch = current_epoch()
    key = f"live-by-day:{epoch.database_id}:{epoch.number}:{days}:{now:%Y%m%d%H}"
    found: LiveByDay | None = cache.get(key)
    if found is None:
        found = _live_by_day(now, days)
        cache.set(key, found, timeout=3600)
    return found


def _live_by_day(now: datetime, days: int) -> LiveByDay:
    ends = [now - timedelta(days=ago) for ago in range(days, -1, -1)]
    counts: dict[str, list[int]] = {}
    for tier in (Environment.Tier.PROD, Environment.Tier.PREPROD):
        deployments = Deployment.objects.filter(environment__tier=tier).order_by()
        starts = sorted(deployments.values_list("started_at", flat=True))
        stops = sorted(
            at for at in deployments.values_list("ended_at", flat=True) if at is not None
        )
        counts[tier] = [bisect_right(starts, at) - bisect_right(stops, at) for at in ends]
    return LiveByDay(
        [at.date() for at in ends], counts[Environment.Tier.PROD], counts[Environment.Tier.PREPROD]
    )
