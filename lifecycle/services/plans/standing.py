"""What stands in the way of any kind of thing: exemptions, freezes, other sunsets, silence."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from lifecycle.models import Finding, SunsetItem
from lifecycle.services.plans.model import Draft, PlanBlocker, PlanRequest
from lifecycle.services.proof import Told
from lifecycle.services.waits import ownerless_wait
from lifecycle.states import UNDER_WAY, ItemState


def judged_blockers(findings: Collection[Finding]) -> Iterator[PlanBlocker]:
    """Findings that are exempt, or rest on a source that fell silent."""
    for finding in findings:
        if finding.exemption_id is not None:
            yield PlanBlocker("exempt", finding.label, "is exempt", subject=finding.subject)
        if finding.frozen_at is not None:
            because = finding.frozen_because or "its source is quiet"
            yield PlanBlocker(
                "frozen", finding.label, f"is frozen: {because}", subject=finding.subject
            )


def closed_blockers(request: PlanRequest, findings: Collection[Finding]) -> Iterator[PlanBlocker]:
    """What was asked for and is no longer flagged."""
    missing = set(request.finding_ids) - {finding.pk for finding in findings}
    for finding in Finding.objects.filter(id__in=missing).order_by("id"):
        yield PlanBlocker("closed", finding.label, "is no longer flagged", subject=finding.subject)


def rival_blockers(draft: Draft, but_of: int | None) -> Iterator[PlanBlocker]:
    """Items that another sunset is about to take, or is taking; ``but_of`` is one's own."""
    ids: dict[str, list[int]] = {"version": [], "deployment": []}
    for kind, pk in draft.items:
        ids[kind].append(pk)
    rows = SunsetItem.objects.filter(
        Q(version_id__in=ids["version"]) | Q(deployment_id__in=ids["deployment"]),
        state__in=(ItemState.PLANNED, ItemState.EXECUTING),
        sunset__state__in=UNDER_WAY,
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


def silence_blockers(draft: Draft, told: Told, *, now: datetime) -> Iterator[PlanBlocker]:
    """Nothing goes before its owner knows; what nobody owns waits longer."""
    for subject, (label, owner_id, finding) in draft.concerned.items():
        if finding is None:
            continue
        at = told.get(subject)
        if at is None:
            words = "waits for its owner's notice to be delivered"
            yield PlanBlocker("not_told", label, words, subject=subject)
            continue
        wait = timedelta() if owner_id else ownerless_wait()
        if at + wait > now:
            words = f"has no owner: it may go on {(at + wait).date().isoformat()}"
            yield PlanBlocker("ownerless", label, words, subject=subject)
