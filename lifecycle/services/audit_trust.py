"""Lets the audit go on where no known key vouches for its end: somebody says so, on record."""

from datetime import datetime

from django.db import transaction

from lifecycle.chain import ENTRY, HEAD, Head, digest_of, is_sealed, seal
from lifecycle.models import AuditEntry
from lifecycle.permissions import system_actor
from lifecycle.services.audit import content_of, record
from lifecycle.services.audit_chain import (
    CHAIN_LOCK,
    chain_entries,
    chain_head,
    current_key,
    known_keys,
    write_head,
)
from lifecycle.services.audit_check import ChainCheck, check_chain
from lineage.ingest.bulk import exclusive, update_rows


def trust_audit(reason: str, *, now: datetime) -> ChainCheck:
    """Seal the audit as it stands with the present key, and record what was wrong with it.

    For a key that is lost, and to go on after tampering was looked into. What is wrong
    stays visible: a check finds it again. Only for who can run commands.
    """
    found = check_chain(now)
    with exclusive(CHAIN_LOCK):
        key, head = current_key(), chain_head()
        last = AuditEntry.objects.filter(sequence__gt=0).order_by("-sequence").first()
        sequence, hash = (last.sequence or 0, last.hash) if last else (0, "0" * 64)
        write_head(Head(sequence, hash, seal(key, HEAD, sequence, hash)))
        foreign = [
            (seal(key, ENTRY, digest_of(content_of(entry))), entry.pk)
            for entry in AuditEntry.objects.filter(sequence=None).order_by("id")
            if is_sealed(entry.seal, known_keys(), ENTRY, digest_of(content_of(entry))) is None
            and entry.seal
        ]
        update_rows(AuditEntry, ["seal"], foreign)
    with transaction.atomic():
        record(
            system_actor(), "trust audit", "audit", at=now, reason=reason,
            evidence={
                "state": found.state, "problems": [str(one) for one in found.verdict.problems],
                "unproven": found.verdict.unproven, "waiting": found.waiting,
            },
            before={"end": f"{head.sequence}:{head.hash}" if head else ""},
            after={"end": f"{sequence}:{hash}"},
        )  # fmt: skip
    chain_entries()
    return check_chain(now)
