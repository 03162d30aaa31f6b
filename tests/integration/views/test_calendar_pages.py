"""The calendar and what was reclaimed, as they are read."""

import pytest
from django.test import Client

from tests.factories.lifecycle import NOW, execute, flagged_platform
from tests.pages import open_page

pytestmark = pytest.mark.django_db


def test_the_calendar_names_what_went_and_links_to_it(owner: Client) -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    page = open_page(owner, f"/sunsets/calendar/?month={NOW:%Y-%m}")
    assert "auth 1.x went" in page.words
    assert page.links["auth 1.x"] == f"/sunsets/{sunset.pk}/"
    assert "October 2024" in open_page(owner, "/sunsets/calendar/?month=2024-10").words


def test_a_day_s_expiries_lead_to_just_these_deployments(owner: Client) -> None:
    flagged_platform()
    page = open_page(owner, "/sunsets/calendar/?month=2024-04")
    assert "1 deployment outlived its TTL" in page.words
    listed = open_page(owner, page.links["1 deployment"])
    assert "of 1 deployments" in listed.words
    assert "tv-home/preview" in listed.words


def test_a_month_with_nothing_says_so_and_an_odd_one_is_this_month(owner: Client) -> None:
    assert "Nothing goes" in open_page(owner, "/sunsets/calendar/?month=1990-01").words
    assert "Sunset calendar" in open_page(owner, "/sunsets/calendar/?month=soon").words


def test_reclaimed_says_what_went_and_what_came_back(owner: Client) -> None:
    assert "Nothing was sunset yet" in open_page(owner, "/sunsets/reclaimed/").words
    flagged_platform()
    execute("auth 1.x", "tv-home/preview")
    words = open_page(owner, "/sunsets/reclaimed/").words
    assert "2 versions and 1 deployment went and stayed gone. Nothing came back." in words
