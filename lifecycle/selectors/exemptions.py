"""Exemptions: those that bite, the list, and what each finding is kept by."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Exemption, Finding
from lifecycle.policies.exemptions import Exempt, Exemptions, ExemptSpan
from lifecycle.rules.registry import OF_DEPLOYMENTS
from lineage.models import Deployment, Module, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

State = Exemption.State
STANDINGS = ("biting", "expiring", "requested", "over")
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ExemptionFilter:
    """Empty fields filter nothing; ``standing`` is one of STANDINGS."""

    standing: str = ""
    rule: str = ""
    owner: str = ""
    module: str = ""


def exempt_at(now: datetime) -> Exemptions:
    """All exemptions that bite; two queries."""
    return Exemptions(one for _, one in _pure(biting(now)))


def exempt_spans() -> list[ExemptSpan]:
    """Every exemption for as long as it kept something, also those that ended."""
    ever = Exemption.objects.filter(decided_at__isnull=False).exclude(state=State.DECLINED)
    return [
        ExemptSpan(row.decided_at, min(row.expires_at, row.ended_at or row.expires_at), one)
        for row, one in _pure(ever)
        if row.decided_at is not None
    ]


def _pure(exemptions: "QuerySet[Exemption]") -> list[tuple[Exemption, Exempt]]:
    """Rows, each with what the rules are told of it."""
    rows = list(exemptions.order_by("id"))
    parents = _parents({(r.module_id, r.line) for r in rows if r.module_id is not None and r.line})
    return [
        (
            row,
            Exempt(
                id=row.pk,
                expires_at=row.expires_at,
                rule=row.rule,
                module_id=row.module_id,
                line=row.line,
                parent_line=parents.get((row.module_id or 0, row.line), ""),
                deployment_key=row.deployment_key,
            ),
        )
        for row in rows
    ]


def biting(now: datetime) -> "QuerySet[Exemption]":
    """The exemptions that keep something at an instant."""
    return Exemption.objects.filter(state=State.APPROVED, expires_at__gt=now)


def exemptions_of(findings: Collection[Finding], *, now: datetime) -> dict[int, Exempt]:
    """Finding id -> what keeps it now; the others are left out."""
    exempt = exempt_at(now)
    lines = {(f.module_id, f.line) for f in findings if f.line}
    parents = _parents(lines)
    found: dict[int, Exempt] = {}
    for finding in findings:
        if finding.deployment_id is not None:
            kept = exempt.of_deployment(finding.rule, finding.module_id, finding.label)
        elif finding.line:
            parent = parents.get((finding.module_id, finding.line), "")
            kept = exempt.of_line(finding.rule, finding.module_id, finding.line, parent_line=parent)
        else:
            kept = exempt.of_module(finding.rule, finding.module_id)
        if kept is not None:
            found[finding.pk] = kept
    return found


def owners_of(rows: Collection[Exemption]) -> dict[int, int | None]:
    """Exemption id -> the team that owns what it keeps today; one query for those of a key."""
    keys = {row.deployment_key for row in rows if row.module is None}
    named: dict[str, int | None] = {}
    if keys:
        found = Deployment.objects.filter(key__in=keys).order_by("started_at", "id")
        named = dict(found.values_list("key", "version__module__owner_id"))
    return {
        row.pk: row.module.owner_id if row.module else named.get(row.deployment_key) for row in rows
    }


def exempt_deployments(deployments: Iterable[Deployment], *, now: datetime) -> dict[int, Exempt]:
    """Deployment id -> what keeps it from some rule or all; their versions are at hand."""
    exempt = exempt_at(now)
    found: dict[int, Exempt] = {}
    for deployment in deployments:
        module_id = deployment.version.module_id
        kept = (
            exempt.of_deployment(rule, module_id, deployment.key) for rule in sorted(OF_DEPLOYMENTS)
        )
        first = next((one for one in kept if one is not None), None)
        if first is not None:
            found[deployment.pk] = first
    return found


def exemption_list(
    filter: ExemptionFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Exemption]:
    """A page of exemptions: what waits for an answer first, then what runs out soonest."""
    start, stop = bounds(page, size)
    found = _matching(filter, now)
    waits = Q(state=State.REQUESTED)
    rows = found.alias(waits=waits).order_by("-waits", "expires_at", "id")
    return Slice(list(rows[start:stop]), found.count(), max(page, 1), stop - start)


def exemption_by_id(pk: int) -> Exemption:
    """One exemption; raises UnknownThing."""
    found = Exemption.objects.select_related("module__owner").filter(pk=pk).first()
    if found is None:
        raise UnknownThing("exemption")
    return found


def exemptions_of_module(module: Module, *, now: datetime) -> list[Exemption]:
    """What keeps something of a module: all of it, lines of it, its deployments by key."""
    keys = module.versions.order_by().values("deployments__key")
    of_it = Q(module=module) | Q(deployment_key__in=keys)
    return list(biting(now).filter(of_it).order_by("expires_at", "id"))


def _matching(filter: ExemptionFilter, now: datetime) -> "QuerySet[Exemption]":
    found = Exemption.objects.select_related("module__owner")
    match filter.standing:
        case "biting":
            found = found.filter(state=State.APPROVED, expires_at__gt=now)
        case "expiring":
            approved = found.filter(state=State.APPROVED)
            found = approved.filter(expires_at__gt=now, expires_at__lte=now + SOON)
        case "requested":
            found = found.filter(state=State.REQUESTED)
        case "over":
            declined = Q(state__in=(State.DECLINED, State.ENDED))
            found = found.filter(declined | Q(expires_at__lte=now))
    if filter.rule:
        found = found.filter(rule__in=("", filter.rule))
    if filter.module:
        found = found.filter(module__name=filter.module)
    if filter.owner:
        found = found.filter(module__owner__name=filter.owner)
    return found


def _parents(lines: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Of each minor line the major line it is part of; major lines are left out."""
    if not lines:
        return {}
    rows = Version.objects.filter(
        module_id__in={module_id for module_id, _ in lines},
        minor_line__in={line for _, line in lines},
    ).exclude(minor_line=F("major_line"))
    pairs = rows.order_by().values_list("module_id", "minor_line", "major_line").distinct()
    return {(module_id, minor): major for module_id, minor, major in pairs}
