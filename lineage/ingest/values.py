"""Values written as text: instants (RFC 3339) and durations (ISO 8601)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import isodate
from isodate.isoerror import ISO8601Error

MAX_DURATION = timedelta(days=36_525)
MAX_TEXT = 64
FIRST_YEAR = 1970
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
DURATION = re.compile(r"P[0-9.,WDTHMSY]+")


class BadValue(ValueError):
    """A text is no such value; ``reason`` completes the sentence "<field> …"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@lru_cache(maxsize=65_536)
def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant or a date as an aware UTC datetime; raises BadValue.

    A date is its midnight; an instant without an offset is taken as UTC. Digits
    beyond microseconds are cut off. Years run from 1970 to 9999, so a caller that
    adds a duration must expect OverflowError at the far end.
    """
    if len(text) > MAX_TEXT or not INSTANT.fullmatch(text):
        raise BadValue("is not an RFC 3339 instant or date, such as 2026-03-01T10:00:00Z")
    try:
        instant = datetime.fromisoformat(text.upper())
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        instant = instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValue("names a day or time that does not exist") from error
    if instant.year < FIRST_YEAR:
        raise BadValue(f"is before {FIRST_YEAR}")
    return instant


@lru_cache(maxsize=4_096)
def parse_duration(text: str) -> int:
    """Read an ISO 8601 duration as whole seconds, 1 second to 100 years; raises BadValue.

    Years and months are refused, because their length depends on where they start.
    """
    if len(text) > MAX_TEXT or not DURATION.fullmatch(text) or text.endswith("T"):
        raise BadValue("is not an ISO 8601 duration, such as P90D or PT12H")
    try:
        duration = isodate.parse_duration(text)
    except OverflowError as error:
        raise BadValue("is longer than 100 years") from error
    except (ISO8601Error, ValueError, ArithmeticError) as error:
        raise BadValue("is not an ISO 8601 duration, such as P90D or PT12H") from error
    if not isinstance(duration, timedelta):
        raise BadValue("counts years or months, whose length varies; say days, as in P90D")
    if duration > MAX_DURATION:
        raise BadValue("is longer than 100 years")
    seconds = duration // timedelta(seconds=1)
    if duration != timedelta(seconds=seconds):
        raise BadValue("is not a whole number of seconds")
    if seconds <= 0:
        raise BadValue("must be longer than nothing")
    return seconds
