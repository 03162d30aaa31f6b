"""What needs somebody: the head of the overview."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import TruncWeek

from lifecycle.models import Finding, Sunset
from lineage.selectors.ingest import SourceRow, source_list
from lineage.selectors.upgrades import UpgradeRow, upgrades

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits for somebody; lists are cut at MOST_SHOWN, counts are whole."""

    unused: list[Finding]
    unused_count: int
    expired_count: int
    oldest_expiry: datetime | None
    dying: list[UpgradeRow]
    dying_count: int
    quiet: list[SourceRow]


@dataclass(frozen=True, slots=True)
class Week:
    """Sunsets of one week."""

    start: datetime
    sunset: int
    restored: int


def needs_attention(team_ids: Collection[int], *, is_operator: bool, now: datetime) -> Attention:
    """What waits for the members of these teams, or for the operators: everything."""
    open_findings = Finding.objects.filter(closed_at=None).select_related("module", "owner")
    mine: QuerySet[Finding] = (
        open_findings if is_operator else open_findings.filter(owner_id__in=team_ids)
    )
    unused = mine.filter(rule=Finding.Rule.UNUSED_RANGE).order_by("since", "id")
    expired = mine.filter(rule=Finding.Rule.EXPIRED_DEPLOYMENT)
    facts = expired.aggregate(count=Count("id"), oldest=Min("since"))
    owners = None if is_operator else team_ids
    rows = upgrades(now=now, owners=owners, statuses=("dying",))
    dying = [row for row in rows if row.live_prod or row.live_preprod]
    return Attention(
        unused=list(unused[:MOST_SHOWN]),
        unused_count=unused.count(),
        expired_count=facts["count"],
        oldest_expiry=facts["oldest"],
        dying=dying[:MOST_SHOWN],
        dying_count=len(dying),
        quiet=[row for row in source_list(now) if row.is_quiet],
    )


def retired_by_week(*, now: datetime, weeks: int = 12) -> list[Week]:
    """Things sunset and restored, week by week, weeks with none included."""
    this_week = (now - timedelta(days=now.weekday())).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    starts = [this_week - timedelta(weeks=ago) for ago in range(weeks - 1, -1, -1)]
    done = _by_week("executed_at", starts[0])
    restored = _by_week("restored_at", starts[0])
    return [Week(start, done.get(start, 0), restored.get(start, 0)) for start in starts]


def _by_week(field: str, since: datetime) -> dict[datetime, int]:
    rows = (
        Sunset.objects.filter(**{f"{field}__gte": since})
        .order_by()
        .annotate(week=TruncWeek(field))
        .values_list("week")
        .annotate(number=Count("items"))
    )
    return dict(rows)
