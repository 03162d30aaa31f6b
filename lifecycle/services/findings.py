"""Findings follow the rules: they open, are confirmed and close by themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from lifecycle.models import Finding
from lifecycle.rules.base import Flag
from lineage.ingest.known import batches


@dataclass(frozen=True, slots=True)
class Synced:
    """What one rule's sweep changed; ``handed`` stood before and have another owner now."""

    opened: list[Finding]
    handed: list[Finding]
    refreshed: int
    closed: int


def sync_findings(rule: str, flags: Collection[Flag], *, epoch: int, now: datetime) -> Synced:
    """Make a rule's open findings equal its flags; returns what that took.

    Idempotent, and safe beside another sweep: a unique constraint keeps one open
    finding per subject, and whoever loses the race confirms instead of opening. What
    was confirmed on newer data than ``epoch`` is left as it is.
    """
    by_subject = {flag.subject: flag for flag in flags}
    open_findings = Finding.objects.filter(rule=rule, closed_at=None).select_related("module")
    standing = {finding.subject: finding for finding in open_findings}
    fresh = [flag for subject, flag in by_subject.items() if subject not in standing]
    opened = _open(rule, fresh, epoch, now)
    ours = [f for f in standing.values() if f.epoch <= epoch]
    kept = [f for f in ours if f.subject in by_subject]
    handed = [f for f in kept if f.owner_id != by_subject[f.subject].owner_id]
    for finding in kept:
        _renew(finding, by_subject[finding.subject], epoch, now)
    Finding.objects.bulk_update(
        kept,
        ["reason", "evidence", "since", "owner_id", "epoch", "last_confirmed_at"],
        batch_size=500,
    )
    gone = [f.pk for f in ours if f.subject not in by_subject]
    closed = close_findings(gone, reason=Finding.CloseReason.CLEARED, now=now)
    return Synced(opened, handed, len(kept), closed)


def close_findings(ids: Collection[int], *, reason: Finding.CloseReason, now: datetime) -> int:
    """Close those that are still open; returns how many were."""
    return sum(
        Finding.objects.filter(id__in=batch, closed_at=None).update(
            closed_at=now, close_reason=reason
        )
        for batch in batches(sorted(ids))
    )


def _open(rule: str, flags: Sequence[Flag], epoch: int, now: datetime) -> list[Finding]:
    subjects = {flag.subject for flag in flags}
    rows = [_finding(flag, epoch, now) for flag in flags]
    Finding.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    found = Finding.objects.filter(rule=rule, closed_at=None, first_seen_at=now)
    return [finding for finding in found.select_related("module") if finding.subject in subjects]


def _finding(flag: Flag, epoch: int, now: datetime) -> Finding:
    finding = Finding(
        rule=flag.rule,
        subject=flag.subject,
        module_id=flag.module_id,
        line=flag.line,
        deployment_id=flag.deployment_id,
        first_seen_at=now,
    )
    _renew(finding, flag, epoch, now)
    return finding


def _renew(finding: Finding, flag: Flag, epoch: int, now: datetime) -> None:
    finding.owner_id = flag.owner_id
    finding.reason = flag.reason
    finding.evidence = flag.evidence
    finding.since = flag.since
    finding.epoch = epoch
    finding.last_confirmed_at = now
