"""Where a source stands by the cadence it keeps."""

from datetime import UTC, datetime, timedelta

import pytest

from lineage.cadence import Standing, expected_at, standing_of

SPOKE = datetime(2026, 4, 1, tzinfo=UTC)
HOUR = 3_600


@pytest.mark.parametrize(
    ("cadence", "minutes", "wanted"),
    [
        (None, 10**6, "unknown"),
        (HOUR, 0, "fresh"),
        (HOUR, 60, "fresh"),
        (HOUR, 66, "fresh"),
        (HOUR, 67, "late"),
        (HOUR, 120, "late"),
        (HOUR, 121, "quiet"),
        (HOUR, -5, "fresh"),
        (36_525 * 86_400, 10**6, "fresh"),
    ],
)
def test_a_source_is_fresh_late_or_quiet(cadence: int | None, minutes: int, wanted: str) -> None:
    assert standing_of(cadence, SPOKE, SPOKE + timedelta(minutes=minutes)) == wanted


def test_held_outranks_all() -> None:
    for cadence in (None, 1, HOUR):
        assert standing_of(cadence, SPOKE, SPOKE, is_held=True) is Standing.HELD


def test_a_source_is_expected_one_cadence_after_it_spoke() -> None:
    assert expected_at(HOUR, SPOKE) == SPOKE + timedelta(hours=1)
    assert expected_at(None, SPOKE) is None
    assert expected_at(10**12, SPOKE) is None
