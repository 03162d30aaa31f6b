"""Resolution, upgrades and deployments over the API."""

import pytest
from rest_framework.test import APIClient

from tests.factories.platform import platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawn_platform")]


def test_ranges_resolve_in_the_order_asked(client: APIClient) -> None:
    wanted = [
        {"module": "json", "range": "^1"},
        {"module": "json", "range": ">=9"},
        {"module": "auth", "range": "*"},
    ]
    response = client.post("/api/v1/resolve/", {"requirements": wanted}, format="json")
    assert response.status_code == 200, response.content
    found = response.json()
    assert found["strategy"] == "newest"
    assert [one["resolved"] for one in found["results"]] == ["1.4.0", None, "2.3.1"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"requirements": []}, 400),
        ({"requirements": [{"module": "json", "range": "!!"}]}, 400),
        ({"requirements": [{"module": "none", "range": "1"}]}, 404),
        ({"requirements": [{"module": "json", "range": "1"}] * 201}, 400),
        ({}, 400),
    ],
)
def test_what_cannot_be_resolved_is_refused(
    client: APIClient, body: dict[str, object], status: int
) -> None:
    response = client.post("/api/v1/resolve/", body, format="json")
    assert response.status_code == status
    assert set(response.json()) == {"code", "detail", "fields"}


def test_upgrades_of_a_module_and_of_a_team(client: APIClient) -> None:
    platform({"type": "deprecation", "module": "auth", "range": "2.x", "sunset_at": "2027-01-01"})
    one = client.get("/api/v1/upgrades/", {"module": "tv-home"}).json()
    assert [(row["dependency"]["name"], row["status"]) for row in one["results"]] == [
        ("auth", "dying"),
        ("json", "current"),
    ]
    assert client.get("/api/v1/upgrades/", {"owner": "tv"}).json()["count"] == 2
    dying = client.get("/api/v1/upgrades/", {"status": "dying"}).json()
    assert [row["dependency"]["name"] for row in dying["results"]] == ["auth"]
    assert client.get("/api/v1/upgrades/", {"owner": "nobody-here"}).status_code == 404


def test_deployments_are_filtered_and_asked_of_the_past(client: APIClient) -> None:
    def keys(**params: str) -> list[str]:
        found = client.get("/api/v1/deployments/", params).json()
        assert found["count"] == len(found["results"])
        return [row["id"] for row in found["results"]]

    assert keys() == ["tv-home/test", "tv-home/prod"]
    assert keys(tier="prod") == ["tv-home/prod"]
    assert keys(state="expired") == ["tv-home/test"]
    assert keys(module="json") == []
    assert keys(as_of="2026-02-01T00:00:00Z") == ["tv-home/prod"]
    assert keys(as_of="2025-02-01T00:00:00Z", state="all") == []


def test_sources_say_what_they_vouch_for(client: APIClient) -> None:
    (source,) = client.get("/api/v1/sources/").json()
    assert (source["name"], source["ecosystems"]) == ("ci", ["platform"])
    assert (source["is_quiet"], source["state"]) == (None, "unknown")
