"""What changed between two days, on the platform's page and on a module's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.people import api_client, person
from tests.integration.views.addresses import AUTH, busy_platform
from tests.pages import open_page

pytestmark = pytest.mark.django_db
SINCE = "from=2024-06-01"


@pytest.mark.parametrize("address", ["/changes/?", f"{AUTH}?tab=changes&"])
@pytest.mark.parametrize("kind", ["", "versions", "dependents", "deployments", "resolutions"])
def test_the_figure_of_each_kind_is_the_number_of_its_rows(
    owner: Client, address: str, kind: str
) -> None:
    busy_platform()
    page = open_page(owner, f"{address}from=2001-01-01&kind={kind}&size=200")
    word = kind.capitalize() or "All"
    count = len([row for row in page.rows[1:] if row])
    assert f"{word} {count}" in page.words
    assert count or kind == "resolutions"


@pytest.mark.parametrize("place", ["", "modules/platform/auth/"])
@pytest.mark.parametrize("window", [SINCE, f"{SINCE}&to=2024-08-01", "from=2001-01-01"])
def test_the_page_says_what_the_api_says(owner: Client, place: str, window: str) -> None:
    busy_platform()
    address = f"/{place}?tab=changes&{window}" if place else f"/changes/?{window}"
    shown: Any = owner.get(address).context["changes"]
    said = api_client(person("api"), "read").get(f"/api/v1/{place}diff/?{window}").json()
    assert (said["count"], said["counts"]) == (shown.total, shown.counts)
    assert [(row["kind"], row["what"], row["name"]) for row in said["results"]] == [
        (row.kind, row.what, row.name) for row in shown.rows
    ]
    assert [(row["consumer"] or {}).get("name") for row in said["results"]] == [
        row.consumer.name if row.consumer else None for row in shown.rows
    ]


def test_a_dependent_that_came_is_named_with_a_link(owner: Client) -> None:
    busy_platform()
    page = open_page(owner, f"{AUTH}?tab=changes&from=2001-01-01&kind=dependents")
    assert "has a new dependent" in page.words
    assert page.links["tv-home"] == "/modules/platform/tv-home/"
    assert "Nothing was known on 1 January 2001" in page.words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2024-08-01&to=2024-07-01", "It ends before it begins. The last seven days"),
        ("from=2999-01-01", "still to come: the past ends now. The last seven days"),
    ],
)
def test_days_that_make_no_window_show_the_last_week(owner: Client, query: str, words: str) -> None:
    busy_platform()
    assert words in open_page(owner, f"/changes/?{query}").words


def test_the_usual_window_is_the_last_week_and_others_are_a_click_away(owner: Client) -> None:
    busy_platform()
    page = open_page(owner, "/changes/?kind=versions&page=2")
    month_ago = timezone.now() - timedelta(days=30)
    assert page.links["30 days"] == f"?kind=versions&from={month_ago:%Y-%m-%d}"
    week_ago = timezone.now() - timedelta(days=7)
    assert f"from the end of {week_ago.day} {week_ago:%B %Y} to now" in page.words


def test_the_overview_and_the_modules_lead_there(owner: Client) -> None:
    busy_platform()
    assert open_page(owner, "/").links["What changed this week"] == "/changes/"
    assert open_page(owner, "/modules/").links["What changed"] == "/changes/"
    assert open_page(owner, AUTH).links["Changes"] == f"{AUTH}?tab=changes"
