"""Extending TTLs over the API: who may, what is named, what is refused."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from lineage.models import Deployment
from tests.factories.lifecycle import DAY, deployment, flagged_platform, take_in
from tests.factories.people import api_client, person

pytestmark = pytest.mark.django_db
KEY = "tv-home/preview"


@pytest.fixture(autouse=True)
def _expired_yesterday(db: None) -> None:
    flagged_platform()
    now = timezone.now()
    started = (now - 8 * DAY).isoformat()
    take_in(deployment(KEY, "tv-home", "1.0.0", ttl="P7D", started_at=started), now=now)


@pytest.fixture
def owner(db: None) -> APIClient:
    return api_client(person("tom", "tv"), "read", "lifecycle")


def extend(client: APIClient, *keys: str, **more: Any) -> Response:
    body = {"deployments": list(keys), **more}
    return client.post("/api/v1/deployments/extend/", body, format="json")


def test_the_owner_extends_and_is_told_until_when(owner: APIClient) -> None:
    response = extend(owner, KEY, "nowhere", reason="a demo")
    assert response.status_code == 200, response.content
    said = response.json()
    live = Deployment.objects.live().get(key=KEY)
    assert live.expires_at is not None
    assert [one["key"] for one in said["extended"]] == [KEY]
    assert said["extended"][0]["expires_at"] == live.expires_at.isoformat().replace("+00:00", "Z")
    assert said["refused"] == [{"key": "nowhere", "reason": "is not running"}]
    (row,) = owner.get("/api/v1/deployments/", {"q": KEY}).json()["results"]
    assert row["expires_at"] == said["extended"][0]["expires_at"]


def test_none_that_can_be_extended_is_a_conflict(owner: APIClient) -> None:
    response = extend(owner, "tv-home/prod")
    assert (response.status_code, response.json()["code"]) == (409, "cannot_extend")
    assert "has no TTL" in response.json()["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"deployments": []}, {"deployments": "x"}, {"deployments": [KEY], "days": 0}]
)
def test_what_is_no_request_is_refused(owner: APIClient, body: dict[str, Any]) -> None:
    response = owner.post("/api/v1/deployments/extend/", body, format="json")
    assert (response.status_code, set(response.json())) == (400, {"code", "detail", "fields"})


def test_owner_colleague_and_operator_may_and_others_may_not(operator: User) -> None:
    refused = (
        (APIClient(), 401),
        (api_client(person("zoe"), "lifecycle"), 403),
        (api_client(person("otto", "identity"), "lifecycle"), 403),
        (api_client(person("tim", "tv"), "read"), 403),
    )
    for client, status in refused:
        assert extend(client, KEY).status_code == status
    assert Deployment.objects.filter(extended_until__isnull=False).count() == 0
    for user in (person("tina", "tv"), operator):
        assert extend(api_client(user, "lifecycle"), KEY, days=1).status_code == 200
