"""What the marks of a deployment key say about each deployment of it (pure).

One key names a series of deployments in time. Whatever the order in which records
arrived, the same starts and marks give the same ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """Something said about a key: kind is used, published, ended, sunset, restored, unlisted or
    listed.
    """

    kind: str
    at: datetime
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """How one deployment of a series ended, if it did, and how it was used."""

    ended_at: datetime | None
    end_reason: str
    last_used_at: datetime | None
    requests: int
    published_at: datetime | None


def spans(starts: Sequence[datetime], marks: Sequence[Mark]) -> list[Span]:
    """One span for each start, which must ascend.

    A deployment ends at the earliest of: the first reported end after its start,
    the next start of the key, a sunset that was not restored, an inventory that no
    longer listed it if no later one does again. An end reported at
    the very instant of the next start belongs to the deployment before it.
    """
    found = []
    for position, start in enumerate(starts):
        following = starts[position + 1] if position + 1 < len(starts) else None
        is_first = position == 0
        mine = [mark for mark in marks if _belongs(mark, start, following, is_first)]
        found.append(_span(mine, following))
    return found


def ended_by(
    span: Span, start: datetime, deletions: Iterable[datetime]
) -> tuple[datetime | None, str]:
    """When and why a deployment ended, given the deletions of its environment.

    The first deletion after its start ends it, unless something else did earlier.
    """
    first = min((at for at in deletions if at > start), default=None)
    if first is None or (span.ended_at is not None and span.ended_at <= first):
        return span.ended_at, span.end_reason
    return first, "reported"


def _belongs(mark: Mark, start: datetime, following: datetime | None, is_first: bool) -> bool:
    if mark.kind == "ended":
        after = mark.at >= start if is_first else mark.at > start
        return after and (following is None or mark.at <= following)
    return mark.at >= start and (following is None or mark.at < following)


def _span(marks: list[Mark], following: datetime | None) -> Span:
    ends = [(mark.at, 0, "reported") for mark in marks if mark.kind == "ended"]
    if following is not None:
        ends.append((following, 1, "replaced"))
    unlisted = _standing(marks, "unlisted", "listed")
    if unlisted is not None:
        ends.append((unlisted, 2, "unlisted"))
    sunset = _standing(marks, "sunset", "restored")
    if sunset is not None:
        ends.append((sunset, 3, "sunset"))
    used = [mark for mark in marks if mark.kind == "used"]
    ended_at, _, reason = min(ends) if ends else (None, 0, "")
    return Span(
        ended_at=ended_at,
        end_reason=reason,
        last_used_at=max((mark.at for mark in used), default=None),
        requests=sum(mark.requests for mark in used),
        published_at=min((mark.at for mark in marks if mark.kind == "published"), default=None),
    )


def _standing(marks: list[Mark], end: str, taken_back: str) -> datetime | None:
    """When the deployment ended so, None where that was taken back since."""
    steps = sorted(
        (mark.at, mark.kind == taken_back) for mark in marks if mark.kind in {end, taken_back}
    )
    if not steps or steps[-1][1]:
        return None
    return steps[-1][0]
