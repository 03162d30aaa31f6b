"""The audit: every step leaves an entry in the transaction that takes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from lifecycle.chain import ENTRY, Content, Key, digest_of, seal
from lifecycle.models import AuditEntry
from lifecycle.permissions import Actor
from lifecycle.services.audit_chain import about_sunset, chain_soon, current_key

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did to one thing, why, on which evidence; before and after."""

    action: str
    subject: str
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def record(
    actor: Actor,
    action: str,
    subject: str,
    *,
    at: datetime,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry. One insert and no lock: it is chained once it is committed."""
    step = Step(action, subject, reason, evidence or {}, before or {}, after or {})
    return record_many(actor, [step], at=at)[0]


def record_many(actor: Actor, steps: Sequence[Step], *, at: datetime) -> list[AuditEntry]:
    """Append an entry for each step of one batch, in their order."""
    key = current_key()
    entries = [_entry(actor, step, at, key) for step in steps]
    if len(entries) == 1:
        entries[0].save(force_insert=True)
    else:
        AuditEntry.objects.bulk_create(entries, batch_size=ROWS_AT_ONCE)
    if entries:
        # Robust: what is committed stands, and the next entry or the job chains it too.
        transaction.on_commit(chain_soon, robust=True)
    return entries


def _entry(actor: Actor, step: Step, at: datetime, key: Key) -> AuditEntry:
    entry = AuditEntry(
        at=at,
        actor=actor.name[:256],
        action=step.action,
        subject=step.subject[:600],
        reason=step.reason,
        evidence=step.evidence,
        before=step.before,
        after=step.after,
        about_sunset=about_sunset(step.evidence),
    )
    entry.seal = seal(key, ENTRY, digest_of(content_of(entry)))
    return entry


def content_of(entry: AuditEntry) -> Content:
    """What an entry says, as the chain takes it."""
    return Content(
        entry.at, entry.actor, entry.action, entry.subject, entry.reason,
        entry.evidence, entry.before, entry.after,
    )  # fmt: skip
