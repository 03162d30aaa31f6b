"""When a falling count reaches zero: known series, and what holds of all of them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.projection import FALLING, NOT_FALLING, TOO_SHORT, ZERO, projected_zero

TODAY = date(2026, 3, 1)


def test_a_straight_line_ends_where_it_points_and_without_doubt() -> None:
    found = projected_zero(range(100, 40, -2), TODAY)  # ends at 42, two a day
    assert found.state == FALLING
    assert found.zero_on == found.earliest == found.latest == TODAY + timedelta(days=21)
    assert found.per_week == -14


def test_one_wild_day_moves_nothing() -> None:
    counts = list(range(100, 40, -2))
    counts[20] = 900
    assert (
        projected_zero(counts, TODAY).zero_on == projected_zero(range(100, 40, -2), TODAY).zero_on
    )


def test_a_noisy_fall_has_an_interval_around_its_date() -> None:
    counts = [100 - 2 * n + (n * 7 % 13) - 6 for n in range(28)]
    found = projected_zero(counts, TODAY)
    assert found.state == FALLING
    assert found.earliest < found.zero_on < found.latest


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ([], TOO_SHORT),
        ([9, 8, 7], TOO_SHORT),
        ([5] * 30, NOT_FALLING),
        (range(30), NOT_FALLING),
        ([5, 6] * 15, NOT_FALLING),
        ([9, 5, 8, 6, 9, 4, 7, 8], NOT_FALLING),
        ([*range(30, 0, -1), 0], ZERO),
        ([*range(60, 0, -2), *range(1, 30)], NOT_FALLING),  # it fell, but not of late
    ],
)
def test_what_does_not_fall_is_given_no_date(counts, state) -> None:
    found = projected_zero(list(counts), TODAY)
    assert (found.state, found.zero_on, found.latest) == (state, None, None)


def test_a_fall_of_centuries_is_given_no_date() -> None:
    counts = [1_000_000 - n for n in range(28)]
    assert (projected_zero(counts, TODAY).state, projected_zero(counts, TODAY).zero_on) == (
        FALLING, None,
    )  # fmt: skip


@given(st.lists(st.integers(0, 10_000), min_size=0, max_size=60))
def test_dates_come_in_order_after_today_and_only_of_what_falls(counts: list[int]) -> None:
    found = projected_zero(counts, TODAY)
    far = date.max
    dates = [found.earliest or far, found.zero_on or far, found.latest or far]
    assert dates == sorted(dates)
    assert min(dates) > TODAY
    if found.state != FALLING:
        assert set(dates) == {far}
    else:
        assert found.per_week <= 0
        doubled = projected_zero([2 * count for count in counts], TODAY)
        assert (doubled.state, doubled.zero_on) == (FALLING, found.zero_on)
