"""The chain of the audit: digests, links, seals, and what is wrong with a chain (pure).

Each link hashes an entry's content with the hash of the link before it. Its seal says by
a key that this hash stands at this place. Hashes need no key, so a valid seal vouches for
every link before it, those included whose own key nobody holds any more.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64  # what the first link follows
KEY_NAME = 16  # characters of a seal that name its key
MOST_NAMED = 100
ENTRY, LINK, HEAD = "entry", "link", "head"


class Trouble(StrEnum):
    """What may be wrong with a chain."""

    MISSING = "missing"
    ALTERED = "altered"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the name under which seals mention it."""

    name: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What an entry says."""

    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    evidence: Any
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Link:
    """One entry's place in the chain, as it is stored."""

    sequence: int
    previous: str
    hash: str
    seal: str
    digest: str  # of the content as it is stored now


@dataclass(frozen=True, slots=True)
class Head:
    """Up to where the chain goes, sealed by itself so that its end can not be cut off."""

    sequence: int
    hash: str
    seal: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, by the place it is found at; 0 where it has none."""

    kind: Trouble
    sequence: int
    detail: str

    def __str__(self) -> str:
        place = f"entry {self.sequence:,} " if self.sequence else ""
        return f"{self.kind}: {place}{self.detail}"


@dataclass(slots=True)
class Verdict:
    """What came of reading a chain; ``problems`` are the first ``MOST_NAMED`` of ``found``.

    ``unproven`` links at the end are sealed by keys that nobody gave: their order and
    hashes fit, but nothing vouches for them.
    """

    entries: int = 0
    hash: str = GENESIS
    sequence: int = 0
    found: int = 0
    problems: list[Problem] = field(default_factory=list)
    vouched: int = 0  # links under unknown keys that a later seal vouches for
    unproven: int = 0

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong and a seal vouches for every link."""
        return not self.found and not self.unproven

    def add(self, kind: Trouble, sequence: int, detail: str) -> None:
        """Note a problem."""
        self.found += 1
        if len(self.problems) < MOST_NAMED:
            self.problems.append(Problem(kind, sequence, detail))


def key_of(secret: str) -> Key:
    """The chain's key that belongs to an installation's secret."""
    derived = hmac.new(secret.encode(), b"sundial.audit.seal", sha256).digest()
    return Key(sha256(b"name" + derived).hexdigest()[:KEY_NAME], derived)


def digest_of(content: Content) -> str:
    """A hash of all that an entry says, the same on every database."""
    said = [
        1,
        content.at.astimezone(UTC).isoformat(timespec="microseconds"),
        *(content.actor, content.action, content.subject, content.reason),
        *(_plain(part) for part in (content.evidence, content.before, content.after)),
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def link_hash(previous: str, digest: str) -> str:
    """The hash of a link that follows another."""
    return sha256(f"{previous}:{digest}".encode()).hexdigest()


def seal(key: Key, kind: str, *parts: object) -> str:
    """What only a holder of the key can say of these parts: the key's name, then the proof."""
    return f"{key.name}:{_proof(key, kind, parts)}"


def is_sealed(stored: str, keys: Mapping[str, Key], kind: str, *parts: object) -> bool | None:
    """Whether a seal is that of these parts; None where its key is not given."""
    name, _, proof = stored.partition(":")
    key = keys.get(name)
    if key is None:
        return None
    return hmac.compare_digest(proof, _proof(key, kind, parts))


def judge_chain(
    links: Iterable[Link],
    head: Head | None,
    *,
    keys: Mapping[str, Key],
    seen: Mapping[int, str] | None = None,
) -> Verdict:
    """Read a whole chain, by ascending sequence; memory does not grow with it.

    ``seen`` are hashes noted elsewhere of earlier places: they must still stand there.
    """
    verdict, known = Verdict(), dict(seen or {})
    at_head = GENESIS
    for link in links:
        _judge_link(verdict, link, keys)
        if known.pop(link.sequence, link.hash) != link.hash:
            verdict.add(Trouble.ALTERED, link.sequence, "is not the one that was seen before")
        if head is not None and link.sequence == head.sequence:
            at_head = link.hash
    _judge_head(verdict, head, at_head, keys)
    for sequence in sorted(place for place in known if place > verdict.sequence):
        verdict.add(Trouble.TRUNCATED, sequence, "was seen before and is gone")
    return verdict


def _judge_link(verdict: Verdict, link: Link, keys: Mapping[str, Key]) -> None:
    gap = link.sequence - verdict.sequence - 1
    if gap > 0:
        last = f" up to {link.sequence - 1:,}" if gap > 1 else ""
        verdict.add(Trouble.MISSING, verdict.sequence + 1, f"is missing{last}")
    if link_hash(link.previous, link.digest) != link.hash:
        verdict.add(Trouble.ALTERED, link.sequence, "says something else than when it was written")
    elif link.previous != verdict.hash and gap == 0:
        verdict.add(Trouble.REORDERED, link.sequence, "does not follow the entry before it")
    else:
        _judge_seal(verdict, link, keys)
    verdict.entries += 1
    verdict.sequence, verdict.hash = link.sequence, link.hash


def _judge_seal(verdict: Verdict, link: Link, keys: Mapping[str, Key]) -> None:
    match is_sealed(link.seal, keys, LINK, link.sequence, link.hash):
        case None:
            verdict.unproven += 1
        case True:
            verdict.vouched += verdict.unproven
            verdict.unproven = 0
        case False:
            verdict.add(Trouble.ALTERED, link.sequence, "carries a seal that is not its own")


def _judge_head(verdict: Verdict, head: Head | None, at_head: str, keys: Mapping[str, Key]) -> None:
    if head is None:
        if verdict.entries:
            verdict.add(Trouble.TRUNCATED, 0, "the note of where the chain ends is gone")
        return
    is_own = is_sealed(head.seal, keys, HEAD, head.sequence, head.hash)
    if is_own is False:
        verdict.add(Trouble.ALTERED, 0, "the note of where the chain ends was not written by us")
    elif head.sequence > verdict.sequence:
        lost = head.sequence - verdict.sequence
        verdict.add(Trouble.TRUNCATED, verdict.sequence + 1, f"and on: the last {lost:,} are gone")
    elif head.sequence < verdict.sequence:
        verdict.add(Trouble.FORGED, head.sequence + 1, "and on stand behind the end of the chain")
    elif head.hash != at_head:
        verdict.add(Trouble.ALTERED, head.sequence, "is not the one the chain ended with")
    elif is_own:
        verdict.vouched += verdict.unproven
        verdict.unproven = 0


def links_of(
    rows: Sequence[tuple[int, str]], head: Head | None, key: Key
) -> tuple[list[tuple[int, str, str, str, int]], Head]:
    """Chain further entries, given as (id, digest), behind a head.

    Returns (sequence, previous, hash, seal, id) of each, and the head behind them.
    """
    sequence, last = (head.sequence, head.hash) if head else (0, GENESIS)
    chained = []
    for pk, digest in rows:
        sequence, previous = sequence + 1, last
        last = link_hash(previous, digest)
        chained.append((sequence, previous, last, seal(key, LINK, sequence, last), pk))
    return chained, Head(sequence, last, seal(key, HEAD, sequence, last))


def _proof(key: Key, kind: str, parts: Sequence[object]) -> str:
    text = ":".join(str(part) for part in (kind, *parts))
    return hmac.new(key.secret, text.encode(), sha256).hexdigest()


def _plain(value: Any) -> Any:
    """Values as every database gives them back: whole numbers as integers, keys as text."""
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else json.dumps(key): _plain(part)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
