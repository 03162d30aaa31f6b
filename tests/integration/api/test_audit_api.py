"""The audit over the API: filters, files, the state of the chain; for operators alone."""

import csv
import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from lifecycle.services.audit import Step, record_many
from lifecycle.services.audit_check import check_chain
from tests.factories.lifecycle import DAY, NOW, member, operator
from tests.factories.people import api_client, person

pytestmark = pytest.mark.django_db
AUDIT = "/api/v1/audit/"
DOORS = ("", "export.csv", "export.ndjson", "check/")


@pytest.fixture(autouse=True)
def _recorded(db: None) -> None:
    record_many(operator(), [Step("save", "auth", "first"), Step("save", "=auth")], at=NOW)
    record_many(member("ana"), [Step("stop", "everything", "CVE")], at=NOW + DAY)


def body(client: APIClient, path: str, **query: str) -> str:
    response = client.get(f"{AUDIT}{path}", query)
    assert response.status_code == 200
    return b"".join(response).decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"from": "2024-09-02"}, ["everything"]),
        ({"from": "2024-09-02T12:00:01Z"}, []),
        ({"to": "2024-09-01"}, ["=auth", "auth"]),
        ({"from": "2024-09-01", "to": "2024-09-01T12:00:00Z"}, ["=auth", "auth"]),
        ({"q": "cve"}, ["everything"]),
        ({"actor": "ana", "action": "stop"}, ["everything"]),
        ({"subject": "auth"}, ["auth"]),
        ({"sunset": "1"}, []),
        ({"module": "auth"}, ["auth"]),
    ],
)
def test_list_and_files_have_the_same_rows(
    client: APIClient, query: dict[str, str], expected: list[str]
) -> None:
    listed = client.get(AUDIT, query).json()
    assert [row["subject"] for row in listed["results"]] == expected
    assert listed["count"] == len(expected)
    lines = body(client, "export.ndjson", **query).splitlines()
    assert [json.loads(line)["subject"] for line in lines] == expected
    rows = csv.DictReader(StringIO(body(client, "export.csv", **query)))
    assert [row["subject"].removeprefix("'") for row in rows] == expected


@pytest.mark.parametrize(
    "query", [{"sunset": "x"}, {"from": "yesterday"}, {"page": "1"}, {"kind": "csv"}]
)
def test_a_file_of_an_unknown_question_is_refused(client: APIClient, query: dict[str, str]) -> None:
    response = client.get(f"{AUDIT}export.csv", query)
    assert (response.status_code, set(response.json())) == (400, {"code", "detail", "fields"})


def test_files_are_saved_under_a_name(client: APIClient) -> None:
    for kind, media in (("csv", "text/csv; charset=utf-8"), ("ndjson", "application/x-ndjson")):
        response = client.get(f"{AUDIT}export.{kind}", headers={"accept": media})
        assert response["Content-Type"] == media
        assert response["Content-Disposition"] == f'attachment; filename="audit.{kind}"'
        assert response.streaming


def test_the_state_of_the_chain_is_that_of_the_last_check(client: APIClient) -> None:
    unchecked = client.get(f"{AUDIT}check/").json()
    assert (unchecked["state"], unchecked["checked_at"]) == ("unchecked", None)
    check = check_chain(NOW)
    said = client.get(f"{AUDIT}check/", {"anchor": check.anchor}).json()
    assert (said["state"], said["entries"], said["anchor"]) == ("intact", 3, check.anchor)
    assert (said["checked_at"], said["is_anchor_there"]) == ("2024-09-01T12:00:00Z", True)
    lost = client.get(f"{AUDIT}check/", {"anchor": f"3:{'0' * 64}"}).json()
    assert lost["is_anchor_there"] is False
    assert client.get(f"{AUDIT}check/", {"anchor": "3"}).status_code == 400


def test_an_operator_has_the_chain_checked_now(client: APIClient) -> None:
    response = client.post(f"{AUDIT}check/")
    assert response.status_code == 202
    assert client.get(f"{AUDIT}check/").json()["state"] == "intact"


@pytest.mark.parametrize("path", DOORS)
def test_nobody_but_operators_passes(path: str, operator: User) -> None:
    assert APIClient().get(f"{AUDIT}{path}").status_code == 401
    for user in (person("ana", "identity"), person("otto", "tv"), person("zoe")):
        refused = api_client(user).get(f"{AUDIT}{path}")
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert api_client(operator).get(f"{AUDIT}{path}").status_code == 200
    assert api_client(operator, "read").post(f"{AUDIT}check/").status_code == 403
