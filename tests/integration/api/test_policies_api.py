"""Rules, policies, exemptions and the findings they surround, over the API."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from lifecycle.models import Finding
from lifecycle.rules.registry import RULES
from lifecycle.services.sweep import sweep
from tests.factories.lifecycle import PLATFORM, take_in
from tests.factories.people import api_client, person
from tests.queries import asked

pytestmark = pytest.mark.django_db
POLICIES, EXEMPTIONS, FINDINGS = "/api/v1/policies/", "/api/v1/exemptions/", "/api/v1/findings/"
KEEP = {"name": "Keep auth", "rule": "unused-range", "effect": "keep", "module_pattern": "auth"}


@pytest.fixture
def _flagged(db: None) -> None:
    take_in(*PLATFORM)
    sweep(timezone.now())


@pytest.fixture
def ida(db: None) -> APIClient:
    return api_client(person("ida", "identity"), "read", "lifecycle")


def test_rules_tell_what_a_policy_of_each_may_say(client: APIClient) -> None:
    rows = {row["name"]: row for row in client.get("/api/v1/rules/").json()}
    assert list(rows) == list(RULES)
    assert rows["unused-version"]["settings"][0] == {
        "name": "keep_newest", "word": "newest versions of each line that stay",
        "kind": "number", "default": 5, "least": 1, "most": 10_000,
    }  # fmt: skip
    assert (rows["far-behind"]["is_actionable"], rows["far-behind"]["has_place"]) == (False, False)


def test_a_policy_is_made_read_changed_and_taken_away(client: APIClient) -> None:
    made = client.post(POLICIES, KEEP, format="json")
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["revision"], row["owner"], row["settings"]) == (1, None, {"unused_for_days": 30})
    listed = client.get(POLICIES).json()
    assert (listed["count"], listed["results"]) == (1, [row])
    assert {d["rule"] for d in listed["defaults"]} == set(RULES)
    path = f"{POLICIES}{row['id']}/"
    assert client.get(path).json() == row
    changed = client.put(path, KEEP | {"effect": "ask", "revision": 1}, format="json")
    assert (changed.status_code, changed.json()["revision"]) == (200, 2)
    late = client.put(path, KEEP | {"revision": 1}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "outdated")
    assert client.delete(f"{path}?revision=1").status_code == 409
    assert client.delete(path).status_code == 400
    assert client.delete(f"{path}?revision=2").json() == {"deleted": row["id"]}
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "nonsense"}, "rule"),
        ({"tier": "prod"}, "tier"),
        ({"owner": "nobody"}, "owner"),
        ({"settings": {"idle_for_days": 1}}, "settings"),
        ({"window": {"opens": "late"}}, "window"),
        ({"grace_days": -1}, "grace_days"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_by_field(
    client: APIClient, changes: dict[str, Any], field: str
) -> None:
    refused = client.post(POLICIES, KEEP | changes, format="json")
    assert refused.status_code == 400
    body = refused.json()
    assert (body["code"], set(body["fields"])) == ("invalid", {field})


def test_who_is_no_operator_reads_policies_and_changes_none(ida: APIClient) -> None:
    assert ida.post(POLICIES, KEEP, format="json").status_code == 403
    assert ida.get(POLICIES).status_code == 200


def ask(client: APIClient, **changes: Any) -> Any:
    day = (timezone.now().date().replace(day=1)).replace(year=timezone.now().year + 1)
    body = {"module": "auth", "reason": "audit reads it", "expires_at": day.isoformat()} | changes
    return client.post(EXEMPTIONS, body, format="json")


@pytest.mark.usefixtures("_flagged")
def test_an_exemption_is_asked_for_approved_shown_and_ended(
    client: APIClient, ida: APIClient
) -> None:
    row = ask(ida).json()
    assert (row["state"], row["module"]["name"], row["requested_by"]) == (
        "requested", "auth", "ida",
    )  # fmt: skip
    path = f"{EXEMPTIONS}{row['id']}/"
    assert ida.post(f"{path}approve/", {}, format="json").status_code == 403
    outsider = api_client(person("tom", "tv"), "read", "lifecycle")
    for action in ("approve/", "decline/", "end/"):
        assert outsider.post(f"{path}{action}", {}, format="json").status_code == 403
    assert ask(outsider).status_code == 403
    done = client.post(f"{path}approve/", {"reason": "fine"}, format="json").json()
    assert (done["state"], done["decided_by"]) == ("approved", "olga")
    (found,) = ida.get(f"{FINDINGS}?exempt=yes").json()["results"]
    assert found["exemption"]["reason"] == "audit reads it"
    assert found["label"] == "auth 1.x"
    assert [r["label"] for r in ida.get(f"{FINDINGS}?exempt=no").json()["results"]] == [
        "tv-home/preview"
    ]
    assert ida.get(f"{EXEMPTIONS}?standing=biting&rule=unused-range").json()["count"] == 1
    assert ida.get(f"{EXEMPTIONS}?standing=requested").json()["count"] == 0
    assert ida.post(f"{path}end/", {"reason": "done"}, format="json").json()["state"] == "ended"
    again = client.post(f"{path}decline/", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "cannot_exempt")


@pytest.mark.usefixtures("_flagged")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"reason": ""}, 400),
        ({"expires_at": "2020-01-01"}, 409),
        ({"deployment": "tv-home/prod"}, 400),
        ({"module": "nothing"}, 404),
        ({"line": "9.x"}, 404),
        ({"rule": "nonsense"}, 400),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    client: APIClient, changes: dict[str, Any], status: int
) -> None:
    assert ask(client, **changes).status_code == status


@pytest.mark.usefixtures("_flagged")
def test_findings_say_their_policy_their_freshness_and_are_found_by_them(
    client: APIClient,
) -> None:
    rows = {row["label"]: row for row in client.get(FINDINGS).json()["results"]}
    preview = rows["tv-home/preview"]
    assert (preview["policy"], preview["policy_name"]) == (None, "Expired in preproduction")
    assert (preview["is_automatic"], preview["is_actionable"], preview["size"]) == (True, True, 1)
    assert [one["source"] for one in preview["freshness"]] == ["pipeline"]
    assert (preview["frozen_at"], preview["frozen_because"], preview["exemption"]) == (
        None, "", None,
    )  # fmt: skip
    for query, count in (
        ("policy=Unused ranges", 1), ("policy=none", 0), ("actionable=yes", 2),
        ("actionable=no", 0), ("frozen=yes", 0), ("frozen=no", 2), ("rule=idle-deployment", 0),
    ):  # fmt: skip
        assert client.get(f"{FINDINGS}?{query}").json()["count"] == count, query
    assert client.get(f"{FINDINGS}?frozen=maybe").status_code == 400
    Finding.objects.filter(rule="unused-range").update(
        frozen_at=timezone.now(), frozen_because="source pipeline lists far less than before"
    )
    (frozen,) = client.get(f"{FINDINGS}?frozen=yes").json()["results"]
    assert frozen["frozen_because"] == "source pipeline lists far less than before"


@pytest.mark.usefixtures("_flagged")
@pytest.mark.parametrize("path", [POLICIES, EXEMPTIONS, FINDINGS, "/api/v1/rules/"])
def test_lists_ask_as_often_however_long_they_are(
    client: APIClient, operator: User, path: str
) -> None:
    before = asked(lambda: client.get(path))
    for number in range(3):
        ask(client, reason=f"reason {number}")
        client.post(POLICIES, KEEP | {"name": f"p{number}"}, format="json")
    assert asked(lambda: client.get(path)) == before
    assert before < 12
