"""What stands in the way of any kind of thing: exemptions, freezes, other sunsets, silence."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from lifecycle.models import Finding, SunsetItem
from lifecycle.policies.selection import Subject
from lifecycle.rules.base import line_subject
from lifecycle.rules.registry import RULES
from lifecycle.rules.unused_range import NAME as UNUSED_RANGE
from lifecycle.selectors.exemptions import exemptions_of
from lifecycle.selectors.freezing import Freezing
from lifecycle.selectors.policies import rulebook
from lifecycle.services.plans.model import Draft, PlanBlocker, PlanRequest
from lifecycle.services.proof import Told
from lifecycle.states import UNDER_WAY, ItemState, SunsetState
from lineage.models import Module


def judged_blockers(
    request: PlanRequest, findings: Collection[Finding], *, now: datetime
) -> Iterator[PlanBlocker]:
    """What is exempt, what rests on a source that is blind, and what only advises."""
    every = [*findings, *by_name(request, findings)]
    exempt, frozen = exemptions_of(every, now=now), Freezing(now).because_of(every)
    for finding in every:
        label, subject = finding.label, finding.subject
        if not RULES[finding.rule].is_actionable:
            yield PlanBlocker(
                "advisory", label, "is advice, not a thing to sunset", subject=subject
            )
        kept = exempt.get(finding.pk)
        if kept is not None:
            words = f"is exempt until {kept.expires_at:%-d %b %Y}"
            yield PlanBlocker("exempt", label, words, subject=subject)
        because = frozen.get(finding.pk)
        if because or (finding.frozen_at and finding.closed_at is None):
            because = because or finding.frozen_because
            words = f"is frozen: {because or 'its source is blind'}"
            yield PlanBlocker("frozen", label, words, subject=subject)


def by_name(request: PlanRequest, findings: Collection[Finding]) -> list[Finding]:
    """A line asked for by name that no finding is about, as if its policy had found it."""
    if request.module_id is None or findings:
        return []
    module = Module.objects.filter(pk=request.module_id).first()
    if module is None:
        return []
    subject = Subject(module.ecosystem, module.name, module.owner_id)
    policy = rulebook().of(UNUSED_RANGE).governing(subject)
    return [
        Finding(
            rule=UNUSED_RANGE,
            policy_id=policy.id if policy else None,
            policy_name=policy.name if policy else "",
            module=module,
            line=request.line,
            subject=line_subject(module.pk, request.line),
            evidence={"label": f"{module.name} {request.line}"},
        )
    ]


def closed_blockers(request: PlanRequest, findings: Collection[Finding]) -> Iterator[PlanBlocker]:
    """What was asked for and is no longer flagged."""
    missing = set(request.finding_ids) - {finding.pk for finding in findings}
    for finding in Finding.objects.filter(id__in=missing).order_by("id"):
        yield PlanBlocker("closed", finding.label, "is no longer flagged", subject=finding.subject)


def rival_blockers(draft: Draft, but_of: int | None) -> Iterator[PlanBlocker]:
    """Items that another sunset is about to take, or is taking; ``but_of`` is one's own.

    One that is blocked holds nothing from the others.
    """
    ids: dict[str, list[int]] = {"version": [], "deployment": []}
    for kind, pk in draft.items:
        ids[kind].append(pk)
    rows = SunsetItem.objects.filter(
        Q(version_id__in=ids["version"]) | Q(deployment_id__in=ids["deployment"]),
        state__in=(ItemState.PLANNED, ItemState.EXECUTING),
        sunset__state__in=[state for state in UNDER_WAY if state != SunsetState.BLOCKED],
    )
    if but_of is not None:
        rows = rows.exclude(sunset_id=but_of)
    for row in rows.order_by("id"):
        key = ("version", row.version_id) if row.version_id else ("deployment", row.deployment_id)
        yield PlanBlocker(
            "under_way",
            row.label,
            f"is part of sunset {row.sunset_id} already",
            subject=draft.items[key].subject,  # type: ignore[index]
        )


def silence_blockers(
    draft: Draft, told: Told, *, ownerless_wait: timedelta, now: datetime
) -> Iterator[PlanBlocker]:
    """Nothing goes before its owner knows; what nobody owns waits longer."""
    for subject, (label, owner_id, finding) in draft.concerned.items():
        if finding is None:
            continue
        at = told.get(subject)
        if at is None:
            words = "waits for its owner's notice to be delivered"
            yield PlanBlocker("not_told", label, words, subject=subject)
            continue
        wait = timedelta() if owner_id else ownerless_wait
        if at + wait > now:
            words = f"has no owner: it may go on {(at + wait).date().isoformat()}"
            yield PlanBlocker("ownerless", label, words, subject=subject)
