"""Cadence: whether a source spoke when it was expected to (pure)."""

from datetime import datetime, timedelta
from enum import StrEnum

LATE_AFTER = 1.1  # cadences: jobs drift, and a minute after the hour is not late
QUIET_AFTER = 2.0


class Standing(StrEnum):
    """How far a source can be relied on now."""

    FRESH = "fresh"
    LATE = "late"
    QUIET = "quiet"
    HELD = "held"
    UNKNOWN = "unknown"


TROUBLED = frozenset({Standing.LATE, Standing.QUIET, Standing.HELD})


def standing_of(
    cadence: int | None, last_seen_at: datetime, now: datetime, *, is_held: bool = False
) -> Standing:
    """Where a source stands; ``cadence`` in seconds, None if nobody says how often it speaks.

    Held outranks all: an inventory of it shrank and nobody has decided yet whether to
    believe it. Late when its cadence has passed by more than a tenth, quiet when it has
    passed twice.
    """
    if is_held:
        return Standing.HELD
    if cadence is None:
        return Standing.UNKNOWN
    silent = (now - last_seen_at).total_seconds()
    if silent > QUIET_AFTER * cadence:
        return Standing.QUIET
    return Standing.LATE if silent > LATE_AFTER * cadence else Standing.FRESH


def expected_at(cadence: int | None, last_seen_at: datetime) -> datetime | None:
    """When the source should speak next; None if nobody knows, or beyond the calendar."""
    if cadence is None:
        return None
    try:
        return last_seen_at + timedelta(seconds=cadence)
    except OverflowError:
        return None
