"""CloudEvents over HTTP: structured, batch and binary, behind the same door as documents."""

import json
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from lineage.models import Deployment, IngestIssue, IngestRun
from tests.factories.events import cloud, event

pytestmark = pytest.mark.django_db

DEPLOYED = event(
    "service",
    "deployed",
    "shop",
    {"environment": {"id": "prod"}, "artifactId": "pkg:npm/shop@1.4.0"},
)
HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/pipeline/%E2%82%AC",
    "ce-type": DEPLOYED["context"]["type"],
}


def post(
    client: APIClient, body: Any, kind: str = "application/json", **headers: dict[str, str]
) -> Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.generic("POST", "/api/v1/ingest/?source=ci", data, content_type=kind, **headers)


@pytest.mark.parametrize(
    ("body", "kind", "format", "accepted"),
    [
        (cloud(DEPLOYED), "application/cloudevents+json", "cloudevents", 1),
        (cloud(DEPLOYED), "application/cloudevents+json; charset=utf-8", "cloudevents", 1),
        ([cloud(DEPLOYED)] * 2, "application/cloudevents-batch+json", "cloudevents", 2),
        ([], "application/cloudevents-batch+json", "native", 0),
        (DEPLOYED, "application/json", "cdevents", 1),
    ],
)
def test_events_are_taken_in(
    client: APIClient, body: Any, kind: str, format: str, accepted: int
) -> None:
    response = post(client, body, kind)
    assert response.status_code == 201, response.content
    found = response.json()
    assert (found["format"], found["accepted"], found["rejected"]) == (format, accepted, 0)
    assert Deployment.objects.count() == min(accepted, 1)


def test_a_binary_event_is_the_same_as_a_structured_one(client: APIClient) -> None:
    response = post(client, DEPLOYED, headers=HEADERS)
    assert response.status_code == 201, response.content
    assert (response.json()["format"], response.json()["created"]) == ("cloudevents", 1)
    again = post(client, cloud(DEPLOYED), "application/cloudevents+json").json()
    assert (again["unchanged"], again["created"]) == (1, 0)
    live = client.get("/api/v1/deployments/").json()["results"]
    assert [(row["id"], row["published_at"]) for row in live] == [("shop/prod", None)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ce-specversion": "0.3"}, "specversion"),
        ({"ce-id": ""}, "id"),
        ({"ce-type": "dev.cdevents.service.removed.0.3.0"}, "data.context.type"),
        ({"ce-time": "soon"}, "time"),
    ],
)
def test_wrong_attributes_reject_the_event_with_their_name(
    client: APIClient, changes: dict[str, str], field: str
) -> None:
    found = post(client, DEPLOYED, headers={**HEADERS, **changes}).json()
    assert (found["accepted"], found["rejected"]) == (0, 1)
    assert IngestIssue.objects.get().field == field


@pytest.mark.parametrize("body", [b"hello", b"\xff", b'{}, "type": "x"', b"{} {}"])
def test_the_data_of_a_binary_event_must_be_one_json_value(client: APIClient, body: bytes) -> None:
    response = post(client, body, headers=HEADERS)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"
    assert IngestRun.objects.count() == 0


@override_settings(INGEST_MAX_LINE_BYTES=20)
def test_a_binary_event_beyond_the_limit_of_a_record_is_refused(client: APIClient) -> None:
    response = post(client, DEPLOYED, headers=HEADERS)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_stranger_may_send_no_event() -> None:
    assert post(APIClient(), DEPLOYED, headers=HEADERS).status_code == 401
    assert Deployment.objects.count() == 0
