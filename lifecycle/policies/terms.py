"""Under which terms a sunset goes its way, fixed when it is announced (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = tuple(range(7))


@dataclass(frozen=True, slots=True)
class Window:
    """The hours in which things may go: weekdays (0 Monday), from, until, time zone."""

    weekdays: tuple[int, ...] = WEEK
    opens: time = time(0)
    closes: time = time(0)  # midnight: until the day is over
    zone: str = "UTC"

    def is_open(self, at: datetime) -> bool:
        """Whether things may go at an instant."""
        local = at.astimezone(ZoneInfo(self.zone))
        is_before_end = self.closes == time(0) or local.time() < self.closes
        return local.weekday() in self.weekdays and self.opens <= local.time() and is_before_end

    def next_open(self, at: datetime) -> datetime:
        """The first instant from ``at`` on in which things may go."""
        if self.is_open(at):
            return at
        zone = ZoneInfo(self.zone)
        local = at.astimezone(zone)
        for ahead in range(9):
            day = local.date() + timedelta(days=ahead)
            opening = datetime.combine(day, self.opens, tzinfo=zone).astimezone(at.tzinfo)
            if opening >= at and self.is_open(opening):
                return opening
        raise ValueError("a window that never opens")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long owners have, when and how fast things go, who carries it out, how long back."""

    grace: timedelta = timedelta()
    ownerless_wait: timedelta = timedelta(days=7)
    restorable_for: timedelta = timedelta(days=30)
    window: Window = field(default_factory=Window)
    batch_size: int = 500
    daily_cap: int = 5_000  # items a day over all sunsets of one policy; 0: no cap
    executor: str = "record"


def strictest(terms: Iterable[Terms]) -> Terms:
    """Terms that break none of these: the longest waits, the smallest steps, every window.

    Raises ValueError where no such terms are: several executors, or windows that never
    are open at once.
    """
    every = list(terms)
    if not every:
        return Terms()
    executors = sorted({one.executor for one in every})
    if len(executors) > 1:
        raise ValueError(f"their policies name several executors: {', '.join(executors)}")
    return Terms(
        grace=max(one.grace for one in every),
        ownerless_wait=max(one.ownerless_wait for one in every),
        restorable_for=max(one.restorable_for for one in every),
        window=_overlap({one.window for one in every}),
        batch_size=min(one.batch_size for one in every),
        daily_cap=min((one.daily_cap for one in every if one.daily_cap), default=0),
        executor=executors[0],
    )


def _overlap(windows: set[Window]) -> Window:
    """The hours in which all of them are open; those that never close count for nothing."""
    bound = [one for one in windows if one != replace(Window(), zone=one.zone)]
    if not bound:
        return Window()
    zones = {one.zone for one in bound}
    weekdays = set(WEEK).intersection(*(one.weekdays for one in bound))
    opens = max(one.opens for one in bound)
    closes = min((one.closes for one in bound if one.closes != time(0)), default=time(0))
    if len(zones) > 1 or not weekdays or (closes != time(0) and closes <= opens):
        if len(bound) == 1:
            return bound[0]
        raise ValueError("their policies' windows are not open at the same hours of one zone")
    return Window(tuple(sorted(weekdays)), opens, closes, zones.pop())
