"""Findings follow the rules: they open, are confirmed and close by themselves."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lifecycle.freezing import SourceState
from lifecycle.models import Finding
from lifecycle.rules.base import Flag
from lifecycle.rules.registry import ACTIONABLE
from lineage.ingest.bulk import exclusive, insert_rows, next_id, update_rows
from lineage.ingest.known import batches

FINDINGS_LOCK = 0x46494E44  # "FIND"
# What a flag says anew of a finding, and what its circumstances say.
FLAGGED = (
    "owner_id", "reason", "evidence", "size", "since", "policy_id", "policy_name", "is_automatic",
)  # fmt: skip
KEPT = ("exemption_id", "frozen_at", "frozen_because")
SAID = (*FLAGGED, *KEPT)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What surrounds a flag: the exemption that keeps it, why it is frozen, what it rests on."""

    exemption_id: int | None = None
    frozen_because: str = ""
    freshness: tuple[SourceState, ...] = ()


UNKNOWN = Circumstances()


@dataclass(frozen=True, slots=True)
class Synced:
    """What one rule's sweep changed.

    ``handed`` stood before and have another owner now, or are no longer exempt;
    ``withheld`` were flagged and not opened, as a source they rest on is blind.
    """

    opened: list[Finding]
    handed: list[Finding]
    refreshed: int
    closed: int
    withheld: int = 0


def sync_findings(
    rule: str,
    flags: Collection[Flag],
    *,
    epoch: int,
    now: datetime,
    circumstances: Mapping[str, Circumstances] | None = None,
) -> Synced:
    """Make a rule's open findings equal its flags; returns what that took.

    Idempotent; sweeps take turns here, so two leave one finding per subject. What was
    confirmed on newer data than ``epoch`` is left as it is. Where a source is blind an
    actionable rule opens nothing; what stood before stands on, frozen.
    """
    around = circumstances or {}
    by_subject = {flag.subject: flag for flag in flags}
    with exclusive(FINDINGS_LOCK):
        open_findings = Finding.objects.filter(rule=rule, closed_at=None)
        standing = {finding.subject: finding for finding in open_findings.iterator(10_000)}
        fresh = [flag for subject, flag in by_subject.items() if subject not in standing]
        new = [flag for flag in fresh if not _is_withheld(flag, around)]
        opened = _open(new, around, epoch, now)
        ours = [f for f in standing.values() if f.epoch <= epoch]
        kept = [f for f in ours if f.subject in by_subject]
        handed = _renew(kept, by_subject, around, epoch, now)
        gone = [f.pk for f in ours if f.subject not in by_subject]
        closed = close_findings(gone, reason=Finding.CloseReason.CLEARED, now=now)
    return Synced(opened, handed, len(kept), closed, len(fresh) - len(new))


def close_findings(ids: Collection[int], *, reason: Finding.CloseReason, now: datetime) -> int:
    """Close those that are still open; returns how many were."""
    return sum(
        Finding.objects.filter(id__in=batch, closed_at=None).update(
            closed_at=now, close_reason=reason
        )
        for batch in batches(sorted(ids))
    )


def _is_withheld(flag: Flag, around: Mapping[str, Circumstances]) -> bool:
    return flag.rule in ACTIONABLE and bool(around.get(flag.subject, UNKNOWN).frozen_because)


def _open(
    flags: Sequence[Flag], around: Mapping[str, Circumstances], epoch: int, now: datetime
) -> list[Finding]:
    opened = []
    for pk, flag in enumerate(flags, start=next_id(Finding)):
        about = around.get(flag.subject, UNKNOWN)
        finding = Finding(
            pk=pk,
            rule=flag.rule,
            subject=flag.subject,
            module_id=flag.module_id,
            line=flag.line,
            deployment_id=flag.deployment_id,
            epoch=epoch,
            first_seen_at=now,
            last_confirmed_at=now,
            freshness=_written(about.freshness),
        )
        for name, value in _said(flag, about, None, now).items():
            setattr(finding, name, value)
        opened.append(finding)
    fields = [field.attname for field in Finding._meta.concrete_fields]
    insert_rows(Finding, fields, ([getattr(f, name) for name in fields] for f in opened))
    return opened


def _said(
    flag: Flag, about: Circumstances, frozen_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """Every field that follows the flag; a freeze that lasts keeps its first instant."""
    said = {name: getattr(flag, name) for name in FLAGGED}
    said["exemption_id"] = about.exemption_id
    said["frozen_because"] = about.frozen_because
    said["frozen_at"] = (frozen_at or now) if about.frozen_because else None
    return said


def _renew(
    kept: Sequence[Finding],
    by_subject: Mapping[str, Flag],
    around: Mapping[str, Circumstances],
    epoch: int,
    now: datetime,
) -> list[Finding]:
    """Confirm findings; only those of which something new is to be said are written whole.

    Returns those whose owner has to be told anew.
    """
    changed, handed = [], []
    resting: dict[tuple[SourceState, ...], list[int]] = defaultdict(list)
    for finding in kept:
        about = around.get(finding.subject, UNKNOWN)
        said = _said(by_subject[finding.subject], about, finding.frozen_at, now)
        before = {name: getattr(finding, name) for name in SAID}
        resting[about.freshness].append(finding.pk)
        if said == before:
            continue
        changed.append((*(said[name] for name in SAID), finding.pk))
        is_freed = before["exemption_id"] is not None and said["exemption_id"] is None
        if said["owner_id"] != before["owner_id"] or is_freed:
            handed.append(finding)
        for name, value in said.items():
            setattr(finding, name, value)
    update_rows(Finding, SAID, changed)
    for sources, ids in resting.items():
        for batch in batches(ids):
            Finding.objects.filter(pk__in=batch).update(
                epoch=epoch, last_confirmed_at=now, freshness=_written(sources)
            )
    return handed


def _written(sources: Sequence[SourceState]) -> list[dict[str, Any]]:
    return [source.as_json() for source in sources]
