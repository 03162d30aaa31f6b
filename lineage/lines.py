"""Lines and whether they can go: the one decision that page, API, command and job share (pure).

A line is a major range ``1.x`` or a minor range ``1.4.x`` of a module: the unit people
retire. The rules are those of the vocabulary: in use, held, unused, unknown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class LineState(StrEnum):
    """Where a line stands; the order is that in which the states outrank each other."""

    EMPTY = "empty"
    SUNSET = "sunset"
    NEWEST = "newest"
    IN_USE = "in_use"
    HELD = "held"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is known of one line; counts are distinct, instants are aware."""

    module_id: int
    ecosystem: str
    module: str
    owner_id: int | None
    line: str
    level: str  # major or minor
    parent: str  # of a minor line its major line
    version_ids: tuple[int, ...]  # neither sunset nor placeholders, oldest first
    sunset_count: int
    newest: str
    newest_published_at: datetime | None
    live_prod: int
    live_preprod: int
    is_in_use: bool
    last_used_at: datetime | None
    consumers: int  # modules whose current version resolves into it
    held_by: int  # of them, those that nothing but this line satisfies
    holds_newest: bool
    vouched_since: datetime | None

    @property
    def live(self) -> int:
        return self.live_prod + self.live_preprod


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """``since`` is when the line fell out of use, ``free_at`` when the wait is over."""

    state: LineState
    reason: str
    since: datetime | None = None
    free_at: datetime | None = None


def judge(facts: LineFacts, *, now: datetime, unused_for: timedelta) -> LineVerdict:
    """Decide where a line stands.

    Unused means: neither in use nor held for ``unused_for``, counted from the latest
    of the last use, the publication of its newest version and the day a source began
    to vouch for deployments of the ecosystem.
    """
    if not facts.version_ids:
        return _gone(facts)
    if facts.holds_newest:
        return LineVerdict(LineState.NEWEST, f"It holds the newest version, {facts.newest}.")
    if facts.is_in_use:
        return LineVerdict(
            LineState.IN_USE,
            f"{_count(facts.live, 'live deployment')} {'uses' if facts.live == 1 else 'use'} it.",
        )
    if facts.held_by:
        reason = f"{_count(facts.held_by, 'consumer')} can be satisfied by nothing else."
        return LineVerdict(LineState.HELD, reason)
    if facts.vouched_since is None:
        reason = f"No source vouches for deployments of {facts.ecosystem}, so use is unknown."
        return LineVerdict(LineState.UNKNOWN, reason)
    return _unused(facts, facts.vouched_since, now, unused_for)


def _gone(facts: LineFacts) -> LineVerdict:
    if facts.sunset_count:
        return LineVerdict(LineState.SUNSET, f"All {facts.sunset_count} versions are sunset.")
    return LineVerdict(LineState.EMPTY, "Nothing was published on it, as far as is known.")


def _unused(
    facts: LineFacts, vouched_since: datetime, now: datetime, unused_for: timedelta
) -> LineVerdict:
    instants = {
        "its last use": facts.last_used_at,
        "the publication of its newest version": facts.newest_published_at,
        "the day its source began to vouch": vouched_since,
    }
    cause, since = max(
        ((cause, at) for cause, at in instants.items() if at is not None),
        key=lambda pair: pair[1],
    )
    free_at = since + unused_for
    days = max((now - since).days, 0)
    if free_at > now:
        reason = f"Nobody uses it, but only {_count(days, 'day')} have passed since {cause}."
        return LineVerdict(LineState.WAITING, reason, since, free_at)
    reason = f"Nobody has used it for {_count(days, 'day')}, counted from {cause}."
    return LineVerdict(LineState.UNUSED, reason, since, free_at)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
