"""Reclaimed so far: what sunsets took away and nobody asked back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek

from lifecycle.models import SunsetItem
from lifecycle.states import ItemState

GONE = (ItemState.DONE, ItemState.PURGED)
BACK = (ItemState.RESTORED, ItemState.RESTORING, ItemState.REVIVED)


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """Items by what became of them; days are those deployments did not run since they went.

    ``returned`` counts what went and came back, restored or ingested again.
    """

    versions: int
    deployments: int
    deployment_days: int
    returned: int

    @property
    def went(self) -> int:
        """All that ever went."""
        return self.versions + self.deployments + self.returned

    @property
    def share_returned(self) -> float | None:
        """Of all that went, the share that came back; None when nothing went."""
        return self.returned / self.went if self.went else None


@dataclass(frozen=True, slots=True)
class Week:
    """Items of one week by when they went; ``returned`` of them came back since."""

    start: datetime
    versions: int
    deployments: int
    returned: int


def reclaimed(*, now: datetime) -> Reclaimed:
    """What has gone and stays gone, over all sunsets."""
    items = SunsetItem.objects.order_by()
    gone = items.filter(state__in=GONE)
    ended = gone.filter(deployment__isnull=False)
    return Reclaimed(
        versions=gone.filter(version__isnull=False).count(),
        deployments=ended.count(),
        deployment_days=_days(ended.values_list("executed_at", flat=True).iterator(), now),
        returned=items.filter(state__in=BACK).count(),
    )


def reclaimed_by_week(*, now: datetime, weeks: int = 12) -> list[Week]:
    """What went week by week, the oldest first, weeks with nothing included."""
    this_week = (now - timedelta(days=now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    starts = [this_week - timedelta(weeks=ago) for ago in range(weeks - 1, -1, -1)]
    went = SunsetItem.objects.filter(executed_at__gte=starts[0]).order_by()
    stayed = went.filter(state__in=GONE)
    versions = _by_week(stayed.filter(version__isnull=False))
    deployments = _by_week(stayed.filter(deployment__isnull=False))
    returned = _by_week(went.filter(state__in=BACK))
    return [
        Week(start, versions.get(start, 0), deployments.get(start, 0), returned.get(start, 0))
        for start in starts
    ]


def _by_week(items: "QuerySet[SunsetItem]") -> dict[datetime, int]:
    weeks = items.annotate(week=TruncWeek("executed_at"))
    return dict(weeks.values_list("week").annotate(number=Count("id")))


def _days(instants: Iterable[datetime | None], now: datetime) -> int:
    """Whole days from each instant to now, added up before they are rounded."""
    seconds = sum((now - at).total_seconds() for at in instants if at is not None and at < now)
    return int(seconds // 86_400)
