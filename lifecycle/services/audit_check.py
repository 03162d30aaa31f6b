"""Reads the whole chain of the audit and says what is wrong with it."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.db.models import Subquery

from lifecycle.chain import (
    ENTRY,
    Content,
    Head,
    Key,
    Link,
    Trouble,
    Verdict,
    digest_of,
    is_sealed,
    judge_chain,
)
from lifecycle.models import AuditEntry, AuditHead
from lifecycle.permissions import system_actor
from lifecycle.selectors.audit_checks import JOB, last_run
from lifecycle.services.audit import record
from lifecycle.services.audit_chain import (
    CHAIN_LOCK,
    PLACED,
    SAID,
    about_sunset,
    chain_entries,
    chain_head,
    current_key,
    known_keys,
)
from lineage.ingest.bulk import exclusive
from lineage.models import JobRun

logger = logging.getLogger(__name__)

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a check of the whole chain found; ``waiting`` entries are under an unknown key."""

    verdict: Verdict
    waiting: int
    seconds: float

    @property
    def is_broken(self) -> bool:
        """Whether something is missing, altered, out of order, cut off or forged."""
        return bool(self.verdict.found)

    @property
    def is_intact(self) -> bool:
        """Whether a seal vouches for every entry."""
        return self.verdict.is_intact and not self.waiting

    @property
    def anchor(self) -> str:
        """The end of the chain, to be kept elsewhere and given back to a later check."""
        return f"{self.verdict.sequence}:{self.verdict.hash}"

    def as_dict(self) -> dict[str, Any]:
        """The check as plain values."""
        verdict = self.verdict
        return {
            "state": self.state,
            "entries": verdict.entries,
            "anchor": self.anchor,
            "problems": [
                {"kind": str(one.kind), "sequence": one.sequence, "detail": one.detail}
                for one in verdict.problems
            ],
            "problem_count": verdict.found,
            "vouched": verdict.vouched,
            "unproven": verdict.unproven,
            "waiting": self.waiting,
            "seconds": self.seconds,
        }

    @property
    def state(self) -> str:
        """intact, broken, or unproven."""
        if self.is_broken:
            return "broken"
        return "intact" if self.is_intact else "unproven"


def check_chain(now: datetime, *, seen: Mapping[int, str] | None = None) -> ChainCheck:
    """Read the whole chain and say what is wrong with it.

    ``seen`` are hashes kept elsewhere, by place. What the last check saw counts as seen.
    Leaves a JobRun and writes the end of the chain to the log.
    """
    began = perf_counter()
    job = JobRun.objects.create(name=JOB, started_at=now)
    _reseal(now)
    chain_entries()
    check = _check({**_seen_last(), **(seen or {})}, began)
    JobRun.objects.filter(pk=job.pk).update(
        status=JobRun.Status.DONE,
        finished_at=now + timedelta(seconds=check.seconds),
        done=check.verdict.entries,
        detail=check.as_dict(),
    )
    if check.is_broken:
        logger.error("the audit is broken: %s", "; ".join(map(str, check.verdict.problems[:10])))
    else:
        level = logging.INFO if check.is_intact else logging.WARNING
        logger.log(level, "the audit ends at %s (%s)", check.anchor, check.state)
    return check


def _check(seen: Mapping[int, str], began: float) -> ChainCheck:
    keys = known_keys()
    with exclusive(CHAIN_LOCK):
        head = chain_head()
        is_begun = head is not None or AuditEntry.objects.filter(sequence__gt=0).exists()
    verdict = judge_chain(_links(head) if is_begun else (), head, keys=keys, seen=seen)
    _find_behind(verdict)
    waiting = _find_forged(verdict, keys)
    return ChainCheck(verdict, waiting, round(perf_counter() - began, 3))


def _reseal(now: datetime) -> None:
    """Let the newest key vouch for the chain, so that the one before it can be dropped."""
    head, key = chain_head(), current_key()
    if head is not None and not head.seal.startswith(key.name):
        record(
            system_actor(), "reseal audit", "audit", at=now, reason="The secret key changed.",
            evidence={"key": key.name, "before": head.seal.partition(":")[0]},
        )  # fmt: skip


def _links(head: Head | None) -> Iterator[Link]:
    """The chain up to its head as it was; what is chained meanwhile is the next check's."""
    rows = AuditEntry.objects.filter(sequence__isnull=False).order_by("sequence")
    if head is not None:
        rows = rows.filter(sequence__lte=head.sequence)
    values = rows.values_list(*PLACED, "about_sunset", *SAID)
    for sequence, previous, hash, mark, about, *said in values.iterator(CHUNK):
        content = Content(*said)
        # The column is the evidence's: one that differs hides the entry from a filter.
        is_as_said = about == about_sunset(content.evidence)
        yield Link(sequence, previous, hash, mark, digest_of(content) if is_as_said else "")


def _find_behind(verdict: Verdict) -> None:
    """Entries behind the head of this very moment were not put there by us."""
    end = AuditHead.objects.order_by("id").values("sequence")[:1]
    behind = AuditEntry.objects.filter(sequence__gt=Subquery(end))
    for sequence in behind.order_by("sequence").values_list("sequence", flat=True)[:CHUNK]:
        verdict.add(Trouble.FORGED, sequence or 0, "stands behind the end of the chain")


def _find_forged(verdict: Verdict, keys: Mapping[str, Key]) -> int:
    """Look at what is not chained; returns how many of them wait for their key."""
    waiting = 0
    rows = AuditEntry.objects.filter(sequence=None).order_by("id")
    for pk, mark, *said in rows.values_list("id", "seal", *SAID).iterator(CHUNK):
        is_own = is_sealed(mark, keys, ENTRY, digest_of(Content(*said)))
        if is_own is False or (is_own is None and not mark):
            verdict.add(Trouble.FORGED, 0, f"row {pk:,} was not written by us")
        waiting += is_own is None and bool(mark)
    return waiting


def _seen_last() -> dict[int, str]:
    """Where the chain ended when it was last found intact."""
    last = last_run(state="intact")
    if last is None:
        return {}
    sequence, _, hash = str(last.detail["anchor"]).partition(":")
    return {int(sequence): hash} if int(sequence) else {}
