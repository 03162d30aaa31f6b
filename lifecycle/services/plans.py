"""Plans: a dry run with an exact item list, named blockers and a hash."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Max

from lifecycle.exceptions import NothingToSunset
from lifecycle.models import Finding, SunsetItem
from lifecycle.rules.base import line_subject
from lifecycle.services.proof import Told, told_since
from lifecycle.services.waits import ownerless_wait, restorable_for, unused_for
from lineage.lines import LineFacts, LineState, judge
from lineage.models import Deployment, Version
from lineage.selectors.lines import line_facts
from lineage.selectors.removal import removal_of
from lineage.selectors.view import current_view

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is to go: open findings by id, or one line of a module."""

    finding_ids: tuple[int, ...] = ()
    module_id: int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One version or deployment that would go."""

    kind: str  # version, deployment
    id: int
    label: str
    ecosystem: str
    module: str
    version: str
    owner_id: int | None
    owner: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlanBlocker:
    """A named thing that stands in the way."""

    kind: str
    name: str
    detail: str
    owner: str = ""
    ecosystem: str = ""
    module: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.detail}".strip()


@dataclass(frozen=True, slots=True)
class Plan:
    """Executing it does exactly ``items``, as long as ``hash`` is still that of the data."""

    request: PlanRequest
    title: str
    items: list[PlanItem]
    blockers: list[PlanBlocker]
    findings: list[Finding]
    reasons: list[str]
    owners: list[tuple[int | None, str]]
    hash: str
    epoch: int
    made_at: datetime
    restorable_until: datetime


@dataclass(slots=True)
class Draft:
    """A plan in the making."""

    items: dict[tuple[str, int], PlanItem] = field(default_factory=dict)
    blockers: list[PlanBlocker] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def plan_for(request: PlanRequest, *, now: datetime) -> Plan:
    """What would go and what stands in its way; changes nothing.

    Raises NothingToSunset when the request names nothing that stands.
    """
    findings = _findings(request)
    draft = Draft()
    told = told_since(findings)
    _add_lines(draft, request, findings, told, now)
    _add_deployments(draft, findings, told, now)
    _block_closed(draft, request, findings)
    if not draft.items and not draft.blockers:
        raise NothingToSunset
    items = sorted(draft.items.values(), key=lambda item: (item.kind, item.module, item.id))
    return Plan(
        request=request,
        title=_title(draft),
        items=items,
        blockers=draft.blockers,
        findings=findings,
        reasons=draft.reasons,
        owners=sorted({(i.owner_id, i.owner) for i in items}, key=lambda pair: pair[1]),
        hash=_hash(items),
        epoch=current_view(now).snapshot.epoch,
        made_at=now,
        restorable_until=now + restorable_for(),
    )


def _findings(request: PlanRequest) -> list[Finding]:
    findings = Finding.objects.filter(closed_at=None).select_related("module", "owner")
    if request.module_id is not None:
        subject = line_subject(request.module_id, request.line)
        return list(findings.filter(rule=Finding.Rule.UNUSED_RANGE, subject=subject))
    return list(findings.filter(id__in=request.finding_ids).order_by("id"))


def _add_lines(
    draft: Draft, request: PlanRequest, findings: list[Finding], told: Told, now: datetime
) -> None:
    by_line = {(f.module_id, f.line): f for f in findings if f.line}
    wanted = set(by_line)
    if request.module_id is not None:
        wanted.add((request.module_id, request.line))
    if not wanted:
        return
    facts = line_facts(
        now=now, module_ids={module_id for module_id, _ in wanted}, published_within=unused_for()
    )
    for fact in facts:
        key = (fact.module_id, fact.line)
        if key in wanted:
            _add_line(draft, fact, by_line.get(key), told, now)


def _add_line(
    draft: Draft, facts: LineFacts, finding: Finding | None, told: Told, now: datetime
) -> None:
    label = f"{facts.module} {facts.line}"
    verdict = judge(facts, now=now, unused_for=unused_for())
    versions = Version.objects.filter(id__in=facts.version_ids, sunset_at=None).select_related(
        "module__owner"
    )
    for version in versions.order_by("-sort_key"):
        owner = version.module.owner
        draft.items["version", version.pk] = PlanItem(
            kind="version",
            id=version.pk,
            label=str(version),
            ecosystem=version.module.ecosystem,
            module=version.module.name,
            version=version.version,
            owner_id=version.module.owner_id,
            owner=owner.name if owner else "",
            detail=label,
        )
    draft.labels.append(label)
    draft.reasons.append(f"{label}: {verdict.reason}")
    if verdict.state is not LineState.UNUSED:
        draft.blockers += _line_blockers(facts, verdict.reason, now)
    draft.blockers += _untold(
        line_subject(facts.module_id, facts.line), label, facts.owner_id, finding, told, now
    )


def _line_blockers(facts: LineFacts, reason: str, now: datetime) -> Iterator[PlanBlocker]:
    module = (
        Version.objects.select_related("module").get(pk=facts.version_ids[-1]).module
        if (facts.version_ids)
        else None
    )
    if module is None:
        yield PlanBlocker("gone", f"{facts.module} {facts.line}", "is sunset already")
        return
    removal = removal_of(module, facts.line, now=now, unused_for=unused_for())
    for blocker in removal.blockers[:MOST_NAMED]:
        yield PlanBlocker(
            blocker.kind,
            blocker.name,
            blocker.detail,
            blocker.owner,
            blocker.ecosystem,
            blocker.module,
            blocker.version,
        )
    if not removal.blockers:
        yield PlanBlocker("line", f"{facts.module} {facts.line}", reason)


def _add_deployments(draft: Draft, findings: list[Finding], told: Told, now: datetime) -> None:
    by_id = {f.deployment_id: f for f in findings if f.deployment_id}
    deployments = Deployment.objects.filter(id__in=[pk for pk in by_id if pk]).select_related(
        "version__module__owner", "environment"
    )
    for deployment in deployments.order_by("id"):
        finding = by_id[deployment.pk]
        draft.labels.append(deployment.key)
        draft.reasons.append(f"{deployment.key}: {finding.reason}")
        if deployment.ended_at is not None:
            draft.blockers.append(
                PlanBlocker("ended", deployment.key, "has ended by itself meanwhile")
            )
            continue
        if deployment.expires_at is None or deployment.expires_at > now:
            draft.blockers.append(PlanBlocker("extended", deployment.key, "is no longer expired"))
            continue
        module = deployment.version.module
        draft.items["deployment", deployment.pk] = PlanItem(
            kind="deployment",
            id=deployment.pk,
            label=deployment.key,
            ecosystem=module.ecosystem,
            module=module.name,
            version=deployment.version.version,
            owner_id=module.owner_id,
            owner=module.owner.name if module.owner else "",
            detail=f"{module.name} {deployment.version.version} in {deployment.environment.name}",
        )
        draft.blockers += _untold(
            finding.subject, deployment.key, module.owner_id, finding, told, now
        )


def _untold(
    subject: str,
    label: str,
    owner_id: int | None,
    finding: Finding | None,
    told: Told,
    now: datetime,
) -> Iterator[PlanBlocker]:
    """Nothing goes before its owner knows; what nobody owns waits longer."""
    if finding is None:
        yield PlanBlocker("not_flagged", label, "is not flagged by any rule")
        return
    at = told.get(subject)
    if at is None:
        yield PlanBlocker("not_told", label, "waits for its owner's notice to be delivered")
        return
    wait = timedelta() if owner_id else ownerless_wait()
    if at + wait > now:
        yield PlanBlocker(
            "ownerless", label, f"has no owner: it may go on {(at + wait).date().isoformat()}"
        )


def _block_closed(draft: Draft, request: PlanRequest, findings: list[Finding]) -> None:
    missing = set(request.finding_ids) - {finding.pk for finding in findings}
    closed = Finding.objects.filter(id__in=missing)
    for finding in closed.order_by("id"):
        draft.blockers.append(PlanBlocker("closed", finding.label, "is no longer flagged"))


def _title(draft: Draft) -> str:
    if len(draft.labels) == 1:
        return draft.labels[0][:500]
    return f"{len(draft.labels):,} things: {', '.join(draft.labels[:3])} …"[:500]


def _hash(items: Collection[PlanItem]) -> str:
    """Binds the exact items; one that was sunset and came back makes another plan."""
    before = {
        "version": _last_sunset("version_id", items, "version"),
        "deployment": _last_sunset("deployment_id", items, "deployment"),
    }
    listed: list[Any] = sorted((i.kind, i.id, before[i.kind].get(i.id, 0)) for i in items)
    return sha256(json.dumps(listed).encode()).hexdigest()


def _last_sunset(column: str, items: Collection[PlanItem], kind: str) -> dict[int, int]:
    ids = [item.id for item in items if item.kind == kind]
    rows = SunsetItem.objects.filter(**{f"{column}__in": ids}).order_by()
    return dict(rows.values_list(column).annotate(last=Max("id")))
