"""POST check/: every form of body, stricter parameters, and what is refused."""

import gzip
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from platform_ui.api import check
from tests.factories.people import api_client, person
from tests.shared_data import shared_path

pytestmark = pytest.mark.usefixtures("troubled")
MANIFEST = {"requirements": [{"module": "auth", "range": "^1"}, {"module": "json", "range": "^3"}]}


@pytest.fixture
def client() -> APIClient:
    return api_client(person("otto", "elsewhere"), "read")


def post(client: APIClient, body: object, *, expect: int = 200, **params: object) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    query = "&".join(f"{name}={value}" for name, value in params.items())
    response = client.post(f"/api/v1/check/?{query}", data, content_type="application/json")
    assert response.status_code == expect, response.content
    return response.json()


def test_the_answer_in_full(client: APIClient) -> None:
    found = post(client, MANIFEST)
    epoch = found.pop("epoch")
    asked = {"ecosystem": "platform", "module": "auth", "range": "^1", "version": ""}
    assert epoch >= 1
    assert found == {
        "verdict": "warn",
        "checked": 2,
        "counts": {
            "sunset": 0, "yanked": 0, "unsatisfiable": 0, "dying": 1, "deprecated": 0,
            "behind": 0, "unknown": 0,
        },
        "reasons": [
            {
                "kind": "dying",
                "level": "warn",
                "asked": asked,
                "version": "1.1.0",
                "sentence": "auth 1.1.0 dies on 2099-06-01: leave it.",
                "sunset_at": "2099-06-01T00:00:00Z",
            }
        ],
        "fixes": [
            {
                "asked": asked,
                "version": "2.0.0",
                "range": "^2.0.0",
                "step": "major",
                "sentence": "Declare auth ^2.0.0: it takes 2.0.0.",
            }
        ],
        "format": "requirements",
        "left_out": 0,
        "why_left_out": [],
        "policy": {
            "fail": ["sunset", "yanked", "unsatisfiable"],
            "warn": ["dying", "deprecated", "behind", "unknown"],
            "dying_days": 14,
            "max_majors": 1,
            "max_days": 365,
        },
    }  # fmt: skip


def test_parameters_make_it_stricter_and_never_looser(client: APIClient) -> None:
    assert post(client, MANIFEST, fail="dying,unknown")["verdict"] == "fail"
    assert post(client, MANIFEST, dying_days=100_000)["verdict"] == "fail"
    looser = post(client, MANIFEST, expect=400, warn="yanked")
    assert (looser["code"], list(looser["fields"])) == ("looser_policy", ["warn"])
    assert list(post(client, MANIFEST, expect=400, max_majors=5)["fields"]) == ["max_majors"]


@pytest.mark.parametrize("name", ["small.cdx.json.gz", "small.spdx.json.gz"])
def test_an_sbom_is_told_by_its_content(client: APIClient, name: str) -> None:
    found = post(client, shared_path(f"data/sboms/{name}").read_bytes())
    assert found["verdict"] == "warn"
    assert found["counts"]["unknown"] == found["checked"] > 0


def test_version_records_are_read(client: APIClient) -> None:
    record = {"module": "app", "version": "1.0.0", "dependencies": [{"module": "dead"}]}
    assert post(client, record)["verdict"] == "fail"
    assert post(client, gzip.compress(json.dumps(record).encode()))["verdict"] == "fail"


@pytest.mark.parametrize(
    ("body", "params", "status", "code"),
    [
        (b"", {}, 422, "unreadable_document"),
        (b"hello", {}, 422, "unreadable_document"),
        (b'{"requirements": [{"module": "json", "range": "!"}]}', {}, 400, "invalid"),
        (b"{}", {"fail": "evil"}, 400, "invalid"),
        (b"{}", {"max_days": "-1"}, 400, "invalid"),
        (b"{}", {"loose": "1"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    client: APIClient, body: bytes, params: dict[str, str], status: int, code: str
) -> None:
    assert post(client, body, expect=status, **params)["code"] == code


def test_a_body_that_is_too_large_is_refused(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "MOST_BYTES", 10)
    assert post(client, MANIFEST, expect=413)["code"] == "too_large"
