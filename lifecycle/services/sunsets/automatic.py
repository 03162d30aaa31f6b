"""Automatic announcements: what a policy lets go by itself, one sunset an owner and policy."""

import logging
from collections import defaultdict
from datetime import datetime

from django.db.models import Exists, OuterRef

from lifecycle.exceptions import LifecycleError
from lifecycle.models import Finding, Sunset, SunsetItem
from lifecycle.permissions import system_actor
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.sunsets.announcing import Origin, announce_sunset
from lifecycle.states import UNDER_WAY, ItemState, SunsetState
from lineage.services.snapshot import refresh

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 500  # findings in one sunset; the rest follows in the next round


def announce_automatic(now: datetime) -> int:
    """Announce every open finding whose policy is automatic; returns how many sunsets that made.

    What somebody cancelled or took back is left to people from then on. Findings with
    something in the way are left out, the others go without them.
    """
    groups: dict[tuple[int | None, str, int | None], list[int]] = defaultdict(list)
    for finding in _ripe():
        groups[finding.policy_id, finding.policy_name, finding.owner_id].append(finding.pk)
    if groups:
        refresh(now)
    return sum(
        _announce(tuple(ids[:MOST_AT_ONCE]), policy_id, name, now)
        for (policy_id, name, _), ids in groups.items()
    )


def _ripe() -> list[Finding]:
    items = SunsetItem.objects.filter(subject=OuterRef("subject"))
    waiting = items.filter(
        state__in=(ItemState.PLANNED, ItemState.EXECUTING), sunset__state__in=UNDER_WAY
    )
    refused = items.filter(
        sunset__state__in=(SunsetState.CANCELLED, SunsetState.RESTORED)
    ) | items.filter(state__in=(ItemState.CANCELLED, ItemState.RESTORING, ItemState.RESTORED))
    ripe = (
        Finding.objects.filter(closed_at=None, is_automatic=True, frozen_at=None, exemption=None)
        .exclude(Exists(waiting))
        .exclude(Exists(refused))
    )
    return list(ripe.order_by("id").only("id", "policy_id", "policy_name", "owner_id"))


def _announce(
    finding_ids: tuple[int, ...], policy_id: int | None, policy_name: str, now: datetime
) -> int:
    actor = system_actor(f"policy {policy_name}".strip())
    try:
        plan = plan_for(PlanRequest(finding_ids=finding_ids), now=now, is_automatic=True)
        standing = {blocker.subject for blocker in plan.standing}
        if standing:
            free = tuple(f.pk for f in plan.findings if f.subject not in standing)
            plan = plan_for(PlanRequest(finding_ids=free), now=now, is_automatic=True)
        announce_sunset(
            plan.request,
            hash=plan.hash,
            actor=actor,
            reason=f"Policy {policy_name}".strip(),
            now=now,
            origin=Origin(Sunset.Kind.AUTOMATIC, policy_id),
        )
    except LifecycleError:
        # Nothing is left of it, or the data moved meanwhile: the next round plans again.
        return 0
    except Exception:
        logger.exception("policy %s could not announce %s findings", policy_name, len(finding_ids))
        return 0
    return 1
