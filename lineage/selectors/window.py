"""Windows of days: the instants at which something is counted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from lineage.exceptions import BadWindow

DAYS = 90
MOST_DAYS = 730


@dataclass(frozen=True, slots=True)
class Window:
    """Days in UTC and the end of each, which is now for today."""

    days: list[date]
    ends: list[datetime]


def days_before(now: datetime, days: int = DAYS) -> Window:
    """Today and so many days before it."""
    today = now.astimezone(UTC).date()
    return between(today - timedelta(days=days), today, now=now)


def between(first: date, last: date, *, now: datetime) -> Window:
    """All days from first to last; raises BadWindow for one that is empty, too long or to come."""
    today = now.astimezone(UTC).date()
    if first > last:
        raise BadWindow("It ends before it begins.")
    if last > today:
        raise BadWindow("It ends after today.")
    if (last - first).days > MOST_DAYS:
        raise BadWindow(f"It is longer than {MOST_DAYS} days.")
    days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    ends = [min(datetime.combine(day, time.max, tzinfo=UTC), now) for day in days]
    return Window(days, ends)


def window_of(first: date | None, last: date | None, *, days: int = DAYS, now: datetime) -> Window:
    """The window from first to last; without a last day today, without a first so many before."""
    last = last or now.astimezone(UTC).date()
    try:
        return between(first or last - timedelta(days=days), last, now=now)
    except OverflowError as error:
        raise BadWindow("It begins before the calendar.") from error
