"""When a message is due: tables over time zones, clock changes, quiet hours and leap days."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.schedule import Mode, Schedule, is_quiet, next_delivery, time_zones

MINUTE = timedelta(minutes=1)
BERLIN, NEW_YORK, KATHMANDU = "Europe/Berlin", "America/New_York", "Asia/Kathmandu"
LORD_HOWE, APIA = "Australia/Lord_Howe", "Pacific/Apia"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(hour: int, zone: str = "UTC", **more: object) -> Schedule:
    return Schedule(Mode.DIGEST, hour, None, zone, **more)  # type: ignore[arg-type]


def weekly(weekday: int, hour: int, zone: str = "UTC") -> Schedule:
    return Schedule(Mode.DIGEST, hour, weekday, zone)


def at_once(begin: str, end: str, zone: str = "UTC") -> Schedule:
    quiet = (time.fromisoformat(begin), time.fromisoformat(end))
    return Schedule(Mode.IMMEDIATE, 9, None, zone, *quiet)


DIGESTS = [
    # what, schedule, came up, goes out
    ("later the same day", daily(9), "2026-05-04T08:59", "2026-05-04T09:00"),
    ("on the dot waits for the next", daily(9), "2026-05-04T09:00", "2026-05-05T09:00"),
    ("after it, tomorrow", daily(9), "2026-05-04T09:01", "2026-05-05T09:00"),
    ("at midnight", daily(0), "2026-05-04T23:59", "2026-05-05T00:00"),
    ("summer in Berlin", daily(9, BERLIN), "2026-07-01T00:00", "2026-07-01T07:00"),
    ("winter in Berlin", daily(9, BERLIN), "2026-12-01T00:00", "2026-12-01T08:00"),
    ("a quarter hour off", daily(9, KATHMANDU), "2026-05-04T00:00", "2026-05-04T03:15"),
    ("the day there, not in UTC", daily(9, "Pacific/Kiritimati"), "2026-05-04T18:00",
     "2026-05-04T19:00"),
    ("across the start of summer", daily(9, BERLIN), "2026-03-28T08:30", "2026-03-29T07:00"),
    ("across its end", daily(9, BERLIN), "2026-10-24T07:30", "2026-10-25T08:00"),
    ("an hour that is skipped", daily(2, BERLIN), "2026-03-28T12:00", "2026-03-29T01:00"),
    ("and once only", daily(2, BERLIN), "2026-03-29T01:00", "2026-03-30T00:00"),
    ("an hour that comes twice goes the first time", daily(2, BERLIN), "2026-10-24T12:00",
     "2026-10-25T00:00"),
    ("and not the second", daily(2, BERLIN), "2026-10-25T00:00", "2026-10-26T01:00"),
    ("skipped in New York", daily(2, NEW_YORK), "2026-03-08T05:00", "2026-03-08T07:00"),
    ("half an hour of summer", daily(2, LORD_HOWE), "2026-10-03T12:00", "2026-10-03T15:30"),
    ("a day that never was", daily(9, APIA), "2011-12-29T20:00", "2011-12-30T19:00"),
    ("and only once", daily(9, APIA), "2011-12-30T19:00", "2011-12-31T19:00"),
    ("onto the leap day", daily(9), "2028-02-28T10:00", "2028-02-29T09:00"),
    ("off the leap day", daily(9), "2028-02-29T10:00", "2028-03-01T09:00"),
    ("no leap day", daily(9), "2027-02-28T10:00", "2027-03-01T09:00"),
    ("a century without one", daily(9), "2100-02-28T10:00", "2100-03-01T09:00"),
    ("across the year", daily(9), "2026-12-31T10:00", "2027-01-01T09:00"),
    ("Monday", weekly(0, 9), "2026-05-05T00:00", "2026-05-11T09:00"),
    ("today is the weekday", weekly(1, 9), "2026-05-05T08:00", "2026-05-05T09:00"),
    ("a week later", weekly(1, 9), "2026-05-05T09:00", "2026-05-12T09:00"),
    ("a weekday that is a leap day", weekly(1, 9), "2028-02-23T00:00", "2028-02-29T09:00"),
    ("a week around the leap day", weekly(0, 9), "2028-02-28T09:00", "2028-03-06T09:00"),
    ("Monday there is Sunday here", weekly(0, 1, "Asia/Tokyo"), "2026-05-09T00:00",
     "2026-05-10T16:00"),
    ("Sunday over the clock change", weekly(6, 9, BERLIN), "2026-03-22T08:00", "2026-03-29T07:00"),
    ("put off by quiet hours", daily(6, BERLIN, quiet_from=time(22), quiet_until=time(8)),
     "2026-12-01T00:00", "2026-12-01T07:00"),
    ("put off over midnight", daily(23, quiet_from=time(22), quiet_until=time(7)),
     "2026-05-04T12:00", "2026-05-05T07:00"),
    ("and what comes up before then goes along", daily(23, quiet_from=time(22),
     quiet_until=time(7)), "2026-05-05T06:00", "2026-05-05T07:00"),
]  # fmt: skip

QUIET = [
    ("outside", at_once("22:00", "07:00"), "2026-05-04T12:00", "2026-05-04T12:00"),
    ("before midnight", at_once("22:00", "07:00"), "2026-05-04T23:30", "2026-05-05T07:00"),
    ("after midnight", at_once("22:00", "07:00"), "2026-05-05T00:10", "2026-05-05T07:00"),
    ("as it begins", at_once("22:00", "07:00"), "2026-05-04T22:00", "2026-05-05T07:00"),
    ("as it ends", at_once("22:00", "07:00"), "2026-05-05T07:00", "2026-05-05T07:00"),
    ("inside one day", at_once("12:00", "13:30"), "2026-05-04T12:59", "2026-05-04T13:30"),
    ("equal means none", at_once("08:00", "08:00"), "2026-05-04T08:00", "2026-05-04T08:00"),
    ("until midnight", at_once("20:00", "00:00"), "2026-05-04T21:00", "2026-05-05T00:00"),
    ("from midnight", at_once("00:00", "06:00"), "2026-05-04T00:00", "2026-05-04T06:00"),
    ("summer in Berlin", at_once("22:00", "07:00", BERLIN), "2026-07-01T20:00",
     "2026-07-02T05:00"),
    ("the night that is an hour short", at_once("22:00", "07:00", BERLIN), "2026-03-28T22:00",
     "2026-03-29T05:00"),
    ("the night that is an hour long", at_once("22:00", "07:00", BERLIN), "2026-10-24T21:00",
     "2026-10-25T06:00"),
    ("ends in the hour that is skipped", at_once("22:00", "02:30", BERLIN), "2026-03-28T23:00",
     "2026-03-29T01:30"),
    ("ends in the hour that comes twice", at_once("22:00", "02:30", BERLIN), "2026-10-24T23:00",
     "2026-10-25T00:30"),
    ("and is quiet again in the second", at_once("22:00", "02:30", BERLIN), "2026-10-25T01:10",
     "2026-10-25T01:30"),
    ("into the leap day", at_once("22:00", "07:00"), "2028-02-28T23:00", "2028-02-29T07:00"),
    ("out of the leap day", at_once("22:00", "07:00"), "2028-02-29T23:00", "2028-03-01T07:00"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "schedule", "after", "due"), DIGESTS + QUIET)
def test_due(what: str, schedule: Schedule, after: str, due: str) -> None:
    assert next_delivery(utc(after), schedule) == utc(due), what


ZONES = st.sampled_from([*sorted(time_zones())[::25], BERLIN, NEW_YORK, LORD_HOWE, APIA])
TIMES = st.none() | st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
SCHEDULES = st.builds(
    Schedule, st.sampled_from(Mode), st.integers(0, 23), st.none() | st.integers(0, 6), ZONES,
    TIMES, TIMES,
)  # fmt: skip
INSTANTS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(INSTANTS, SCHEDULES)
def test_nothing_goes_out_early_nor_in_quiet_hours_nor_too_late(
    after: datetime, schedule: Schedule
) -> None:
    due = next_delivery(after, schedule)
    assert not is_quiet(due, schedule)
    assert due > after if schedule.mode == Mode.DIGEST else due >= after
    within = timedelta(days=10 if schedule.weekday is not None else 4)
    assert due - after <= within
    if schedule.mode == Mode.IMMEDIATE and not is_quiet(after, schedule):
        assert due == after


@given(INSTANTS, SCHEDULES)
def test_what_comes_up_before_a_digest_goes_out_with_it(
    after: datetime, schedule: Schedule
) -> None:
    if schedule.mode == Mode.DIGEST:
        due = next_delivery(after, schedule)
        middle = after + (due - after) / 2
        assert next_delivery(middle, schedule) == due
        assert next_delivery(due, schedule) > due


@given(INSTANTS, st.integers(0, 23), ZONES)
def test_daily_digest_is_at_its_hour_by_the_clock_on_the_wall(
    after: datetime, hour: int, zone: str
) -> None:
    due = next_delivery(after, daily(hour, zone))
    wall = due.astimezone(ZoneInfo(zone))
    skipped = wall.utcoffset() != (due - timedelta(hours=3)).astimezone(ZoneInfo(zone)).utcoffset()
    assert skipped or (wall.hour, wall.minute) == (hour, 0)
