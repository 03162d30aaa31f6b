"""Findings: the queue, by rule."""

from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, When

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Finding
from lifecycle.rules.registry import ACTIONABLE, RULES
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

STATES = ("open", "closed")
CAN_GO_FIRST = Case(When(rule__in=ACTIONABLE, then=0), default=1)


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Empty fields filter nothing; ``owner`` is a team's name, ``-`` for the ownerless.

    ``policy`` is the name of one, built in or made; ``frozen``, ``exempt`` and
    ``actionable`` are yes or no.
    """

    rule: str = ""
    owner: str = ""
    q: str = ""
    tier: str = ""
    state: str = "open"
    module: str = ""
    policy: str = ""
    frozen: str = ""
    exempt: str = ""
    actionable: str = ""


def findings_matching(filter: FindingFilter) -> "QuerySet[Finding]":
    """The findings a filter lets through: what can go first, by rule, flagged longest first."""
    found = Finding.objects.select_related(
        "module__owner",
        "owner",
        "deployment__environment",
        "deployment__version__module",
        "exemption",
    ).order_by(CAN_GO_FIRST, "rule", "since", "id")
    equal = {
        "rule": filter.rule,
        "module__name": filter.module,
        "deployment__environment__tier": filter.tier,
        "policy_name": filter.policy,
    }
    found = found.filter(**{field: value for field, value in equal.items() if value})
    if filter.state in STATES:
        found = found.filter(closed_at__isnull=filter.state == "open")
    if filter.owner:
        owned = Q(owner=None) if filter.owner == "-" else Q(owner__name=filter.owner)
        found = found.filter(owned)
    for answer, condition in (
        (filter.frozen, Q(frozen_at__isnull=False)),
        (filter.exempt, Q(exemption__isnull=False)),
        (filter.actionable, Q(rule__in=ACTIONABLE)),
    ):
        if answer:
            found = found.filter(condition if answer == "yes" else ~condition)
    for word in filter.q.split():
        found = found.filter(module__name__icontains=word)
    return found


def finding_list(
    filter: FindingFilter, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Finding]:
    """A page of findings."""
    start, stop = bounds(page, size)
    found = findings_matching(filter)
    # The ids alone are sorted: whole rows are read for the page only.
    ids = list(found.values_list("id", flat=True)[start:stop])
    rows = {finding.pk: finding for finding in found.filter(pk__in=ids)}
    shown = [rows[pk] for pk in ids if pk in rows]
    return Slice(shown, found.count(), max(page, 1), stop - start)


def finding_counts() -> dict[str, int]:
    """Rule -> open findings."""
    counts = dict.fromkeys(RULES, 0)
    rows = Finding.objects.filter(closed_at=None, rule__in=RULES).order_by().values_list("rule")
    counts.update(dict(rows.annotate(number=Count("id"))))
    return counts


def finding_by_id(pk: int) -> Finding:
    """One finding; raises UnknownThing."""
    found = Finding.objects.select_related(
        "module__owner", "owner", "deployment__environment", "exemption"
    ).filter(pk=pk)
    finding = found.first()
    if finding is None:
        raise UnknownThing("finding")
    return finding
