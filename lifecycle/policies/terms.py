"""Under which terms a sunset goes its way, fixed when it is announced (pure)."""

from dataclasses import dataclass, field
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
        until = self.closes if self.closes != time(0) else time.max
        return local.weekday() in self.weekdays and self.opens <= local.time() < until

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
