"""What needs somebody: the head of the overview."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from lifecycle.models import Finding
from lifecycle.rules import expired_deployment, unused_range
from lineage.models import Module
from lineage.selectors.sources import SourceStanding, source_standings
from lineage.selectors.upgrades import UpgradeFilter, UpgradeRow, upgrades

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Dying:
    """A dependency with an end date, and how many of the reader's consumers run it."""

    dependency: Module
    version: str
    ends_at: datetime
    consumers: int


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits for somebody; lists are cut at MOST_SHOWN, counts are whole.

    ``unused`` holds one finding a module, those with the most versions first.
    """

    unused: list[Finding]
    unused_count: int
    expired_count: int
    oldest_expiry: datetime | None
    dying: list[Dying]
    dying_count: int
    troubled: list[SourceStanding]


def needs_attention(team_ids: Collection[int], *, is_operator: bool, now: datetime) -> Attention:
    """What waits for the members of these teams, or for the operators: everything."""
    open_findings = Finding.objects.filter(closed_at=None).select_related("module", "owner")
    mine: QuerySet[Finding] = (
        open_findings if is_operator else open_findings.filter(owner_id__in=team_ids)
    )
    unused = mine.filter(rule=unused_range.NAME)
    expired = mine.filter(rule=expired_deployment.NAME)
    facts = expired.aggregate(count=Count("id"), oldest=Min("since"))
    owners = None if is_operator else team_ids
    dying = _dying(upgrades(UpgradeFilter(owners=owners, statuses=("dying",)), now=now))
    return Attention(
        unused=_one_a_module(unused),
        unused_count=unused.count(),
        expired_count=facts["count"],
        oldest_expiry=facts["oldest"],
        dying=dying[:MOST_SHOWN],
        dying_count=len(dying),
        troubled=[row for row in source_standings(now) if row.is_troubled],
    )


def _one_a_module(unused: "QuerySet[Finding]") -> list[Finding]:
    """The largest findings, by versions that would go, no module twice."""
    sizes = unused.order_by("-size", "since", "id").values_list("id", "module_id")
    first: dict[int | None, int] = {}
    for pk, module_id in sizes.iterator():
        first.setdefault(module_id, pk)
        if len(first) == MOST_SHOWN:
            break
    found = {finding.pk: finding for finding in unused.filter(pk__in=first.values())}
    return [found[pk] for pk in first.values() if pk in found]


def _dying(rows: Iterable[UpgradeRow]) -> list[Dying]:
    """What somebody runs and must leave, the soonest end first."""
    consumers: dict[tuple[int, str, datetime], set[int]] = defaultdict(set)
    modules: dict[int, Module] = {}
    for row in rows:
        ends_at = row.deprecation.sunset_at if row.deprecation else None
        if row.current is None or ends_at is None or not (row.live_prod or row.live_preprod):
            continue
        modules[row.dependency.pk] = row.dependency
        key = (row.dependency.pk, row.current.version, ends_at)
        consumers[key].add(row.consumer.module_id)
    found = [
        Dying(modules[module_id], version, ends_at, len(who))
        for (module_id, version, ends_at), who in consumers.items()
    ]
    return sorted(found, key=lambda one: (one.ends_at, -one.consumers, one.dependency.name))
