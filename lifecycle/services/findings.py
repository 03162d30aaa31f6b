"""Findings follow the rules: they open, are confirmed and close by themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lifecycle.models import Finding
from lifecycle.rules.base import Flag
from lineage.ingest.bulk import exclusive, insert_rows, next_id, update_rows
from lineage.ingest.known import batches

FINDINGS_LOCK = 0x46494E44  # "FIND"
# What a flag says anew of a finding.
SAID = (
    "owner_id", "reason", "evidence", "size", "since", "policy_id", "policy_name", "is_automatic",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Synced:
    """What one rule's sweep changed; ``handed`` stood before and have another owner now."""

    opened: list[Finding]
    handed: list[Finding]
    refreshed: int
    closed: int


def sync_findings(rule: str, flags: Collection[Flag], *, epoch: int, now: datetime) -> Synced:
    """Make a rule's open findings equal its flags; returns what that took.

    Idempotent; sweeps take turns here, so two leave one finding per subject. What was
    confirmed on newer data than ``epoch`` is left as it is.
    """
    by_subject = {flag.subject: flag for flag in flags}
    with exclusive(FINDINGS_LOCK):
        open_findings = Finding.objects.filter(rule=rule, closed_at=None)
        standing = {finding.subject: finding for finding in open_findings}
        fresh = [flag for subject, flag in by_subject.items() if subject not in standing]
        opened = _open(fresh, epoch, now)
        ours = [f for f in standing.values() if f.epoch <= epoch]
        kept = [f for f in ours if f.subject in by_subject]
        handed = [f for f in kept if f.owner_id != by_subject[f.subject].owner_id]
        _renew(kept, by_subject, epoch, now)
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


def _open(flags: Sequence[Flag], epoch: int, now: datetime) -> list[Finding]:
    opened = [
        Finding(
            pk=pk,
            rule=flag.rule,
            subject=flag.subject,
            module_id=flag.module_id,
            line=flag.line,
            deployment_id=flag.deployment_id,
            owner_id=flag.owner_id,
            reason=flag.reason,
            evidence=flag.evidence,
            size=flag.size,
            since=flag.since,
            policy_id=flag.policy_id,
            policy_name=flag.policy_name,
            is_automatic=flag.is_automatic,
            epoch=epoch,
            first_seen_at=now,
            last_confirmed_at=now,
        )
        for pk, flag in enumerate(flags, start=next_id(Finding))
    ]
    fields = [field.attname for field in Finding._meta.concrete_fields]
    insert_rows(Finding, fields, ([getattr(f, name) for name in fields] for f in opened))
    return opened


def _renew(
    kept: Sequence[Finding], by_subject: Mapping[str, Flag], epoch: int, now: datetime
) -> None:
    """Confirm findings; only those of which something new is to be said are written whole."""
    changed = []
    for finding in kept:
        flag = by_subject[finding.subject]
        said = {name: getattr(flag, name) for name in SAID}
        if said != {name: getattr(finding, name) for name in SAID}:
            changed.append((*said.values(), finding.pk))
            for name, value in said.items():
                setattr(finding, name, value)
    update_rows(Finding, SAID, changed)
    for batch in batches([finding.pk for finding in kept]):
        Finding.objects.filter(pk__in=batch).update(epoch=epoch, last_confirmed_at=now)
