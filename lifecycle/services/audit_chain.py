"""Chains what was recorded: one link after the other, however many write at once.

An entry is chained in a transaction of its own after the one that wrote it. The lock
is taken there and nowhere else, with nothing taken inside it: whoever records waits for
nobody, so no order of locks can deadlock.
"""

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.conf import settings

from lifecycle.chain import (
    ENTRY,
    HEAD,
    Content,
    Head,
    Key,
    digest_of,
    is_sealed,
    key_of,
    links_of,
)
from lifecycle.models import AuditEntry, AuditHead
from lineage.ingest.bulk import exclusive, update_rows

logger = logging.getLogger(__name__)

CHAIN_LOCK = 0x43484149  # "CHAI"
CHAINED_AT_ONCE = 1_000
SAID = ("at", "actor", "action", "subject", "reason", "evidence", "before", "after")
PLACED = ("sequence", "previous_hash", "hash", "seal")


def current_key() -> Key:
    """The key that seals now."""
    return key_of(settings.SECRET_KEY)


def known_keys() -> dict[str, Key]:
    """Every key whose seals can be read, by name."""
    keys = [key_of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return {key.name: key for key in keys}


def chain_soon() -> None:
    """Chain what was just committed."""
    chain_entries()


def chain_entries() -> int:
    """Chain every committed entry that is not yet, oldest first; returns how many.

    Entries that no known key sealed are left: they were not written here. Behind an end
    that no known key sealed nothing is chained, or a cut off chain would look whole again.
    """
    chained, is_more = 0, AuditEntry.objects.filter(sequence=None).exists()
    while is_more:
        with exclusive(CHAIN_LOCK):
            taken, is_more = _chain_some()
        chained += taken
    return chained


def _chain_some() -> tuple[int, bool]:
    keys, head = known_keys(), chain_head()
    if not is_sound(head, keys):
        logger.error("the audit's end is not ours: nothing is chained; see check_audit")
        return 0, False
    ours = list(islice(_waiting(keys), CHAINED_AT_ONCE))
    if not ours:
        return 0, False
    links, end = links_of(ours, head, current_key())
    update_rows(AuditEntry, PLACED, links)
    write_head(end)
    return len(ours), len(ours) == CHAINED_AT_ONCE


def _waiting(keys: Mapping[str, Key]) -> Iterator[tuple[int, str]]:
    """(id, digest) of what is to be chained."""
    rows = AuditEntry.objects.filter(sequence=None).order_by("id")
    for pk, mark, *said in rows.values_list("id", "seal", *SAID).iterator(CHAINED_AT_ONCE):
        digest = digest_of(Content(*said))
        if is_sealed(mark, keys, ENTRY, digest):
            yield pk, digest


def is_sound(head: Head | None, keys: Mapping[str, Key]) -> bool:
    """Whether the chain may go on behind this head."""
    if head is None:
        return not AuditEntry.objects.filter(sequence__gt=0).exists()
    return bool(is_sealed(head.seal, keys, HEAD, head.sequence, head.hash))


def write_head(head: Head) -> None:
    """Note up to where the chain goes. The caller holds the lock."""
    AuditHead.objects.update_or_create(
        pk=1, defaults={"sequence": head.sequence, "hash": head.hash, "seal": head.seal}
    )


def chain_head() -> Head | None:
    """Up to where the chain goes; None before the first entry."""
    row = AuditHead.objects.values_list("sequence", "hash", "seal").first()
    return Head(*row) if row else None


def about_sunset(evidence: Any) -> int | None:
    """The sunset that an entry's evidence names, None if none."""
    sunset = evidence.get("sunset") if isinstance(evidence, dict) else None
    return sunset if type(sunset) is int and sunset > 0 else None
