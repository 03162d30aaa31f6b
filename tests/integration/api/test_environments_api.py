"""Environments over the API: called, found, and gone until they are used again."""

import pytest
from rest_framework.test import APIClient

from lineage.models import Deployment
from tests.factories.events import event
from tests.factories.platform import lines_of, platform, take_in

pytestmark = pytest.mark.django_db


def told(client: APIClient) -> dict[str, tuple[str, str, int, str | None]]:
    answer = client.get("/api/v1/environments/").json()
    assert answer["count"] == len(answer["results"])
    return {
        row["name"]: (row["label"], row["tier"], row["live"], row["deleted_at"])
        for row in answer["results"]
    }


def test_an_environment_is_gone_until_it_is_described_or_used_again(client: APIClient) -> None:
    platform("tv 1.0.0", "tv/prod runs tv 1.0.0 in prod", "tv/test runs tv 1.0.0 in test")
    take_in(lines_of([event("environment", "created", "test", {"name": "Trial"})]))
    assert told(client) == {"prod": ("", "prod", 1, None), "test": ("Trial", "preprod", 1, None)}
    gone = "2026-03-02T00:00:00Z"
    take_in(lines_of([event("environment", "deleted", "test", {}, at=gone)]))
    assert told(client)["test"] == ("Trial", "preprod", 0, gone)
    assert Deployment.objects.get(key="tv/test").end_reason == "reported"
    platform("tv/test runs tv 1.0.0 in test since 2026-03-03")
    assert told(client)["test"] == ("Trial", "preprod", 1, None)


def test_a_later_description_brings_an_empty_environment_back(client: APIClient) -> None:
    for predicate, day in (("deleted", 2), ("created", 1), ("modified", 3)):
        at = f"2026-03-0{day}T00:00:00Z"
        take_in(lines_of([event("environment", predicate, "e", {}, at=at)]))
        found = told(client)["e"][3]
        assert found == (None if predicate == "modified" else "2026-03-02T00:00:00Z")
