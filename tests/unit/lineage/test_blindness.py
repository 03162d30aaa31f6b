"""When a drop in a full inventory is believed, and when it waits for somebody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.blindness import Blindness, Drop, Limits, blindness_of

LIMITS = Limits(percent=20, least=10)
CASES = [
    (Drop(vouched=0, missing=0, lines=0), None, "a source that knew nothing lists nothing"),
    (Drop(100, 0, 100), None, "all are there"),
    (Drop(100, 0, 0, unreadable=3), None, "nothing vanished, so nothing waits"),
    (Drop(100, 1, 99), None, "one of many is gone"),
    (Drop(100, 20, 80), None, "a fifth is not more than a fifth"),
    (Drop(100, 21, 79), Blindness.SHARE, "more than a fifth, and more than ten"),
    (Drop(30, 9, 21), None, "nine are few, whatever their share"),
    (Drop(30, 10, 20), Blindness.SHARE, "ten of thirty"),
    (Drop(10, 9, 1), None, "most of very few"),
    (Drop(1_000, 100, 900), None, "many, but a small share"),
    (Drop(5_000, 4_960, 40), Blindness.SHARE, "5,000 become 40"),
    (Drop(5_000, 5_000, 40), Blindness.EVERYTHING, "only strangers are left"),
    (Drop(2, 2, 1), Blindness.EVERYTHING, "everything of very little"),
    (Drop(1, 1, 0), Blindness.EMPTY, "an empty list"),
    (Drop(5_000, 5_000, 0), Blindness.EMPTY, "a very empty list"),
    (Drop(100, 1, 98, stated=99), Blindness.INCOMPLETE, "it says it is longer"),
    (Drop(100, 1, 99, stated=99), None, "it is as long as it says"),
    (Drop(100, 1, 99, stated=90), None, "longer than it says hides nothing"),
    (Drop(100, 1, 98, unreadable=1), Blindness.UNREADABLE, "the bad line may be the missing one"),
]


@pytest.mark.parametrize(("drop", "wanted", "why"), CASES, ids=[case[2] for case in CASES])
def test_a_drop_is_believed_or_not(drop: Drop, wanted: Blindness | None, why: str) -> None:
    assert blindness_of(drop, LIMITS) == wanted, why


def test_the_limits_move_the_line() -> None:
    assert blindness_of(Drop(100, 21, 79), Limits(percent=30, least=10)) is None
    assert blindness_of(Drop(100, 21, 79), Limits(percent=20, least=22)) is None
    assert blindness_of(Drop(100, 2, 98), Limits(percent=0, least=1)) is Blindness.SHARE


counts = st.integers(0, 6_000)


@given(counts, counts, counts, st.none() | counts, st.integers(0, 3))
def test_to_miss_more_is_never_more_credible(
    vouched: int, missing: int, lines: int, stated: int | None, unreadable: int
) -> None:
    missing = min(missing, vouched)
    reason = blindness_of(Drop(vouched, missing, lines, stated, unreadable), LIMITS)
    if reason is not None and missing < vouched:
        more = Drop(vouched, missing + 1, lines, stated, unreadable)
        assert blindness_of(more, LIMITS) is not None
