"""Calendars: read back by icalendar, of a module, a team and all, with sunsets and expiries."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event

from lifecycle.selectors import calendar_feed
from tests.factories.lifecycle import execute, flagged_platform
from tests.factories.people import signed_in
from tests.factories.platform import platform
from tests.integration.feeds.conftest import token_for

ALL = "/feeds/calendar.ics"


def read(client: Client, path: str) -> list[Event]:
    response = client.get(path)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    calendar = Calendar.from_ical(response.content)
    assert calendar["version"] == "2.0"
    assert not calendar.errors
    events = list(calendar.walk("VEVENT"))
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert not [event.errors for event in events if event.errors]
    return events


def said(events: list[Event]) -> dict[str, datetime]:
    return {str(event["summary"]): event["dtstart"].dt for event in events}


@pytest.mark.usefixtures("drawn")
def test_a_module_s_calendar_has_its_own_end_and_that_of_what_it_uses(ana: User) -> None:
    client = signed_in(ana)
    dies = datetime(2099, 6, 1, tzinfo=UTC)
    assert said(read(client, "/feeds/modules/platform/json/calendar.ics")) == {
        "json 1.x dies": dies
    }
    consumer = read(client, "/feeds/modules/platform/tv-home/calendar.ics")
    assert said(consumer) == {
        "json 1.x dies": dies,
        "tv-home/prod expires": datetime(2026, 1, 2, tzinfo=UTC) + timedelta(days=900),
    }
    (used,) = [event for event in consumer if event["summary"] == "json 1.x dies"]
    assert used["description"] == "tv-home 4.2.0 uses it. Declare ^2.0.0."
    assert used["url"] == "http://testserver/modules/platform/json/"
    assert used["dtstamp"].dt.tzinfo is not None


@pytest.mark.usefixtures("drawn")
def test_a_team_s_calendar_and_that_of_all(ana: User) -> None:
    client = signed_in(ana)
    assert set(said(read(client, "/feeds/teams/data/calendar.ics"))) == {"json 1.x dies"}
    tv = set(said(read(client, "/feeds/teams/tv/calendar.ics")))
    assert tv == {"json 1.x dies", "tv-home/prod expires"} == set(said(read(client, ALL)))
    assert said(read(client, "/feeds/teams/identity/calendar.ics")) == {}


@pytest.mark.django_db
def test_a_sunset_can_be_restored_until(ana: User) -> None:
    flagged_platform()
    execute("auth 1.x", now=timezone.now())
    client = signed_in(ana)
    found = said(read(client, "/feeds/modules/platform/auth/calendar.ics"))
    assert any(title.endswith("can be restored until now") for title in found)
    other = said(read(client, "/feeds/modules/platform/tv-home/calendar.ics"))
    assert not any(title.endswith("can be restored until now") for title in other)


@pytest.mark.usefixtures("drawn")
def test_the_same_is_said_the_same_and_costs_a_header(ana: User) -> None:
    client = signed_in(ana)
    first = client.get(ALL)
    assert client.get(ALL, headers={"If-None-Match": first["ETag"]}).status_code == 304
    since = {"If-Modified-Since": first["Last-Modified"]}
    assert client.get(ALL, headers=since).status_code == 304


@pytest.mark.usefixtures("drawn")
def test_a_token_for_one_thing_does_not_open_the_calendar_of_all(ana: User, nobody: Client) -> None:
    assert nobody.get(ALL).status_code == 401
    assert nobody.get(ALL, {"token": token_for(ana)}).status_code == 200
    team = token_for(ana, team=ana.memberships.get().team)
    assert nobody.get(ALL, {"token": team}).status_code == 404
    assert nobody.get("/feeds/teams/identity/calendar.ics", {"token": team}).status_code == 200


@pytest.mark.usefixtures("drawn")
def test_a_cut_is_said(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_feed, "MOST", 1)
    data = signed_in(ana).get(ALL).content
    assert Calendar.from_ical(data)["description"].startswith("Showing 1 of 2 dates")


def test_hostile_words_stay_words(ana: User) -> None:
    name = "evil;,END:VEVENT\\n"
    platform(
        {"type": "version", "module": name, "version": "1.0.0"},
        {"type": "deprecation", "module": name, "range": "*", "sunset_at": "2099-01-01"},
    )
    (event,) = read(signed_in(ana), ALL)
    assert event["summary"] == f"{name} * dies"
