"""Upgrade requests over the API: asked, listed with true counts, acknowledged, taken back."""

import pytest
from rest_framework.test import APIClient

from tests.factories.people import api_client, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawn_platform")]
ADDRESS = "/api/v1/upgrade-requests/"
BODY = {
    "dependency": {"name": "json"},
    "consumers": [{"name": "tv-home"}],
    "wanted_range": "^2",
    "reason": "1.x is to go",
    "deadline": "2099-01-31",
}


def test_a_request_is_made_listed_acknowledged_and_taken_back(client: APIClient) -> None:
    made = client.post(ADDRESS, BODY, format="json")
    assert made.status_code == 201
    (created,) = made.json()["created"]
    assert created["consumer"]["name"] == "tv-home"
    assert created["declared"] == ">=1"
    assert created["deadline"] == "2099-01-31T23:59:59.999999Z"
    assert client.post(ADDRESS, BODY, format="json").json()["created"] == []
    listed = client.get(ADDRESS, {"state": "open", "dependency": "json"}).json()
    assert (listed["count"], listed["states"]) == (1, {"requested": 1})
    one = f"{ADDRESS}{created['id']}/"
    answered = client.post(f"{one}acknowledge/", {"reference": "pulls/7"}, format="json")
    assert (answered.json()["state"], answered.json()["reference"]) == ("acknowledged", "pulls/7")
    assert client.post(f"{one}cancel/", {}, format="json").json()["state"] == "cancelled"
    assert client.get(one).json()["closed_by"] == "olga"
    refused = client.post(f"{one}cancel/", {}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_ask")
    assert client.get(ADDRESS, {"state": "closed"}).json()["count"] == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"wanted_range": "^9"}, 409),
        ({"wanted_range": "(("}, 409),
        ({"consumers": []}, 400),
        ({"consumers": [{"name": "nobody-knows"}]}, 400),
        ({"consumers": [{"name": "yaml"}]}, 409),
        ({"deadline": "2001-01-01"}, 409),
        ({"deadline": "someday"}, 400),
        ({"reason": ""}, 400),
    ],
)
def test_what_cannot_be_asked_is_refused(
    client: APIClient, change: dict[str, object], status: int
) -> None:
    assert client.post(ADDRESS, BODY | change, format="json").status_code == status
    assert client.get(ADDRESS).json()["count"] == 0


def test_outsiders_read_but_may_not_ask_or_answer(client: APIClient) -> None:
    made = client.post(ADDRESS, BODY, format="json").json()["created"][0]
    outsider = api_client(person("oskar"), "read", "lifecycle")
    assert outsider.get(ADDRESS).json()["count"] == 1
    assert outsider.post(ADDRESS, BODY, format="json").status_code == 403
    for action in ("acknowledge", "cancel"):
        answer = outsider.post(f"{ADDRESS}{made['id']}/{action}/", {}, format="json")
        assert answer.status_code == 403
    assert client.get(f"{ADDRESS}99/").status_code == 404
