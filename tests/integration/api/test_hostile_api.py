"""Odd names, addresses and bodies: refused by name or answered, never a failure."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.factories.platform import platform, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawn_platform")]
JSON = "/api/v1/modules/platform/json/"
PLAN, READ = "/api/v1/sunsets/plan/", "/api/v1/notices/read/"
RESOLVE = "/api/v1/resolve/"
TOO_GREAT = 2**63


def post(client: APIClient, path: str, body: bytes, kind: str = "application/json") -> Response:
    return client.generic("POST", path, body, content_type=kind)


def published(ecosystem: str, *names: str) -> None:
    platform(
        *(
            {"type": "version", "ecosystem": ecosystem, "module": name, "version": "1.0.0"}
            for name in names
        )
    )


@pytest.mark.parametrize(
    ("ecosystem", "name"),
    [
        ("golang", "github.com/acme/graph"),
        ("golang", "github.com/acme/versions"),
        ("golang", "acme/versions/2.0"),
        ("npm", "@acme/dependents"),
        ("npm", "@acme/removal"),
    ],
)
def test_a_name_that_ends_like_a_part_is_found_with_all_its_parts(
    client: APIClient, ecosystem: str, name: str
) -> None:
    published(ecosystem, name)
    path = f"/api/v1/modules/{ecosystem}/{name}/"
    assert client.get(path).json()["module"]["name"] == name
    assert client.get(f"{path}versions/").json()["count"] == 1
    assert client.get(f"{path}graph/").json()["shown"] == 1
    odd = client.get(path, {"direction": "both"})
    assert (odd.status_code, list(odd.json()["fields"])) == (400, ["direction"])
    assert client.post(path).status_code in (404, 405)


def test_a_part_of_a_module_outranks_a_module_of_that_name(client: APIClient) -> None:
    published("golang", "github.com/acme", "github.com/acme/graph")
    found = client.get("/api/v1/modules/golang/github.com/acme/graph/").json()
    assert [node["module"]["name"] for node in found["nodes"]] == ["github.com/acme"]


def test_an_unknown_module_is_named_as_it_was_asked_for(client: APIClient) -> None:
    found = client.get("/api/v1/modules/golang/github.com/acme/graph/")
    assert found.status_code == 404
    assert found.json()["detail"] == "No module github.com/acme in ecosystem golang."


SBOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"component": {"bom-ref": "a", "type": "application", "purl": "pkg:npm/app@1.0.0"}},
    "components": [
        {"bom-ref": "b", "type": "library", "purl": "pkg:npm/lib@git%2Bhttps%3A%2F%2Fx.example%2Fy"}
    ],
    "dependencies": [{"ref": "a", "dependsOn": ["b"]}],
}


def named(part: dict[str, Any], name: str, version: str) -> dict[str, Any]:
    return part | {"name": name, "version": version}


def sbom_with_a_git_address() -> None:
    document = json.loads(json.dumps(SBOM))
    root = document["metadata"]["component"]
    document["metadata"]["component"] = named(root, "app", "1.0.0")
    document["components"] = [named(document["components"][0], "lib", "git+https://x.example/y")]
    take_in(json.dumps(document).encode(), environment="prod")


def test_a_version_kept_by_name_is_found_and_lies_in_no_range(client: APIClient) -> None:
    sbom_with_a_git_address()
    lib = "/api/v1/modules/npm/lib/"
    found = client.get(f"{lib}versions/git+https:%2F%2Fx.example%2Fy/")
    assert found.json()["version"] == "git+https://x.example/y"
    assert client.get(f"{lib}dependents/").json()["count"] == 1
    for more in ({}, {"transitive": "true"}):
        within = client.get(f"{lib}dependents/", {"range": "1.x", **more})
        assert (within.status_code, within.json()["count"]) == (200, 0)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/modules/platform/%00/",
        "/api/v1/modules/%00/json/",
        f"{JSON}versions/%00/",
        "/api/v1/modules/platform/%ff%fe/",
        "/api/v1/modules/platform/" + "a/" * 2_000,
        "/api/v1/modules/platform/../",
        "/api/v1/modules//json/",
        "/api/v1/nothing/",
        f"/api/v1/findings/{TOO_GREAT}/",
        f"/api/v1/sunsets/{TOO_GREAT}/",
        f"/api/v1/ingest-runs/{TOO_GREAT}/",
        f"/api/v1/ingest-runs/{TOO_GREAT}/issues/",
        "/api/v1/findings/-1/",
    ],
)
def test_an_odd_address_is_404_in_json(client: APIClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert set(response.json()) == {"code", "detail", "fields"}


@pytest.mark.parametrize("path", ["/modules/platform/%00/", "/modules/platform/json/versions/%00/"])
def test_an_odd_address_is_404_on_the_pages_too(client: Client, operator: User, path: str) -> None:
    browser = Client()
    browser.force_login(operator)
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/modules/?q=a&q=b", "q"),
        ("/api/v1/modules/?page=1&page=2", "page"),
        ("/api/v1/modules/?page=99999999999999999999", "page"),
        ("/api/v1/modules/?page_size=0", "page_size"),
        ("/api/v1/upgrades/?ecosystem=npm", "ecosystem"),
        ("/api/v1/deployments/?as_of=yesterday", "as_of"),
        ("/api/v1/deployments/?as_of=0001-01-01T00:00:00%2B14:00", "as_of"),
        ("/api/v1/deployments/?tier=none", "tier"),
        ("/api/v1/deployments/?module=%00", "module"),
        ("/api/v1/findings/?rule=none", "rule"),
        ("/api/v1/sunsets/?state=none", "state"),
        ("/api/v1/sources/?q=ci", "q"),
        (f"{JSON}dependents/?as_of=9999-01-01", "as_of"),
        (f"{JSON}dependents/?range=%F0%9F%98%80", "range"),
        (f"{JSON}dependents/?range={'%3E1 ' * 600}", "range"),
        (f"{JSON}dependents/?include=some", "include"),
        (f"{JSON}graph/?direction=up", "direction"),
        (f"{JSON}uptake/?tier=none", "tier"),
        (f"{JSON}removal/?range=", "range"),
    ],
)
def test_an_odd_parameter_is_400_and_named(client: APIClient, path: str, field: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]


def test_an_empty_parameter_asks_for_nothing(client: APIClient) -> None:
    for path in (
        "/api/v1/modules/?q=&kind=&owner=&ecosystem=",
        "/api/v1/deployments/?q=&as_of=&tier=&environment=",
        "/api/v1/upgrades/?module=&owner=&status=",
        f"{JSON}dependents/?range=&environment=&owner=&q=",
    ):
        bare = path.partition("?")[0]
        assert client.get(path).json() == client.get(bare).json()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (RESOLVE, b"[" * 100_000, 400),
        (RESOLVE, b'{"requirements":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (RESOLVE, b"{", 400),
        (RESOLVE, b"\xff\xfe", 400),
        (RESOLVE, b"", 400),
        (RESOLVE, b"null", 400),
        (RESOLVE, b'{"requirements":[{"module":"json","range":"\\ud800"}]}', 400),
        (RESOLVE, b'{"requirements":[{"module":"json\\u0000","range":"1"}]}', 400),
        (RESOLVE, b'{"requirements":"' + b"x" * 6_000_000 + b'"}', 413),
        (PLAN, b"[1]", 400),
        (PLAN, b'{"findings":[NaN]}', 400),
        (PLAN, b'{"findings":[%d]}' % TOO_GREAT, 400),
        (PLAN, b'{"findings":[' + b"9" * 5_000 + b"]}", 400),
        (PLAN, b'{"module":"json","line":"\\u0000"}', 400),
        (READ, b'{"notices":[%d]}' % TOO_GREAT, 400),
        (f"/api/v1/sunsets/{TOO_GREAT}/restore/", b"{}", 404),
    ],
)
def test_an_odd_body_is_refused_in_json(
    client: APIClient, path: str, body: bytes, status: int
) -> None:
    response = post(client, path, body)
    assert response.status_code == status
    assert set(response.json()) == {"code", "detail", "fields"}


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"],
)
def test_a_body_that_is_no_json_is_415(client: APIClient, kind: str) -> None:
    response = post(client, RESOLVE, b"a=1&" * 5_000, kind)
    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"


def test_an_instant_may_be_a_day_and_then_means_its_end_as_on_the_page(
    client: APIClient, operator: User
) -> None:
    browser = Client()
    browser.force_login(operator)
    for day, count in (("2026-01-01", 0), ("2026-01-02", 1), ("2026-03-01", 2)):
        found = client.get("/api/v1/deployments/", {"as_of": day}).json()
        page = browser.get("/deployments/", {"as_of": day})
        assert found["count"] == page.context["rows"].total == count
    assert (
        client.get("/api/v1/deployments/", {"as_of": "2026-01-01T23:59:59Z"}).json()["count"] == 0
    )
