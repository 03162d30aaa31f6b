"""Every door of the API: who gets in, by which scope, and that the schema tells of all of them."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from rest_framework.response import Response
from rest_framework.test import APIClient

from platform_ui.accounts.scopes import SCOPES
from platform_ui.api.urls import v1
from tests.factories.people import api_client, person
from tests.factories.platform import platform

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).resolve().parents[3] / "docs/reference/openapi.yaml"
HUB = "modules/platform/hub/"
# What each door asks for; a new one must be added here before it opens.
DOORS = {
    ("post", "ingest/"): "ingest",
    ("get", "ingest-runs/"): "read",
    ("get", "ingest-runs/1/"): "read",
    ("get", "ingest-runs/1/issues/"): "read",
    ("get", "sources/"): "read",
    ("get", "sources/hub/"): "read",
    ("patch", "sources/hub/"): "admin",
    ("get", "inventories/"): "read",
    ("get", "inventories/1/"): "read",
    ("get", "inventories/1/unlisted/"): "read",
    ("post", "inventories/1/accept/"): "admin",
    ("post", "inventories/1/dismiss/"): "admin",
    ("get", "naming-smells/"): "read",
    ("get", "environments/"): "read",
    ("get", "modules/"): "read",
    ("get", HUB): "read",
    ("get", f"{HUB}versions/"): "read",
    ("get", f"{HUB}versions/1.0.0/"): "read",
    ("get", f"{HUB}dependents/"): "read",
    ("get", f"{HUB}dependencies/"): "read",
    ("get", f"{HUB}uptake/"): "read",
    ("get", f"{HUB}stragglers/"): "read",
    ("get", f"{HUB}diff/"): "read",
    ("get", "diff/"): "read",
    ("get", f"{HUB}removal/"): "read",
    ("get", f"{HUB}graph/"): "read",
    ("get", "cycles/"): "read",
    ("post", "check/"): "read",
    ("post", "resolve/"): "read",
    ("get", "explain/"): "read",
    ("post", "publish-preview/"): "read",
    ("get", "upgrades/"): "read",
    ("get", "upgrades/path/"): "read",
    ("get", "upgrade-requests/"): "read",
    ("post", "upgrade-requests/"): "lifecycle",
    ("get", "upgrade-requests/1/"): "read",
    ("post", "upgrade-requests/1/acknowledge/"): "lifecycle",
    ("post", "upgrade-requests/1/cancel/"): "lifecycle",
    ("post", "policies/dry-run/"): "read",
    ("post", "policies/1/dry-run/"): "read",
    ("get", "policies/1/backtest/"): "read",
    ("post", "policies/1/backtest/"): "read",
    ("get", "backtests/"): "read",
    ("post", "backtests/"): "read",
    ("get", "backtests/1/"): "read",
    ("get", "upgrades/snoozes/"): "read",
    ("post", "upgrades/snoozes/"): "lifecycle",
    ("post", "upgrades/snoozes/1/wake/"): "lifecycle",
    ("get", "deployments/"): "read",
    ("post", "deployments/extend/"): "lifecycle",
    ("get", "findings/"): "read",
    ("get", "findings/1/"): "read",
    ("get", "rules/"): "read",
    ("get", "policies/"): "read",
    ("post", "policies/"): "admin",
    ("get", "policies/1/"): "read",
    ("put", "policies/1/"): "admin",
    ("delete", "policies/1/"): "admin",
    ("get", "exemptions/"): "read",
    ("post", "exemptions/"): "lifecycle",
    ("get", "exemptions/1/"): "read",
    ("post", "exemptions/1/approve/"): "lifecycle",
    ("post", "exemptions/1/decline/"): "lifecycle",
    ("post", "exemptions/1/end/"): "lifecycle",
    ("get", "sunsets/"): "read",
    ("post", "sunsets/"): "lifecycle",
    ("post", "sunsets/plan/"): "read",
    ("post", "sunsets/execute/"): "lifecycle",
    ("get", "sunsets/1/"): "read",
    ("post", "sunsets/1/execute/"): "lifecycle",
    ("post", "sunsets/1/cancel/"): "lifecycle",
    ("post", "sunsets/1/restore/"): "lifecycle",
    ("get", "sunsets/stop/"): "read",
    ("post", "sunsets/stop/"): "admin",
    ("post", "sunsets/stop/end/"): "admin",
    ("get", "executor-calls/"): "read",
    ("post", "executor-calls/retry/"): "admin",
    ("post", "executor-calls/give-up/"): "admin",
    ("get", "campaigns/"): "read",
    ("post", "campaigns/"): "lifecycle",
    ("get", "campaigns/1/"): "read",
    ("post", "campaigns/1/cancel/"): "lifecycle",
    ("post", "campaigns/1/remind/"): "lifecycle",
    ("get", "notices/"): "read",
    ("post", "notices/read/"): "read",
    ("get", "preferences/"): "read",
    ("put", "preferences/"): "read",
    ("delete", "preferences/1/"): "read",
    ("get", "subscriptions/"): "read",
    ("post", "subscriptions/"): "read",
    ("delete", "subscriptions/1/"): "read",
    ("get", "webhooks/"): "lifecycle",
    ("post", "webhooks/"): "lifecycle",
    ("get", "webhooks/1/"): "lifecycle",
    ("put", "webhooks/1/"): "lifecycle",
    ("delete", "webhooks/1/"): "lifecycle",
    ("post", "webhooks/1/rotate/"): "lifecycle",
    ("post", "webhooks/1/ping/"): "lifecycle",
    ("get", "webhooks/1/deliveries/"): "lifecycle",
    ("get", "deliveries/"): "read",
    ("get", "deliveries/1/"): "read",
    ("post", "deliveries/1/resend/"): "read",
    ("get", "events/"): "read",
    ("get", "audit/"): "read",
    ("get", "audit/export.csv"): "read",
    ("get", "audit/export.ndjson"): "read",
    ("get", "audit/check/"): "read",
    ("post", "audit/check/"): "admin",
}
KEY = "0b54c9a5-1f7e-4a44-9d52-2f0c1a9ad0f1"
# Doors that open to a signature and to no token: who calls them is a program that was called.
SIGNED = {("post", f"executor-calls/{KEY}/acknowledge/")}
FOR_OPERATORS = ("ingest/", "audit/", "executor-calls/")
EXAMPLES = {"key": KEY, "ecosystem": "platform", "name": "hub", "pk": "1", "version": "1.0.0"}


@pytest.fixture
def _hub(db: None) -> None:
    platform("hub 1.0.0 (library) by data")


def ask(client: APIClient, door: tuple[str, str], **more: object) -> Response:
    method, path = door
    return getattr(client, method)(f"/api/v1/{path}", **more)


def is_let_in(response: Response) -> bool:
    """Whether the door opened, whatever it then answered."""
    return response.status_code not in (401, 403, 405)


def test_the_table_of_doors_is_complete() -> None:
    doors = set()
    for pattern in v1:
        path = re.sub(r"<\w+:(\w+)>", lambda found: EXAMPLES[found[1]], str(pattern.pattern))
        methods = {"get", "post", "put", "patch", "delete"} & set(dir(pattern.callback.view_class))
        doors |= {(method, path) for method in methods}
    assert doors == set(DOORS) | SIGNED


@pytest.mark.parametrize("door", DOORS, ids=" ".join)
def test_a_door_is_shut_to_strangers(door: tuple[str, str]) -> None:
    response = ask(APIClient(), door)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("door", SIGNED, ids=" ".join)
def test_a_signed_door_is_shut_to_everybody_without_the_signature(
    door: tuple[str, str], operator: User
) -> None:
    for client in (APIClient(), api_client(operator, *SCOPES)):
        response = ask(client, door)
        assert (response.status_code, response.json()["code"]) == (401, "not_signed")


@pytest.mark.usefixtures("_hub")
@pytest.mark.parametrize("door", DOORS, ids=" ".join)
def test_a_door_opens_to_its_scope_and_to_no_other(door: tuple[str, str], operator: User) -> None:
    for scope in SCOPES:
        response = ask(api_client(operator, scope), door)
        assert is_let_in(response) == (scope == DOORS[door]), (scope, response.content)
        assert response.status_code != 500


@pytest.mark.usefixtures("_hub")
@pytest.mark.parametrize("door", DOORS, ids=" ".join)
def test_a_door_opens_to_anybody_signed_in_but_ingest_audit_and_admin_to_operators(
    door: tuple[str, str], operator: User
) -> None:
    for user, is_operator in ((person("otto", "tv"), False), (operator, True)):
        client = APIClient()
        client.force_login(user)
        for_operators = DOORS[door] == "admin" or door[1].startswith(FOR_OPERATORS)
        assert is_let_in(ask(client, door)) == (is_operator or not for_operators)


@pytest.mark.usefixtures("_hub")
@pytest.mark.parametrize("door", [door for door in DOORS if door[0] == "post"], ids=" ".join)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "application/octet-stream"]
)
def test_a_browser_must_prove_that_the_page_was_ours(
    door: tuple[str, str], kind: str, operator: User
) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(operator)
    client.get("/account/")  # hands out the cookie, which a forged request would carry too
    is_readable = kind == "application/json" or door[1] in ("ingest/", "check/")
    refused = ask(client, door, data=b"{}", content_type=kind)
    assert refused.status_code == (403 if is_readable else 415)
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    assert is_let_in(ask(client, door, data=b"{}", content_type=kind))


@pytest.mark.parametrize("said", ["Bearer sun_invented", "Bearer", "Bearer \x00", "bearer  "])
def test_an_invented_token_opens_nothing(said: str) -> None:
    response = APIClient().get("/api/v1/modules/", HTTP_AUTHORIZATION=said)
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")


def test_the_schema_has_no_gaps_and_is_the_committed_one(tmp_path: Path) -> None:
    written = tmp_path / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(written))
    assert written.read_text() == SNAPSHOT.read_text(), "run `make openapi` and read what changed"


def test_every_operation_of_the_schema_says_what_it_does_and_answers(operator: User) -> None:
    schema = api_client(operator).get(
        "/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json"
    )
    operations = [op for path in schema.data["paths"].values() for op in path.values()]
    assert len(operations) == len(DOORS) + len(SIGNED)
    for operation in operations:
        assert operation["summary"]
        assert all("schema" in part for part in operation.get("parameters", []))
        errors = operation["responses"].pop("default")["content"]["application/json"]
        assert errors["schema"]["$ref"].endswith("/Error")
        ((status, answer),) = operation["responses"].items()
        if status == "204":
            continue  # what is removed answers nothing
        assert status in ("200", "201", "202")
        assert answer["content"]


def test_the_schema_is_public() -> None:
    assert APIClient().get("/api/schema/").status_code == 200
