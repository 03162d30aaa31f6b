"""Findings: the queue, by rule."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Finding
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Empty fields filter nothing; ``owner`` is a team's name, ``-`` for the ownerless."""

    rule: str = ""
    owner: str = ""
    q: str = ""
    tier: str = ""
    state: str = "open"
    module: str = ""


def findings_matching(filter: FindingFilter) -> "QuerySet[Finding]":
    """The findings a filter lets through, those flagged longest first."""
    found = Finding.objects.select_related(
        "module__owner", "owner", "deployment__environment", "deployment__version__module"
    ).order_by("rule", "since", "id")
    if filter.state == "open":
        found = found.filter(closed_at=None)
    elif filter.state == "closed":
        found = found.filter(closed_at__isnull=False)
    if filter.rule:
        found = found.filter(rule=filter.rule)
    if filter.module:
        found = found.filter(module__name=filter.module)
    if filter.tier:
        found = found.filter(deployment__environment__tier=filter.tier)
    if filter.owner == "-":
        found = found.filter(owner=None)
    elif filter.owner:
        found = found.filter(owner__name=filter.owner)
    for word in filter.q.split():
        found = found.filter(module__name__icontains=word)
    return found


def finding_list(
    filter: FindingFilter, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Finding]:
    """A page of findings."""
    start, stop = bounds(page, size)
    found = findings_matching(filter)
    return Slice(list(found[start:stop]), found.count(), max(page, 1), stop - start)


def finding_counts() -> dict[str, int]:
    """Rule -> open findings."""
    counts = dict.fromkeys(Finding.Rule.values, 0)
    rows = Finding.objects.filter(closed_at=None).order_by().values_list("rule")
    counts.update(dict(rows.annotate(number=Count("id"))))
    return counts


def finding_by_id(pk: int) -> Finding:
    """One finding; raises UnknownThing."""
    found = Finding.objects.select_related("module__owner", "owner", "deployment").filter(pk=pk)
    finding = found.first()
    if finding is None:
        raise UnknownThing("finding")
    return finding
