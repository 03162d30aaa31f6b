"""Ingest over the API: the same loader as the command, behind a scope."""

import gzip
import io
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from lineage.models import IngestRun, Module
from platform_ui.api.ingest import CHUNK
from tests.factories.people import api_client
from tests.factories.platform import drawn, lines_of
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db
DOCUMENT = lines_of(drawn("json 1.0.0\nauth 2.0.0 -> json@^1"))


def post(
    client: APIClient, body: bytes, kind: str = "application/octet-stream", **query: str
) -> Response:
    path = f"/api/v1/ingest/?{urlencode(query)}"
    return client.generic("POST", path, body, content_type=kind)


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize(
    "kind",
    ["application/octet-stream", "application/x-www-form-urlencoded", "application/json", "text/x"],
)
def test_a_document_is_known_by_its_content(client: APIClient, kind: str, pack: bool) -> None:
    response = post(client, gzip.compress(DOCUMENT) if pack else DOCUMENT, kind, source="ci")
    assert response.status_code == 201, response.content
    found = response.json()
    assert (found["accepted"], found["created"], found["rejected"]) == (2, 2, 0)
    run = IngestRun.objects.get(pk=found["run"])
    assert (run.source.name, run.started_by) == ("ci", "olga")
    assert Module.objects.count() == 2


def test_sent_again_nothing_changes(client: APIClient) -> None:
    post(client, DOCUMENT)
    again = post(client, DOCUMENT).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 2)


def test_the_answers_are_current_when_the_snapshot_job_has_run(client: APIClient) -> None:
    post(client, DOCUMENT)
    found = client.get("/api/v1/modules/platform/json/dependents/").json()
    assert [row["module"]["name"] for row in found["results"]] == ["auth"]


def test_good_lines_land_beside_bad_ones_and_the_run_lists_those(client: APIClient) -> None:
    bad = b'{"type":"version","module":"","version":"1.0.0"}\nnot json\n'
    found = post(client, bad + DOCUMENT).json()
    assert (found["accepted"], found["rejected"]) == (2, 2)
    issues = client.get(f"/api/v1/ingest-runs/{found['run']}/issues/").json()
    assert [(one["line"], one["field"]) for one in issues["results"]] == [(1, "module"), (2, "")]
    assert all(one["reason"] for one in issues["results"])
    run = client.get(f"/api/v1/ingest-runs/{found['run']}/").json()
    assert (run["status"], run["rejected"]) == ("done", 2)


@pytest.mark.parametrize("body", [b"hello", b'{"a": 1', b"[" * 10_000, b"\x1f\x8b\x08broken"])
def test_what_cannot_be_read_is_422_and_leaves_only_the_failed_run(
    client: APIClient, body: bytes
) -> None:
    response = post(client, body)
    assert response.status_code == 422, response.content
    assert response.json()["code"] == "unreadable_document"
    assert Module.objects.count() == 0
    assert IngestRun.objects.get().status == "failed"


def test_an_empty_body_is_refused(client: APIClient) -> None:
    assert post(client, b"").status_code == 400
    assert IngestRun.objects.count() == 0


@override_settings(INGEST_MAX_BYTES=20)
def test_a_body_beyond_the_limit_is_refused(client: APIClient) -> None:
    response = post(client, DOCUMENT)
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert IngestRun.objects.count() == 0


@override_settings(INGEST_MAX_BYTES=10_000)
def test_a_document_that_unpacks_beyond_the_limit_is_refused_and_leaves_nothing(
    client: APIClient,
) -> None:
    response = post(client, gzip.compress(DOCUMENT * 200))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert Module.objects.count() == 0
    assert IngestRun.objects.get().status == "failed"


def browser(user: User) -> APIClient:
    """The operator's own session, with the proof a page of ours sends along."""
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    client.get("/account/")
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    return client


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
def test_a_session_may_send_any_document_too(operator: User, kind: str) -> None:
    response = post(browser(operator), DOCUMENT, kind)
    assert response.status_code == 201, response.content
    assert response.json()["accepted"] == 2


class Wire(io.BytesIO):
    """A body as it comes in; remembers how much was asked of it at once."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:
        self.most = max(self.most, len(self.getvalue()) if size is None or size < 0 else size)
        return super().read(size)


@pytest.mark.parametrize("sender", [api_client, browser])
def test_a_document_is_never_held_whole(operator: User, sender: Any) -> None:
    wire = Wire(b"\n" * 6 * CHUNK + DOCUMENT)
    scopes = ("ingest",) if sender is api_client else ()
    response = sender(operator, *scopes).generic(
        "POST",
        "/api/v1/ingest/",
        "{}",
        content_type="application/json",
        **{"wsgi.input": wire, "CONTENT_LENGTH": len(wire.getvalue())},
    )
    assert (response.status_code, response.json()["accepted"]) == (201, 2)
    assert 0 < wire.most <= CHUNK


def test_an_sbom_becomes_a_deployment(client: APIClient) -> None:
    path = shared_path("data/sboms/juice-shop.cdx.json.gz")
    response = post(client, path.read_bytes(), environment="prod", source="sbom")
    assert response.status_code == 201, response.content
    live = client.get("/api/v1/deployments/").json()
    assert live["count"] == 1
    assert live["results"][0]["environment"] == "prod"


@pytest.mark.parametrize("scopes", [("read",), ("read", "lifecycle", "admin")])
def test_ingest_needs_its_scope(operator: User, scopes: tuple[str, ...]) -> None:
    response = post(api_client(operator, *scopes), DOCUMENT)
    assert response.status_code == 403
    assert IngestRun.objects.count() == 0


def test_a_stranger_may_not_ingest() -> None:
    response = post(APIClient(), DOCUMENT)
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_unknown_parameters_are_refused(client: APIClient) -> None:
    assert post(client, DOCUMENT, sources="x").json()["fields"] == {
        "sources": ["There is no such parameter here."]
    }
