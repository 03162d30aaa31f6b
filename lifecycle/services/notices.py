"""Notices: written with their cause, delivered from the outbox."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from lifecycle.models import Finding, Notice, Sunset
from lifecycle.rules.registry import RULES
from lifecycle.selectors.notices import addressed_to

DELIVERED_AT_ONCE = 500
SAID_OF_SUNSETS = {
    Notice.Kind.ANNOUNCED: "will be sunset",
    Notice.Kind.SUNSET: "was sunset",
    Notice.Kind.RESTORED: "was restored",
    Notice.Kind.CANCELLED: "stays: its sunset was cancelled",
}


def write_notices(notices: Sequence[Notice]) -> None:
    """Put notices into the outbox; one with a known dedupe key is already there."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=500)


def deliver_due(now: datetime) -> int:
    """Deliver what is undelivered to the in-app inbox; returns how many.

    Each row is claimed by a conditional update, so two workers deliver it once.
    """
    delivered = 0
    while True:
        due = list(
            Notice.objects.filter(delivered_at=None)
            .order_by("id")
            .values_list("id", flat=True)[:DELIVERED_AT_ONCE]
        )
        if not due:
            return delivered
        with transaction.atomic():
            claimed = Notice.objects.filter(id__in=due, delivered_at=None)
            delivered += claimed.update(delivered_at=now)


def notices_of_findings(findings: Sequence[Finding], *, now: datetime) -> list[Notice]:
    """One digest per owner and rule that lists everything newly flagged or newly theirs."""
    groups: dict[tuple[int | None, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.owner_id, finding.rule].append(finding)
    return [
        Notice(
            team_id=owner_id,
            kind=Notice.Kind.FINDINGS,
            title=_findings_title(rule, group),
            body=_findings_body(rule, group),
            items=[
                {"subject": finding.subject, "label": finding.label, "detail": finding.reason}
                for finding in group
            ],
            module_id=group[0].module_id if len(group) == 1 else None,
            dedupe_key=f"findings:{rule}:{owner_id or 0}:{_digest(group)}",
            created_at=now,
        )
        for (owner_id, rule), group in groups.items()
    ]


def _digest(group: Sequence[Finding]) -> str:
    return sha256(json.dumps(sorted(finding.pk for finding in group)).encode()).hexdigest()


def _findings_body(rule: str, group: Sequence[Finding]) -> str:
    if not RULES[rule].is_actionable:
        return "It is for you to know; nothing goes because of it."
    if any(finding.is_automatic for finding in group):
        return "Its policy sunsets it by itself once it was announced and the grace has passed."
    return "It can be sunset from the findings page; nothing goes by itself."


def _findings_title(rule: str, group: Sequence[Finding]) -> str:
    if len(group) == 1:
        return f"{group[0].label[:240]} {RULES[rule].one}"
    return f"{len(group):,} {RULES[rule].many}"


def notices_of_sunset(
    sunset: Sunset,
    kind: Notice.Kind,
    owners: Collection[int | None],
    items: list[dict[str, Any]],
    *,
    reason: str,
    now: datetime,
) -> list[Notice]:
    """Tell every owner concerned what becomes of these items of a sunset, by whom and why.

    Said of the same items again it is the same notice.
    """
    by = sunset.restored_by if kind == Notice.Kind.RESTORED else sunset.made_by
    listed = sha256(json.dumps(sorted(item["subject"] for item in items)).encode()).hexdigest()
    return [
        Notice(
            team_id=owner_id,
            kind=kind,
            title=f"{sunset.title[:250]} {SAID_OF_SUNSETS[kind]}",
            body=f"By {by}. {reason}".strip(),
            items=items,
            sunset=sunset,
            dedupe_key=f"sunset:{sunset.pk}:{kind}:{owner_id or 0}:{listed}",
            created_at=now,
        )
        for owner_id in owners
    ]


def mark_read(
    ids: Collection[int],
    *,
    team_ids: Collection[int],
    is_operator: bool,
    now: datetime,
    user_id: int | None = None,
) -> int:
    """Mark notices of one's own inbox read; returns how many were not."""
    own = addressed_to(team_ids, is_operator=is_operator, user_id=user_id)
    return Notice.objects.filter(own, id__in=ids, read_at=None).update(read_at=now)
