"""Plan, sunset and restore over the API; the service decides who may."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from lifecycle.models import AuditEntry, Notice, Sunset
from tests.factories.lifecycle import deployment as deployment_record
from tests.factories.lifecycle import finding, flagged_platform, sunset_versions, take_in
from tests.factories.lifecycle import version as version_record
from tests.factories.people import api_client, person

pytestmark = pytest.mark.django_db
PLAN, EXECUTE = "/api/v1/sunsets/plan/", "/api/v1/sunsets/execute/"


@pytest.fixture(autouse=True)
def _flagged(db: None) -> None:
    flagged_platform()


@pytest.fixture
def owner(db: None) -> APIClient:
    return api_client(person("olaf", "identity"), "read", "lifecycle")


def plan(client: APIClient, *labels: str) -> dict[str, Any]:
    body = {"findings": [finding(label).pk for label in labels]}
    response = client.post(PLAN, body, format="json")
    assert response.status_code == 200, response.content
    return body | {"hash": response.json()["hash"]}


def test_findings_carry_their_evidence(client: APIClient) -> None:
    found = client.get("/api/v1/findings/").json()
    assert {(row["rule"], row["label"]) for row in found["results"]} == {
        ("unused-range", "auth 1.x"),
        ("expired-deployment", "tv-home/preview"),
    }
    row = client.get("/api/v1/findings/", {"rule": "unused-range"}).json()["results"][0]
    assert row["evidence"]["versions"] == 2
    assert row["module"]["name"] == "auth"
    assert client.get(f"/api/v1/findings/{row['id']}/").json() == row
    assert client.get("/api/v1/findings/999999/").json()["code"] == "not_found"


def test_a_plan_lists_exactly_what_would_go_and_changes_nothing(client: APIClient) -> None:
    by_finding = client.post(PLAN, {"findings": [finding("auth 1.x").pk]}, format="json").json()
    by_line = client.post(PLAN, {"module": "auth", "line": "1.x"}, format="json").json()
    assert {item["version"] for item in by_finding["items"]} == {"1.0.0", "1.1.0"}
    assert by_finding["blockers"] == []
    assert by_line["hash"] == by_finding["hash"]
    assert Sunset.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"findings": []}, 400),
        ({"findings": [1], "module": "auth", "line": "1.x"}, 400),
        ({"module": "auth"}, 400),
        ({"findings": ["x"]}, 400),
        ({"findings": [999_999]}, 409),
        ({"module": "none", "line": "1.x"}, 404),
        ({"module": "auth", "line": "7.x"}, 409),
    ],
)
def test_a_plan_of_nothing_is_refused(client: APIClient, body: dict[str, Any], status: int) -> None:
    response = client.post(PLAN, body, format="json")
    assert response.status_code == status, response.content
    assert set(response.json()) == {"code", "detail", "fields"}


def test_the_owner_sunsets_and_restores(owner: APIClient) -> None:
    body = plan(owner, "auth 1.x") | {"reason": "nobody runs it"}
    done = owner.post(EXECUTE, body, format="json")
    assert done.status_code == 201, done.content
    sunset = done.json()
    assert (sunset["state"], sunset["made_by"], sunset["reason"]) == (
        "done",
        "olaf",
        "nobody runs it",
    )
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    resolved = owner.post(
        "/api/v1/resolve/", {"requirements": [{"module": "auth", "range": "^1"}]}, format="json"
    )
    assert resolved.json()["results"][0]["resolved"] is None

    detail = owner.get(f"/api/v1/sunsets/{sunset['id']}/").json()
    assert detail["count"] == 2
    assert {item["state"] for item in detail["results"]} == {"done"}

    back = owner.post(f"/api/v1/sunsets/{sunset['id']}/restore/", {"reason": "oh"}, format="json")
    assert back.json()["state"] == "restored"
    assert sunset_versions() == []
    again = owner.post(f"/api/v1/sunsets/{sunset['id']}/restore/", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "cannot_restore")


def test_operators_read_the_audit_and_nobody_else_does(
    client: APIClient, owner: APIClient, operator: User
) -> None:
    owner.post(EXECUTE, plan(owner, "auth 1.x") | {"reason": "unused"}, format="json")
    for reader in (client, api_client(operator, "read")):
        (entry,) = reader.get("/api/v1/audit/", {"actor": "olaf"}).json()["results"]
        assert (entry["action"], entry["reason"]) == ("sunset", "unused")
    assert client.get("/api/v1/audit/", {"action": "restore"}).json()["count"] == 0
    for other in (owner, colleague(), outsider()):
        refused = other.get("/api/v1/audit/")
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_a_sunset_says_whether_it_can_come_back_and_how_its_items_stand(owner: APIClient) -> None:
    pk = owner.post(EXECUTE, plan(owner, "auth 1.x"), format="json").json()["id"]
    detail = owner.get(f"/api/v1/sunsets/{pk}/", {"page_size": 1}).json()
    # Done in this year, of a platform that lies in another: the time to restore starts now.
    assert detail["is_restorable"] is True
    assert (detail["states"], detail["count"], len(detail["results"])) == ({"done": 2}, 2, 1)
    owner.post(f"/api/v1/sunsets/{pk}/restore/", {}, format="json")
    again = owner.get(f"/api/v1/sunsets/{pk}/").json()
    assert (again["is_restorable"], again["states"]) == (False, {"restored": 2})


def test_a_confirmation_sent_twice_takes_effect_once(owner: APIClient) -> None:
    body = plan(owner, "auth 1.x")
    first = owner.post(EXECUTE, body, format="json").json()
    assert owner.post(EXECUTE, body, format="json").json()["id"] == first["id"]
    assert Sunset.objects.count() == 1


def test_a_plan_that_no_longer_holds_is_refused_naming_what_came_between(
    owner: APIClient,
) -> None:
    body = plan(owner, "auth 1.x")
    take_in(
        version_record("late", "1.0.0", "auth@^1"), deployment_record("late/prod", "late", "1.0.0")
    )
    response = owner.post(EXECUTE, body, format="json")
    assert response.status_code == 409
    assert response.json()["code"] == "blocked"
    assert any("late/prod" in blocker for blocker in response.json()["fields"]["blockers"])
    assert sunset_versions() == []


def test_a_wrong_hash_is_refused(owner: APIClient) -> None:
    body = plan(owner, "auth 1.x") | {"hash": "0" * 64}
    response = owner.post(EXECUTE, body, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "plan_changed")


def colleague() -> APIClient:
    return api_client(person("carla", "identity"), "read", "lifecycle")


def outsider() -> APIClient:
    return api_client(person("otto", "tv"), "read", "lifecycle")


def reader() -> APIClient:
    return api_client(person("rita", "identity"), "read")


def in_the_browser() -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(person("bella", "identity"))
    return client


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        (colleague, 201, None),
        (outsider, 403, "permission_denied"),
        (reader, 403, "permission_denied"),
        (in_the_browser, 403, "permission_denied"),
        (APIClient, 401, "not_authenticated"),
    ],
)
def test_who_may_sunset_and_restore(
    operator: User, owner: APIClient, who: Any, status: int, code: str | None
) -> None:
    body = plan(owner, "auth 1.x")
    client = who()
    response = client.post(EXECUTE, body, format="json")
    assert response.status_code == status, response.content
    assert response.json().get("code") == code
    assert bool(sunset_versions()) == (status == 201)
    sunset = owner.post(EXECUTE, body, format="json").json()
    response = client.post(f"/api/v1/sunsets/{sunset['id']}/restore/", {}, format="json")
    assert response.status_code == (200 if status == 201 else status)
    assert bool(sunset_versions()) == (status != 201)


def test_notices_are_those_of_ones_teams(owner: APIClient) -> None:
    mine = owner.get("/api/v1/notices/", {"unread": "true"}).json()
    assert [row["team"] for row in mine["results"]] == ["identity"]
    theirs = outsider().get("/api/v1/notices/").json()
    assert {row["team"] for row in theirs["results"]} == {"tv"}
    ids = [row["id"] for row in (*mine["results"], *theirs["results"])]
    marked = owner.post("/api/v1/notices/read/", {"notices": ids}, format="json").json()
    assert marked == {"marked": 1}
    assert Notice.objects.filter(read_at=None).count() == len(theirs["results"])


def test_the_audit_is_read_only(client: APIClient) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/v1/audit/").status_code in (403, 405)
    assert AuditEntry.objects.count() == 0
