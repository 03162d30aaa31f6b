"""Plans: a dry run with an exact item list, named blockers and a hash."""

import json
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Max

from lifecycle.exceptions import NothingToSunset
from lifecycle.models import Finding, SunsetItem
from lifecycle.rules.base import line_subject
from lifecycle.rules.unused_range import NAME as UNUSED_RANGE
from lifecycle.selectors.flags_now import flags_now
from lifecycle.selectors.policies import terms_for
from lifecycle.services.plans.deployments import add_deployments
from lifecycle.services.plans.lines import add_lines, add_versions
from lifecycle.services.plans.model import Draft, Plan, PlanItem, PlanRequest
from lifecycle.services.plans.standing import (
    by_name,
    closed_blockers,
    judged_blockers,
    rival_blockers,
    silence_blockers,
)
from lifecycle.services.proof import told_since
from lineage.selectors.view import current_view


def plan_for(request: PlanRequest, *, now: datetime, is_automatic: bool = False) -> Plan:
    """What would go and what stands in its way; changes nothing.

    ``is_automatic``: a policy asks, so its own grace counts. Raises NothingToSunset when
    the request names nothing that stands, CannotGoTogether.
    """
    findings = findings_of(request)
    terms = terms_for([*findings, *by_name(request, findings)], is_automatic=is_automatic)
    draft = draft_for(request, findings, now=now)
    draft.blockers += closed_blockers(request, findings)
    draft.blockers += silence_blockers(
        draft, told_since(findings), ownerless_wait=terms.ownerless_wait, now=now
    )
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
        terms=terms,
    )


def findings_of(request: PlanRequest, *, and_closed: bool = False) -> list[Finding]:
    """The open findings a request is about; those it named and that are closed only if asked."""
    findings = Finding.objects.select_related("module", "owner")
    if not and_closed or request.module_id is not None:
        findings = findings.filter(closed_at=None)
    if request.module_id is not None:
        subject = line_subject(request.module_id, request.line)
        return list(findings.filter(rule=UNUSED_RANGE, subject=subject))
    return list(findings.filter(id__in=request.finding_ids).order_by("id"))


def draft_for(
    request: PlanRequest,
    findings: list[Finding],
    *,
    now: datetime,
    of_sunset: int | None = None,
) -> Draft:
    """What is to go on the data of this moment and what stands in its way.

    Who was told is left out. ``of_sunset`` is the sunset it is asked for, which does not
    stand in its own way.
    """
    draft = Draft(flags=flags_now(findings, now=now))
    add_lines(draft, request, findings, now=now)
    add_versions(draft, findings)
    add_deployments(draft, [f for f in findings if f.deployment_id])
    draft.blockers += judged_blockers(request, findings, now=now)
    draft.blockers += rival_blockers(draft, of_sunset)
    return draft


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
