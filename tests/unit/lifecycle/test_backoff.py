"""When what failed is tried again: a table of waits, and what holds for any draw."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.backoff import MOST_ASKED, Backoff

BACKOFF = Backoff(first=timedelta(seconds=5), most=timedelta(minutes=10), attempts=10)
NEARLY_ONE = 1 - 2**-53


@pytest.mark.parametrize(
    ("attempts", "least", "most"),
    [(1, 2.5, 5), (2, 5, 10), (3, 10, 20), (7, 160, 320), (8, 300, 600), (9, 300, 600)],
)
def test_waits_double_up_to_the_most_and_half_of_each_is_drawn(
    attempts: int, least: float, most: float
) -> None:
    assert BACKOFF.wait(attempts, draw=0) == timedelta(seconds=least)
    drawn = BACKOFF.wait(attempts, draw=NEARLY_ONE)
    assert drawn is not None
    assert drawn == pytest.approx(timedelta(seconds=most), abs=timedelta(milliseconds=1))


@pytest.mark.parametrize("attempts", [10, 11, 1_000])
def test_nothing_is_tried_for_ever(attempts: int) -> None:
    assert BACKOFF.wait(attempts, draw=0.5) is None
    assert BACKOFF.wait(attempts, draw=0.5, asked=timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (timedelta(), timedelta(seconds=2.5)),
        (timedelta(seconds=90), timedelta(seconds=90)),
        (timedelta(days=30), MOST_ASKED),
    ],
)
def test_other_side_is_left_alone_for_as_long_as_it_asks_within_a_day(
    asked: timedelta, wait: timedelta
) -> None:
    assert BACKOFF.wait(1, draw=0, asked=asked) == wait


@given(
    attempts=st.integers(0, 10**9),
    draw=st.floats(0, 1, exclude_max=True),
    limit=st.integers(1, 10**9),
)
def test_any_wait_is_longer_than_nothing_and_never_longer_than_the_most(
    attempts: int, draw: float, limit: int
) -> None:
    wait = Backoff(attempts=limit).wait(attempts, draw=draw)
    assert (wait is None) == (attempts >= limit)
    assert wait is None or timedelta() < wait <= timedelta(hours=1)
