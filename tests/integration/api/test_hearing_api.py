"""Preferences, subscriptions and the catalogue over the API: everybody's own, a team's for it."""

from datetime import time

import pytest
from rest_framework.test import APIClient

from lifecycle.models import AuditEntry, Preference, Subscription
from lineage.models import Team
from tests.factories.people import api_client, person
from tests.factories.platform import module
from tests.queries import asked as queries_of

pytestmark = pytest.mark.django_db
WISH = {
    "channel": "email",
    "target": "me@example.com",
    "mode": "digest",
    "hour": 7,
    "weekday": 0,
    "time_zone": "Europe/Berlin",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "minimum_urgency": "normal",
}


@pytest.fixture
def ana() -> APIClient:
    return api_client(person("ana", "tv"), "read", "lifecycle")


@pytest.fixture
def mallory() -> APIClient:
    return api_client(person("mallory", "elsewhere"), "read", "lifecycle")


def test_person_chooses_how_to_hear_and_goes_back(ana: APIClient, mallory: APIClient) -> None:
    said = ana.put("/api/v1/preferences/", WISH, format="json")
    assert said.status_code == 200
    row = Preference.objects.get()
    assert (row.user.username, row.hour, row.quiet_from, row.minimum_urgency) == (
        "ana", 7, time(22), 1,
    )  # fmt: skip
    assert said.json()["minimum_urgency"] == "normal"
    assert ana.put("/api/v1/preferences/", {"channel": "email"}, format="json").status_code == 200
    assert ana.get("/api/v1/preferences/").json()["count"] == 1
    assert mallory.get("/api/v1/preferences/").json()["count"] == 0
    assert mallory.delete(f"/api/v1/preferences/{row.pk}/").status_code == 404
    assert ana.delete(f"/api/v1/preferences/{row.pk}/").status_code == 204
    assert not Preference.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "pigeon"}, "channel"), ({"hour": 24}, "hour"), ({"weekday": 7}, "weekday"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"), ({"quiet_until": None}, "quiet_until"),
        ({"mode": "sometimes"}, "mode"), ({"minimum_urgency": "huge"}, "minimum_urgency"),
        ({"channel": "webhook"}, "channel"),
    ],
)  # fmt: skip
def test_wish_that_cannot_be_kept_is_refused_by_field(
    ana: APIClient, change: dict[str, object], field: str
) -> None:
    said = ana.put("/api/v1/preferences/", WISH | change, format="json")
    assert said.status_code == 400
    assert field in said.json()["fields"]
    assert not Preference.objects.exists()


@pytest.mark.parametrize("target", ["nobody", "json://127.0.0.1/", "slack://"])
def test_target_that_cannot_be_reached_is_refused(ana: APIClient, target: str) -> None:
    wish = WISH | {"channel": "apprise" if "/" in target else "email", "target": target}
    said = ana.put("/api/v1/preferences/", wish, format="json")
    assert (said.status_code, said.json()["code"]) == (400, "invalid_target")


def test_teams_wish_is_its_members_to_say_and_is_audited(
    ana: APIClient, mallory: APIClient
) -> None:
    wish = WISH | {"team": "tv"}
    assert mallory.put("/api/v1/preferences/", wish, format="json").status_code == 403
    reading = api_client(person("rea", "tv"), "read")
    assert reading.put("/api/v1/preferences/", wish, format="json").status_code == 403
    assert APIClient().put("/api/v1/preferences/", wish, format="json").status_code == 401
    assert ana.put("/api/v1/preferences/", wish, format="json").status_code == 200
    row = Preference.objects.get(team__name="tv")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == ("ana", "choose channel", "tv email")
    assert "me@example.com" not in str(entry.after)
    assert mallory.delete(f"/api/v1/preferences/{row.pk}/").status_code == 404
    assert reading.delete(f"/api/v1/preferences/{row.pk}/").status_code == 404
    assert ana.delete(f"/api/v1/preferences/{row.pk}/").status_code == 204


@pytest.mark.usefixtures("drawn_platform")
def test_person_watches_and_mutes(ana: APIClient, mallory: APIClient) -> None:
    made = ana.post("/api/v1/subscriptions/", {"module": "json"}, format="json")
    assert made.status_code == 201
    assert made.json()["module"]["name"] == "json"
    said = {"team": "data", "kind": "version.published", "is_muted": True}
    assert ana.post("/api/v1/subscriptions/", said, format="json").status_code == 201
    assert ana.post("/api/v1/subscriptions/", said, format="json").status_code == 201
    rows = ana.get("/api/v1/subscriptions/").json()
    assert (rows["count"], rows["results"][0]["is_muted"]) == (2, True)
    assert mallory.get("/api/v1/subscriptions/").json()["count"] == 0
    pk = made.json()["id"]
    assert mallory.delete(f"/api/v1/subscriptions/{pk}/").status_code == 404
    assert ana.delete(f"/api/v1/subscriptions/{pk}/").status_code == 204
    assert Subscription.objects.count() == 1
    assert module("json").name == "json"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"kind": "nothing"}, 400), ({"module": "none"}, 404), ({"team": "none"}, 404)],
)
def test_nothing_and_the_unknown_cannot_be_watched(
    ana: APIClient, body: dict[str, str], status: int
) -> None:
    assert ana.post("/api/v1/subscriptions/", body, format="json").status_code == status


def test_catalogue_lists_every_kind_with_its_schema(ana: APIClient) -> None:
    said = ana.get("/api/v1/events/?page_size=100").json()
    assert said["count"] == len(said["results"])
    yanked = next(kind for kind in said["results"] if kind["name"] == "version.yanked")
    assert (yanked["type"], yanked["urgency"]) == ("sundial.version.yanked", "high")
    assert "VersionYanked" in yanked["schema"]["$defs"]
    assert ana.get("/api/v1/events/?page=2&page_size=10").json()["page"] == 2


def test_lists_take_as_many_queries_for_many_as_for_one(ana: APIClient) -> None:
    teams = [Team.objects.create(name=f"t{n}") for n in range(9)]

    def watch(some: list[Team]) -> None:
        for team in some:
            ana.post("/api/v1/subscriptions/", {"team": team.name}, format="json")

    watch(teams[:1])
    few = queries_of(lambda: ana.get("/api/v1/subscriptions/"))
    watch(teams)
    assert queries_of(lambda: ana.get("/api/v1/subscriptions/")) == few
