"""How a campaign runs down: one count a day, and when it would be at zero (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lineage.projection import Projection, projected_zero


@dataclass(frozen=True, slots=True)
class Point:
    """Who was left when it was read."""

    at: datetime
    consumers: int
    deployments: int


@dataclass(frozen=True, slots=True)
class Burndown:
    """One entry per day of each list, gaps filled with the day before.

    ``projection`` is that of the consumers: when the last of them would be gone.
    """

    days: list[date]
    consumers: list[int]
    deployments: list[int]
    projection: Projection
    deadline: date

    @property
    def is_late(self) -> bool:
        """Whether the line through the recent days reaches zero after the deadline."""
        zero_on = self.projection.zero_on
        return zero_on is not None and zero_on > self.deadline


def burndown(points: Sequence[Point], *, deadline: datetime) -> Burndown:
    """The run of a campaign; the last reading of a day counts for it."""
    by_day = {point.at.astimezone(UTC).date(): point for point in points}
    days: list[date] = []
    consumers: list[int] = []
    deployments: list[int] = []
    for day in sorted(by_day):
        while days and days[-1] + timedelta(days=1) < day:
            days.append(days[-1] + timedelta(days=1))
            consumers.append(consumers[-1])
            deployments.append(deployments[-1])
        days.append(day)
        consumers.append(by_day[day].consumers)
        deployments.append(by_day[day].deployments)
    last = days[-1] if days else deadline.astimezone(UTC).date()
    return Burndown(
        days,
        consumers,
        deployments,
        projected_zero(consumers, last),
        deadline.astimezone(UTC).date(),
    )
