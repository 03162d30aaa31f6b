"""Uptake over the API and on its page: any window, what ends when, and who is still on a line."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.factories.people import person
from tests.factories.platform import platform
from tests.pages import open_page

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/modules/platform/auth/"


@pytest.fixture(autouse=True)
def falling() -> None:
    """Thirty deployments on 1.x, one ended each day; one more on 2.x."""
    platform(
        "auth 1.0.0 on 2026-01-01",
        "auth 2.0.0 on 2026-01-01",
        "old 1.0.0 by tv on 2026-01-01 -> auth@^1",
        "new 1.0.0 by tv on 2026-01-01 -> auth@^2",
        "new/prod runs new 1.0.0 in prod",
        *(f"old/{n} runs old 1.0.0 in test until 2026-03-{n:02}" for n in range(1, 25)),
        *(f"old/{n} runs old 1.0.0 in test" for n in range(25, 31)),
    )


def get(client: APIClient, path: str, expect: int = 200, **params: Any) -> Any:
    response = client.get(f"{AUTH}{path}", params)
    assert response.status_code == expect, response.content
    return response.json()


def test_a_falling_line_comes_with_the_day_its_use_would_end(client: APIClient) -> None:
    found = get(client, "uptake/", **{"from": "2026-03-02", "to": "2026-03-20"})
    assert (found["days"][0], found["days"][-1], len(found["days"])) == (
        "2026-03-02", "2026-03-20", 19,
    )  # fmt: skip
    assert found["counts"]["1.x"][-1] == 10
    assert found["totals"][-1] == 11
    assert found["projections"]["1.x"]["state"] == "falling"
    assert found["projections"]["1.x"]["zero_on"] == "2026-03-30"
    assert found["projections"]["2.x"]["state"] == "not falling"
    prod = get(client, "uptake/", environment="prod", to="2026-03-20")
    assert list(prod["counts"]) == ["2.x"]
    assert [row["environment"] for row in found["environments"]] == ["prod", "test"]


def test_versions_are_told_apart_when_asked_for(client: APIClient) -> None:
    found = get(client, "uptake/", by="version", to="2026-03-20", days=5)
    assert found["lines"] == ["2.0.0", "1.0.0"]
    assert len(found["days"]) == 6


def test_stragglers_are_named_with_their_owners_and_as_many_as_counted(client: APIClient) -> None:
    found = get(client, "stragglers/", line="1.x", page_size=4)
    assert (found["count"], len(found["results"])) == (6, 4)
    assert {row["owner"] for row in found["results"]} == {"tv"}
    assert get(client, "stragglers/", line="1.x", environment="prod")["count"] == 0
    assert get(client, "stragglers/", line="9.x")["count"] == 0


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "from"),
        ({"to": "0001-01-01"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"days": "0"}, "days"),
        ({"by": "minor"}, "by"),
    ],
)
def test_windows_that_are_none_are_refused(
    client: APIClient, params: dict[str, str], field: str
) -> None:
    assert list(get(client, "uptake/", 400, **params)["fields"]) == [field]


def test_the_page_says_when_use_ends_and_who_is_left(client_of_page: Client) -> None:
    address = "/modules/platform/auth/?tab=uptake&from=2026-03-02&to=2026-03-20&line=1.x"
    words = open_page(client_of_page, address).words
    assert "30 Mar 2026" in words
    assert "no projection: use is not falling" in words
    assert "Still on 1.x now 6 live deployments" in words
    share = client_of_page.get(f"{address}&show=share").content.decode()
    assert '"ticksuffix": " %"' in share
    assert (
        "This is no window"
        in open_page(
            client_of_page, "/modules/platform/auth/?tab=uptake&from=2026-03-02&to=2026-03-01"
        ).words
    )


@pytest.fixture
def client_of_page() -> Client:
    client = Client()
    client.force_login(person("ana"))
    return client
