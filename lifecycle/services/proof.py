"""Proof of notice: since when the owner of a thing has known that it may go."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from lifecycle.models import Finding, Notice

Told = dict[str, datetime]


def told_since(findings: Iterable[Finding]) -> Told:
    """Subject -> when a notice that listed it first reached its owner.

    The owner is the one of today, for the ownerless it is the operators. A notice
    counts from the finding's own opening on: what was said of an earlier one is not
    proof for this.
    """
    by_owner: dict[int | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_owner[finding.module.owner_id].append(finding)
    told: Told = {}
    for owner_id, group in by_owner.items():
        opened = {finding.subject: finding.first_seen_at for finding in group}
        notices = Notice.objects.filter(
            Q(team_id=owner_id) if owner_id else Q(team=None),
            kind=Notice.Kind.FINDINGS,
            delivered_at__isnull=False,
            created_at__gte=min(opened.values()),
        ).order_by("delivered_at")
        for notice in notices:
            for item in notice.items:
                subject = item["subject"]
                is_listed = subject in opened and notice.created_at >= opened[subject]
                if is_listed and notice.delivered_at is not None:
                    told.setdefault(subject, notice.delivered_at)
    return told


def announced_since(sunset_id: int) -> dict[tuple[int | None, str], datetime]:
    """(owner, item) -> when this sunset's announcement that listed the item reached the owner.

    The owner is None for the operators; an item is named as ``item_name`` does.
    """
    notices = Notice.objects.filter(
        sunset_id=sunset_id, kind=Notice.Kind.ANNOUNCED, delivered_at__isnull=False
    ).order_by("delivered_at")
    told: dict[tuple[int | None, str], datetime] = {}
    for notice in notices:
        for item in notice.items:
            if notice.delivered_at is not None:
                told.setdefault((notice.team_id, item["subject"]), notice.delivered_at)
    return told


def item_name(kind: str, pk: int) -> str:
    """How the notices of a sunset name an item."""
    return f"{kind}:{pk}"
