"""Asking about the past: which instants may be asked about, and what to say beside the answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from lineage.exceptions import NotPast
from lineage.services.past import first_instant, last_of_second

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PastNote:
    """What an answer about the past says of itself. ``first_at``: the earliest known instant."""

    at: datetime
    first_at: datetime | None
    is_before_data: bool


def past_at(as_of: datetime | None, now: datetime) -> datetime | None:
    """The last instant of the second asked about; None for now, as for the end of today.

    Raises NotPast for what is still to come.
    """
    if as_of is None or (as_of > now and as_of == end_of(now)):
        return None
    if as_of > now:
        raise NotPast(as_of)
    return last_of_second(max(as_of, EARLIEST))


def end_of(now: datetime) -> datetime:
    """The last instant of the day in UTC."""
    return datetime.combine(now.astimezone(UTC), time.max, tzinfo=UTC)


def past_note(at: datetime | None) -> PastNote | None:
    """What to say of the past at an instant; None of now."""
    if at is None:
        return None
    first = first_instant()
    return PastNote(at, first, first is None or at < first)
