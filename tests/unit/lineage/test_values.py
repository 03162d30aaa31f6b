"""Instants and durations read from text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.ingest.values import BadValue, parse_duration, parse_instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01t10:00:00z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+02:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456789Z", datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("1970-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_instant_is_read_as_utc(text, instant):
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "RFC 3339"),
        ("yesterday", "RFC 3339"),
        ("2026-W10-1", "RFC 3339"),
        ("20260301", "RFC 3339"),
        ("2026-03-01x10:00:00Z", "RFC 3339"),
        ("2026-03-01T10:00:00Z\n", "RFC 3339"),
        ("٢٠٢٦-03-01", "RFC 3339"),
        ("2026-03-01T10:00:00." + "0" * 99 + "Z", "RFC 3339"),
        ("2026-02-30", "does not exist"),
        ("2026-03-01T25:00:00Z", "does not exist"),
        ("2026-03-01T10:00:00+25:00", "does not exist"),
        ("9999-12-31T23:59:59-01:00", "does not exist"),
        ("0001-01-01T00:00:00+01:00", "does not exist"),
        ("1969-12-31T23:59:59Z", "before 1970"),
        ("1970-01-01T00:00:00+01:00", "before 1970"),
    ],
)
def test_bad_instant_says_why(text, word):
    with pytest.raises(BadValue, match=word):
        parse_instant(text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))
def test_instant_survives_a_round_trip(instant):
    assert parse_instant(instant.isoformat()) == instant


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P90D", timedelta(days=90)),
        ("PT12H", timedelta(hours=12)),
        ("P1W", timedelta(weeks=1)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("P0.5D", timedelta(hours=12)),
        ("PT1S", timedelta(seconds=1)),
        ("P36525D", timedelta(days=36525)),
    ],
)
def test_duration_is_read_as_seconds(text, length):
    assert parse_duration(text) == length.total_seconds()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "ISO 8601"),
        ("90", "ISO 8601"),
        ("p90d", "ISO 8601"),
        ("P", "ISO 8601"),
        ("P1DT", "ISO 8601"),
        ("-P1D", "ISO 8601"),
        ("P90D\n", "ISO 8601"),
        ("P1.2.3D", "ISO 8601"),
        ("P1Y", "years or months"),
        ("P1M", "years or months"),
        ("P0D", "longer than nothing"),
        ("PT0.5S", "whole number"),
        ("P36526D", "longer than 100 years"),
        ("P99999999999999D", "longer than 100 years"),
        ("PT" + "9" * 61 + "S", "longer than 100 years"),
    ],
)
def test_bad_duration_says_why(text, word):
    with pytest.raises(BadValue, match=word):
        parse_duration(text)
