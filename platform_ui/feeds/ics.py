"""Dates as an iCalendar document (RFC 5545), by the icalendar library."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from lifecycle.selectors.calendar_feed import FeedDate, FeedDates
from platform_ui.feeds.atom import clean

CONTENT_TYPE = "text/calendar; charset=utf-8"
ASK_AGAIN = timedelta(hours=1)


def ics_of(
    found: FeedDates,
    *,
    title: str,
    site: str,
    link: Callable[[FeedDate], str],
    stamp: datetime,
    is_simulated: bool,
) -> bytes:
    """The calendar's document; ``stamp`` is when it was made, told to the day."""
    calendar = Calendar()
    calendar.add("prodid", "-//Sundial//Calendar//EN")
    calendar.add("version", "2.0")
    name = clean(f"{title} (simulated data)" if is_simulated else title)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if found.total > len(found.dates):
        words = f"Showing {len(found.dates):,} of {found.total:,} dates, those to come first."
        calendar.add("description", words)
        calendar.add("x-wr-caldesc", words)
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    for date in found.dates:
        calendar.add_component(_event(date, site, link(date), stamp))
    data: bytes = calendar.to_ical()
    return data


def _event(date: FeedDate, site: str, url: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{clean(date.key).replace(' ', '_')}@{site}")
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", date.at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", clean(date.title))
    if date.detail:
        event.add("description", clean(date.detail))
    event.add("url", url)
    event.add("categories", [date.kind])
    event.add("transp", "TRANSPARENT")
    return event
