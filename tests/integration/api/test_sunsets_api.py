"""Announce, go on, force, cancel, restore a part and stop over the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from lifecycle.models import AuditEntry, Sunset
from lifecycle.services.notices import deliver_due
from tests.factories.lifecycle import deployment, finding, sunset_versions, take_in, version
from tests.factories.people import api_client, person
from tests.factories.sunsets import asked_platform

pytestmark = pytest.mark.django_db
SUNSETS = "/api/v1/sunsets/"
STOP = f"{SUNSETS}stop/"
USE = (
    version("old-job", "1.0.0", "auth@^1", owner="jobs"),
    deployment("old-job/prod", "old-job", "1.0.0"),
)


@pytest.fixture(autouse=True)
def _flagged(db: None) -> None:
    asked_platform()


@pytest.fixture
def owner(db: None) -> APIClient:
    return api_client(person("ana", "identity"), "read", "lifecycle")


def post(client: APIClient, path: str, **body: Any) -> Response:
    return client.post(f"{SUNSETS}{path}", body, format="json")


def confirmed(client: APIClient, *labels: str) -> dict[str, Any]:
    ids = [finding(label).pk for label in labels]
    return {"findings": ids, "hash": post(client, "plan/", findings=ids).json()["hash"]}


def announced(client: APIClient, *labels: str, **how: Any) -> dict[str, Any]:
    response = post(client, "", **confirmed(client, *labels), **{"grace_days": 3, **how})
    assert response.status_code == 201, response.content
    return response.json()


def test_a_plan_says_its_terms_and_what_is_only_to_be_waited_for(client: APIClient) -> None:
    said = post(client, "plan/", findings=[finding("auth 1.x").pk]).json()
    assert said["terms"]["grace_days"] == 0
    assert said["terms"]["restorable_days"] == 30
    assert said["terms"]["executor"] == "record"
    assert said["terms"]["window"]["weekdays"] == [0, 1, 2, 3, 4, 5, 6]
    assert said["waits"] == []


def test_an_announced_sunset_says_how_far_it_is(owner: APIClient) -> None:
    said = announced(owner, "auth 1.x", reason="nobody runs it")
    assert (said["state"], said["kind"], said["made_by"]) == ("announced", "asked", "ana")
    assert (said["is_forced"], said["blockers"]) == (False, [])
    deliver_due(timezone.now())
    early = post(owner, f"{said['id']}/execute/")
    assert (early.status_code, early.json()["code"]) == (409, "waiting")
    assert "its time comes" in early.json()["detail"]
    assert sunset_versions() == []


def test_without_grace_it_goes_at_once_and_sent_twice_once(owner: APIClient) -> None:
    body = confirmed(owner, "auth 1.x")
    first, again = (post(owner, "", **body).json() for _ in range(2))
    assert first["state"] == "done"
    assert first["id"] == again["id"]
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]


def test_cancelled_it_stays(owner: APIClient) -> None:
    said = announced(owner, "auth 1.x")
    done = post(owner, f"{said['id']}/cancel/", reason="still wanted").json()
    assert (done["state"], done["cancelled_by"]) == ("cancelled", "ana")
    again = post(owner, f"{said['id']}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "not_in_state")


def test_a_part_is_restored_by_its_ids(owner: APIClient) -> None:
    said = post(owner, "", **confirmed(owner, "auth 1.x")).json()
    items = owner.get(f"{SUNSETS}{said['id']}/").json()["results"]
    newer = next(item["id"] for item in items if item["label"] == "auth 1.1.0")
    part = post(owner, f"{said['id']}/restore/", items=[newer])
    assert part.json()["state"] == "done"
    assert sunset_versions() == ["auth 1.0.0"]
    detail = owner.get(f"{SUNSETS}{said['id']}/", {"item_state": "restored"}).json()
    assert [item["label"] for item in detail["results"]] == ["auth 1.1.0"]
    assert (detail["count"], detail["states"]) == (1, {"done": 1, "restored": 1})


def test_force_names_its_blockers_and_needs_scope_reason_and_name(
    client: APIClient, owner: APIClient, operator: User
) -> None:
    take_in(*USE)
    line = {"module": "auth", "line": "1.x"}
    hash = post(client, "plan/", **line).json()["hash"]
    plain = post(client, "", **line, hash=hash)
    assert (plain.status_code, plain.json()["code"]) == (409, "blocked")
    assert any("old-job/prod" in words for words in plain.json()["fields"]["blockers"])
    force = {"reason": "CVE", "typed_name": "auth 1.x"}
    for who in (owner, api_client(operator, "read", "lifecycle")):
        assert post(who, "", **line, hash=hash, force=force).status_code == 403
    wrong = post(client, "", **line, hash=hash, force=force | {"typed_name": "auth"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_force")
    assert post(client, "", **line, hash=hash, force={"reason": "CVE"}).status_code == 400
    assert sunset_versions() == []
    done = post(client, "", **line, hash=hash, force=force).json()
    assert (done["is_forced"], done["force_reason"]) == (True, "CVE")
    assert AuditEntry.objects.filter(action="force", actor="olga").exists()


def test_a_dropped_item_names_who_is_in_the_way(client: APIClient) -> None:
    said = announced(client, "auth 1.x")
    deliver_due(timezone.now())
    take_in(*USE)
    force = {"reason": "CVE", "typed_name": "auth 1.x"}
    forced = post(client, f"{said['id']}/execute/", force=force)
    assert forced.json()["state"] == "done"
    detail = client.get(f"{SUNSETS}{said['id']}/").json()
    assert {item["state"] for item in detail["results"]} == {"done"}


@pytest.mark.parametrize("path", ["", "1/execute/", "1/cancel/", "1/restore/"])
def test_outsiders_and_tokens_that_only_read_change_nothing(path: str, owner: APIClient) -> None:
    said = announced(owner, "auth 1.x")
    address = path.replace("1", str(said["id"]))
    body = confirmed(owner, "tv-home/preview") if not path else {}
    outsider = api_client(person("mallory", "nobody"), "read", "lifecycle")
    reader = api_client(person("rita", "identity", "tv"), "read")
    for client in (outsider, reader):
        assert post(client, address, **body).status_code == 403
    assert post(APIClient(), address, **body).status_code == 401
    assert Sunset.objects.get().state == "announced"


def test_a_colleague_may_what_the_owner_may(owner: APIClient) -> None:
    said = announced(owner, "auth 1.x")
    colleague = api_client(person("ben", "identity"), "read", "lifecycle")
    assert post(colleague, f"{said['id']}/cancel/").json()["cancelled_by"] == "ben"


def test_the_stop_is_read_by_all_set_by_operators_and_says_so(
    client: APIClient, owner: APIClient
) -> None:
    assert owner.get(STOP).json() == {"is_stopped": False, "stop": None}
    assert owner.post(STOP, {"reason": "no"}, format="json").status_code == 403
    assert client.post(STOP, {}, format="json").status_code == 400
    assert client.post(STOP, {"reason": "smoke"}, format="json").json()["is_stopped"] is True
    said = owner.get(STOP).json()["stop"]
    assert (said["reason"], said["started_by"], said["ended_at"]) == ("smoke", "olga", None)
    refused = post(owner, "", **confirmed(owner, "auth 1.x"))
    assert (refused.status_code, refused.json()["code"]) == (409, "stopped")
    assert client.post(f"{STOP}end/", {"reason": "clear"}, format="json").json()["stop"]["ended_by"]
    assert client.post(f"{STOP}end/", {"reason": "x"}, format="json").status_code == 404
    assert post(owner, "", **confirmed(owner, "auth 1.x")).status_code == 201


def test_grace_below_the_policys_and_unknown_items_are_refused(owner: APIClient) -> None:
    body = confirmed(owner, "auth 1.x")
    assert post(owner, "", **body, grace_days=-1).status_code == 400
    said = post(owner, "", **body).json()
    unknown = post(owner, f"{said['id']}/restore/", items=[999_999])
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert post(owner, "999999/cancel/").status_code == 404
