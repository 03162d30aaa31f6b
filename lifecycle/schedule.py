"""When a message is due: at once or by digest, in the reader's own time zone (pure)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)


class Mode(StrEnum):
    """Whether messages go one by one or gathered."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How somebody wants to hear: wall-clock times in ``time_zone``.

    A digest goes out at ``hour``, every day or on one ``weekday`` (0 is Monday). From
    ``quiet_from`` up to ``quiet_until`` nothing goes out; they may span midnight, and equal
    ones mean no quiet at all.
    """

    mode: Mode = Mode.DIGEST
    hour: int = 9
    weekday: int | None = None
    time_zone: str = "UTC"
    quiet_from: time | None = None
    quiet_until: time | None = None


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The names a schedule may carry."""
    return frozenset(available_timezones())


def next_delivery(after: datetime, schedule: Schedule) -> datetime:
    """The first instant, in UTC, at which something that came up at ``after`` may go out.

    Immediate: at once, or when the quiet hours end. Digest: strictly later than ``after``,
    so that what comes up while a digest goes out waits for the next. A wall-clock time
    that a clock change skips counts as the same span after midnight, one that it repeats
    goes out the first time.
    """
    zone = ZoneInfo(schedule.time_zone)
    if schedule.mode == Mode.IMMEDIATE:
        return _after_quiet(after.astimezone(UTC), schedule, zone)
    day = after.astimezone(zone).date() - DAY
    while True:
        # A digest put off by quiet hours may fall behind the day after: look at each in turn.
        if schedule.weekday is None or day.weekday() == schedule.weekday:
            due = _after_quiet(_instant(day, time(schedule.hour), zone), schedule, zone)
            if due > after:
                return due
        day += DAY


def is_quiet(at: datetime, schedule: Schedule) -> bool:
    """Whether nothing may go out at an instant."""
    begin, end = schedule.quiet_from, schedule.quiet_until
    if begin is None or end is None or begin == end:
        return False
    wall = at.astimezone(ZoneInfo(schedule.time_zone)).time()
    return begin <= wall < end if begin < end else wall >= begin or wall < end


def _after_quiet(at: datetime, schedule: Schedule, zone: ZoneInfo) -> datetime:
    if not is_quiet(at, schedule) or schedule.quiet_until is None:
        return at
    day = at.astimezone(zone).date()
    ends = (
        _instant(day + ahead * DAY, schedule.quiet_until, zone, fold=fold)
        for ahead in (0, 1, 2)
        for fold in (0, 1)
    )
    return next(end for end in ends if end > at)


def _instant(day: date, wall: time, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    return datetime.combine(day, wall.replace(fold=fold), zone).astimezone(UTC)
