"""The run of a campaign as one count a day."""

from datetime import UTC, date, datetime, timedelta

from lifecycle.burndown import Point, burndown

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def points(*readings: tuple[float, int]) -> list[Point]:
    return [Point(NOW + days * DAY, left, 10 * left) for days, left in readings]


def test_a_day_counts_with_its_last_reading_and_gaps_as_the_day_before() -> None:
    found = burndown(points((0, 5), (0.3, 4), (3, 2)), deadline=NOW + 30 * DAY)
    assert found.days == [date(2024, 9, day) for day in (1, 2, 3, 4)]
    assert (found.consumers, found.deployments) == ([4, 4, 4, 2], [40, 40, 40, 20])
    assert found.projection.state == "too short"


def test_a_steady_fall_is_projected_and_compared_with_the_deadline() -> None:
    falling = points(*((day, 20 - day) for day in range(10)))
    found = burndown(falling, deadline=NOW + 15 * DAY)
    assert (found.projection.zero_on, found.is_late) == (date(2024, 9, 21), True)
    assert not burndown(falling, deadline=NOW + 25 * DAY).is_late


def test_no_readings_are_no_days() -> None:
    found = burndown([], deadline=NOW)
    assert (found.days, found.projection.state, found.is_late) == ([], "too short", False)
