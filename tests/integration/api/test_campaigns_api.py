"""Campaigns over the API: start, who is left, remind, cancel; and for whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from lifecycle.models import Campaign
from tests.factories.campaigns import moves, platform_to_drain, start
from tests.factories.people import api_client, person

pytestmark = pytest.mark.django_db
CAMPAIGNS = "/api/v1/campaigns/"


@pytest.fixture(autouse=True)
def _platform(db: None) -> None:
    platform_to_drain()


@pytest.fixture
def owner(db: None) -> APIClient:
    return api_client(person("ida", "identity"), "read", "lifecycle")


def begin(client: APIClient, **more: Any) -> Response:
    deadline = (timezone.now() + timedelta(days=30)).isoformat()
    body = {"module": "auth", "line": "1.x", "deadline": deadline, "reason": "2.x is safer"}
    return client.post(CAMPAIGNS, body | more, format="json")


def test_the_owner_starts_one_and_sees_who_is_left_by_name(owner: APIClient) -> None:
    made = begin(owner)
    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["state"], said["consumers"], said["deployments"]) == ("draining", 3, 4)
    detail = owner.get(f"{CAMPAIGNS}{said['id']}/", {"page_size": 3}).json()
    assert (detail["count"], len(detail["results"])) == (7, 3)
    assert {row["name"] for row in detail["owners"]} == {"tv", "radio", ""}
    assert detail["readings"][0]["consumers"] == 3
    assert (detail["projection"]["state"], detail["is_late"]) == ("too short", False)
    assert detail["reason"] == "4 live deployments use it."
    (row,) = owner.get(CAMPAIGNS, {"module": "auth", "owner": "identity"}).json()["results"]
    assert row == said


def test_it_is_cancelled_and_reminded(owner: APIClient) -> None:
    pk = begin(owner).json()["id"]
    refused = owner.post(f"{CAMPAIGNS}{pk}/remind/")
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_campaign")
    Campaign.objects.update(reminded_at=timezone.now() - timedelta(days=1))
    assert owner.post(f"{CAMPAIGNS}{pk}/remind/").json() == {"owners": 3}
    done = owner.post(f"{CAMPAIGNS}{pk}/cancel/", {"reason": "later"}, format="json").json()
    assert (done["state"], done["ended_by"]) == ("cancelled", "ida")
    over = owner.get(f"{CAMPAIGNS}{pk}/").json()
    assert (over["count"], over["results"]) == (0, [])
    assert owner.get(CAMPAIGNS).json()["count"] == 0
    assert owner.get(CAMPAIGNS, {"state": "cancelled"}).json()["count"] == 1
    assert owner.post(f"{CAMPAIGNS}{pk}/cancel/", {}, format="json").status_code == 409
    assert owner.post(f"{CAMPAIGNS}999/cancel/", {}, format="json").status_code == 404


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"line": "2.x"}, 409),
        ({"line": "9.x"}, 409),
        ({"module": "none"}, 404),
        ({"deadline": "2020-01-01T00:00:00Z"}, 409),
        ({"deadline": "soon"}, 400),
        ({"reason": ""}, 400),
        ({"remind_every_days": 0}, 400),
    ],
)
def test_what_can_not_be_drained_is_refused(
    owner: APIClient, more: dict[str, Any], status: int
) -> None:
    response = begin(owner, **more)
    assert (response.status_code, set(response.json())) == (status, {"code", "detail", "fields"})
    assert not Campaign.objects.exists()


def test_owner_colleague_and_operator_may_and_others_may_not(operator: User) -> None:
    refused = (
        (APIClient(), 401),
        (api_client(person("zoe"), "lifecycle"), 403),
        (api_client(person("tom", "tv"), "lifecycle"), 403),
        (api_client(person("ina", "identity"), "read"), 403),
    )
    pk = start(now=timezone.now()).pk
    for client, status in refused:
        assert begin(client).status_code == status
        assert client.post(f"{CAMPAIGNS}{pk}/remind/").status_code == status
        assert client.post(f"{CAMPAIGNS}{pk}/cancel/", {}, format="json").status_code == status
    assert api_client(person("zack")).get(f"{CAMPAIGNS}{pk}/").status_code == 200
    for user in (person("iris", "identity"), operator):
        client = api_client(user, "lifecycle")
        assert client.post(f"{CAMPAIGNS}{pk}/cancel/", {}, format="json").status_code == 200
        pk = begin(client).json()["id"]


def test_overdue_ones_are_listed(owner: APIClient) -> None:
    begin(owner)
    Campaign.objects.update(deadline=timezone.now() - timedelta(days=1))
    (row,) = owner.get(CAMPAIGNS, {"state": "overdue"}).json()["results"]
    assert row["is_overdue"]
    moves("radio", "radio/prod", now=timezone.now(), owner="radio")
    assert owner.get(CAMPAIGNS, {"state": "open"}).json()["count"] == 1
