"""Every door of the API: who gets in, that lists cost a bounded number of queries, the schema."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from platform_ui.api.urls import v1
from tests.factories.people import api_client, person
from tests.factories.platform import platform

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).resolve().parents[3] / "docs/reference/openapi.yaml"
HUB = "/api/v1/modules/platform/hub/"
READS = (
    "/api/v1/modules/", HUB, f"{HUB}versions/", f"{HUB}versions/1.0.0/", f"{HUB}dependents/",
    f"{HUB}dependents/?transitive=true", f"{HUB}dependencies/", f"{HUB}uptake/?days=7",
    f"{HUB}removal/?range=1.x", f"{HUB}graph/", "/api/v1/upgrades/", "/api/v1/deployments/",
    "/api/v1/findings/", "/api/v1/sunsets/", "/api/v1/notices/", "/api/v1/audit/",
    "/api/v1/ingest-runs/", "/api/v1/sources/",
)  # fmt: skip


def hub_with(consumers: int, first: int = 0) -> None:
    """A hub and so many consumers that run."""
    lines = ["hub 1.0.0 (library) by data"]
    for number in range(first, first + consumers):
        lines += [
            f"script-{number} 1.0.0 (script) by team-{number} -> hub@^1, other-{number}@^2",
            f"script-{number}/prod runs script-{number} 1.0.0 in prod",
        ]
    platform("\n".join(lines))


def test_every_door_is_shut_to_strangers() -> None:
    for pattern in v1:
        path = "/api/v1/" + str(pattern.pattern).replace("<str:ecosystem>", "platform").replace(
            "<path:name>", "hub"
        ).replace("<int:pk>", "1").replace("<str:version>", "1.0.0")
        for method in ("get", "post"):
            response = getattr(APIClient(), method)(path)
            assert response.status_code in (401, 405), (path, response.status_code)
            assert set(response.json()) == {"code", "detail", "fields"}


def test_reading_needs_the_scope_to_read() -> None:
    hub_with(1)
    person_ = person("ines")
    may, may_not = api_client(person_, "read"), api_client(person_, "lifecycle")
    for path in READS:
        assert may.get(path).status_code == 200, path
        assert may_not.get(path).status_code == 403, path


def test_a_revoked_or_invented_token_opens_nothing() -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer sun_invented")
    response = client.get("/api/v1/modules/")
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")


def queries_of(ask: Callable[[], object]) -> int:
    ask()  # opens the snapshot
    with CaptureQueriesContext(
        connection,
    ) as counted:
        ask()
    return len(counted)


@pytest.mark.parametrize("path", READS)
def test_queries_do_not_grow_with_rows(client: APIClient, path: str) -> None:
    hub_with(8)
    few = queries_of(lambda: client.get(path))
    hub_with(30, first=8)
    many = queries_of(lambda: client.get(path))
    assert many <= few
    assert many <= 20


def test_the_schema_is_whole_and_the_committed_one() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    operations = [op for path in schema["paths"].values() for op in path.values()]
    assert len(operations) >= len(v1)
    assert all(operation["summary"] for operation in operations)
    rendered = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()
    assert rendered == SNAPSHOT.read_text(), "run `make openapi` and read what changed"


def test_the_schema_is_public() -> None:
    assert APIClient().get("/api/schema/").status_code == 200
