"""Modules over the API: the answers are those of the selectors that pages call."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lineage.models import Deprecation, Version
from lineage.selectors.dependents import DependentFilter, direct_dependents
from tests.factories.platform import module, platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drawn_platform")]
JSON = "/api/v1/modules/platform/json/"


def get(client: APIClient, path: str, expect: int = 200, **params: Any) -> Any:
    response = client.get(path, params)
    assert response.status_code == expect, response.content
    return response.json()


def test_modules_are_listed_with_their_counts(client: APIClient) -> None:
    found = get(client, "/api/v1/modules/", sort="-live")
    assert found["count"] == len(found["results"]) == 4
    rows = {row["module"]["name"]: row for row in found["results"]}
    assert rows["json"]["versions"] == 3
    assert rows["json"]["newest"] == "2.0.0"
    assert (rows["json"]["live_prod"], rows["json"]["live_preprod"]) == (1, 1)
    assert rows["json"]["module"]["owner"] == "data"
    assert rows["yaml"]["module"]["is_placeholder"]
    assert rows["yaml"]["newest"] is None


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"q": "TV"}, ["tv-home"]),
        ({"kind": "library", "owner": "data"}, ["json"]),
        ({"owner": "-"}, ["yaml"]),
        ({"ecosystem": "npm"}, []),
    ],
)
def test_modules_are_filtered(client: APIClient, params: dict[str, str], names: list[str]) -> None:
    found = get(client, "/api/v1/modules/", **params)
    assert [row["module"]["name"] for row in found["results"]] == names
    assert found["count"] == len(names)


def test_a_module_comes_with_its_lines(client: APIClient) -> None:
    found = get(client, JSON)
    assert found["module"]["purl"] == "pkg:platform/json"
    assert [line["line"] for line in found["lines"]] == ["2.x", "1.x"]
    newest, older = found["lines"]
    assert newest["state"] == "newest"
    assert older["state"] == "in_use"
    assert [line["line"] for line in older["minors"]] == ["1.4.x", "1.0.x"]


def test_versions_are_listed_newest_first_and_by_line(client: APIClient) -> None:
    every = get(client, f"{JSON}versions/")
    assert [row["version"] for row in every["results"]] == ["2.0.0", "1.4.0", "1.0.0"]
    one = get(client, f"{JSON}versions/", line="1.x")
    assert [row["version"] for row in one["results"]] == ["1.4.0", "1.0.0"]


def test_dependents_are_those_the_selector_finds(client: APIClient) -> None:
    found = get(client, f"{JSON}dependents/")
    expected = direct_dependents(module("json"), DependentFilter(), now=timezone.now())
    assert found["count"] == expected.total == 2
    assert found["live_prod"] == expected.live_prod
    rows = {row["module"]["name"]: row for row in found["results"]}
    assert (rows["auth"]["declared"], rows["auth"]["resolved"]) == ("^1", "1.4.0")
    assert (rows["tv-home"]["declared"], rows["tv-home"]["resolved"]) == (">=1", "2.0.0")
    assert {place["environment"] for place in rows["tv-home"]["live"]} == {"prod", "test"}


def test_dependents_of_a_range_and_at_any_remove(client: APIClient) -> None:
    by_range = get(client, f"{JSON}dependents/", range="1.x")
    assert [row["module"]["name"] for row in by_range["results"]] == ["auth"]
    reached = get(client, f"{JSON}dependents/", transitive="true", range="1.x")
    assert {(row["module"]["name"], row["hops"]) for row in reached["results"]} == {
        ("auth", 1),
        ("tv-home", 2),
    }


def test_dependencies_of_a_version(client: APIClient) -> None:
    found = get(client, "/api/v1/modules/platform/auth/dependencies/")
    assert found["version"] == "2.3.1"
    assert {(r["module"]["name"], r["scope"], r["resolved"]) for r in found["results"]} == {
        ("json", "runtime", "1.4.0"),
        ("yaml", "optional", None),
    }
    reached = get(
        client, "/api/v1/modules/platform/tv-home/dependencies/", transitive="true", version="4.2.0"
    )
    assert {row["module"]["name"] for row in reached["results"]} == {"auth", "json"}


def test_removal_names_who_stands_in_the_way(client: APIClient) -> None:
    no = get(client, f"{JSON}removal/", range="2.x")
    assert no["verdict"] == "no"
    not_yet = get(client, f"{JSON}removal/", range="1.x")
    assert not_yet["verdict"] == "not_yet"
    assert {blocker["name"] for blocker in not_yet["blockers"]} >= {"tv-home/test"}


def test_uptake_and_graph_answer(client: APIClient) -> None:
    found = get(client, f"{JSON}uptake/", days=7)
    assert len(found["days"]) == 8
    graph = get(client, f"{JSON}graph/", direction="dependents", depth=2)
    assert {node["module"]["name"] for node in graph["nodes"]} == {"json", "auth", "tv-home"}
    assert {(edge["source"], edge["declared"]) for edge in graph["edges"]} >= {
        ("pkg:platform/auth", "^1")
    }


def test_names_with_slashes_and_at_signs_work(client: APIClient) -> None:
    platform({"type": "version", "ecosystem": "npm", "module": "@acme/ui/kit", "version": "1.0.0"})
    found = get(client, "/api/v1/modules/npm/@acme/ui/kit/")
    assert found["module"]["name"] == "@acme/ui/kit"
    assert get(client, "/api/v1/modules/npm/%40acme%2Fui%2Fkit/versions/")["count"] == 1
    assert get(client, "/api/v1/modules/npm/@acme/ui/kit/versions/1.0.0/")["version"] == "1.0.0"


def test_a_deprecated_version_says_so_in_its_headers(client: APIClient) -> None:
    platform(
        {
            "type": "deprecation",
            "module": "json",
            "range": "1.x",
            "message": "leave it",
            "deprecated_at": "2026-02-01T00:00:00Z",
            "sunset_at": "2026-06-01T00:00:00Z",
        }
    )
    response = client.get(f"{JSON}versions/1.4.0/")
    assert response["Deprecation"] == "@1769904000"
    assert response["Sunset"] == "Mon, 01 Jun 2026 00:00:00 GMT"
    assert response.json()["deprecation"]["message"] == "leave it"
    assert "Deprecation" not in client.get(f"{JSON}versions/2.0.0/")


def test_a_version_is_asked_for_again_at_the_price_of_a_header(client: APIClient) -> None:
    path = f"{JSON}versions/1.4.0/"
    first = client.get(path)
    again = client.get(path, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (first.status_code, again.status_code) == (200, 304)
    platform({"type": "deprecation", "module": "json", "range": "1.x"})
    assert client.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_a_deprecation_without_a_day_holds_since_it_was_heard_of(client: APIClient) -> None:
    platform({"type": "deprecation", "module": "json", "range": "1.x"})
    heard = Deprecation.objects.get().received_at
    response = client.get(f"{JSON}versions/1.4.0/")
    assert response["Deprecation"] == f"@{int(heard.timestamp())}"
    assert "Sunset" not in response


def test_a_sunset_is_never_said_to_come_before_the_deprecation(client: APIClient) -> None:
    at = timezone.now()
    Version.objects.filter(module__name="json", version="1.4.0").update(sunset_at=at)
    response = client.get(f"{JSON}versions/1.4.0/")
    assert response["Deprecation"] == f"@{int(at.timestamp())}"
    assert response["Sunset"].endswith("GMT")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/modules/platform/none/", "unknown_module"),
        (f"{JSON}versions/9.9.9/", "unknown_version"),
        (f"{JSON}removal/?range=9.x", "unknown_line"),
        ("/api/v1/modules/?page=9", "not_found"),
        ("/api/v1/modules/platform/yaml/dependencies/", "not_found"),
    ],
)
def test_what_is_not_there_is_404_with_a_code(client: APIClient, path: str, code: str) -> None:
    assert get(client, path, expect=404)["code"] == code


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/modules/?sort=evil", "sort"),
        ("/api/v1/modules/?page=0", "page"),
        ("/api/v1/modules/?page=two", "page"),
        ("/api/v1/modules/?q=%00", "q"),
        ("/api/v1/modules/?owners=data", "owners"),
        (f"{JSON}?as_of=2026-01-01", "as_of"),
        (f"{JSON}dependents/?transitive=perhaps", "transitive"),
        (f"{JSON}removal/", "range"),
        (f"{JSON}graph/?depth=99", "depth"),
        (f"{JSON}uptake/?days=100000", "days"),
    ],
)
def test_odd_parameters_are_refused_by_name(client: APIClient, path: str, field: str) -> None:
    found = get(client, path, expect=400)
    assert found["code"] == "invalid"
    assert list(found["fields"]) == [field]


def test_a_range_that_is_none_is_refused(client: APIClient) -> None:
    assert get(client, f"{JSON}dependents/?range=not%20a%20range!", expect=400)["detail"]


def test_pages_are_capped_and_linked(client: APIClient) -> None:
    found = get(client, "/api/v1/modules/", page_size=3)
    assert len(found["results"]) == 3
    assert found["previous"] is None
    following = get(client, found["next"])
    assert following["page"] == 2
    assert following["next"] is None
    assert "page=" not in following["previous"].replace("page_size=", "")
    assert get(client, "/api/v1/modules/", page_size=100_000)["page_size"] == 200


def test_the_past_is_told_with_its_day_and_whether_there_was_any_data(client: APIClient) -> None:
    now = get(client, f"{JSON}dependents/")
    assert now["past"] is None
    then = get(client, f"{JSON}dependents/", as_of="2025-06-20")
    assert then["past"]["at"] == "2025-06-20T23:59:59.999999Z"
    assert not then["past"]["is_before_data"]
    assert [(row["module"]["name"], row["live_prod"]) for row in then["results"]] == [("auth", 0)]
    reached = get(client, f"{JSON}dependents/", transitive="true", as_of="2026-01-02T12:00:00Z")
    assert {row["module"]["name"]: row["live_prod"] for row in reached["results"]} == {
        "auth": 0, "tv-home": 1,
    }  # fmt: skip
    before = get(client, f"{JSON}dependents/", as_of="2020-01-01")
    assert (before["count"], before["past"]["is_before_data"]) == (0, True)
    assert before["past"]["first_at"] == "2025-01-01T00:00:00Z"


def test_dependencies_and_resolution_of_the_past(client: APIClient) -> None:
    tv = "/api/v1/modules/platform/tv-home/dependencies/"
    found = get(client, tv, as_of="2025-08-01")
    assert (found["version"], found["past"]["first_at"]) == ("4.2.0", "2025-01-01T00:00:00Z")
    assert {row["module"]["name"]: row["resolved"] for row in found["results"]} == {
        "auth": "2.3.1", "json": "1.4.0",
    }  # fmt: skip
    assert get(client, tv, 404, as_of="2025-02-01")["detail"] == "tv-home had no version then."
    early = get(client, tv, 404, as_of="2025-02-01", version="4.2.0")
    assert early["code"] == "not_yet"
    body = {"requirements": [{"module": "json", "range": "*"}], "as_of": "2025-08-01"}
    answer = client.post("/api/v1/resolve/", body, format="json").json()
    assert (answer["results"][0]["resolved"], answer["as_of"][:10]) == ("1.4.0", "2025-08-01")


@pytest.mark.parametrize("path", ["dependents/", "dependencies/", "/api/v1/deployments/"])
def test_the_future_is_refused_and_today_is_now(client: APIClient, path: str) -> None:
    address = path if path.startswith("/") else f"{JSON}{path}"
    refused = get(client, address, 400, as_of="9998-01-01")
    assert (refused["code"], list(refused["fields"])) == ("not_past", ["as_of"])
    get(client, address, as_of=timezone.now().date().isoformat())


def test_what_changed_between_two_days_is_told_of_a_module_and_of_all(client: APIClient) -> None:
    days = {"from": "2025-06-30", "to": "2025-09-30"}
    found = get(client, f"{JSON}diff/", **days)
    assert found["counts"] == {"versions": 1, "dependents": 1, "deployments": 0, "resolutions": 0}
    assert [(row["what"], row["name"]) for row in found["results"]] == [
        ("published", "2.0.0"), ("gained", "tv-home"),
    ]  # fmt: skip
    every = get(client, "/api/v1/diff/", kind="deployments", **{"from": "2025-12-31"})
    assert [row["name"] for row in every["results"]] == ["tv-home/prod", "tv-home/test"]
    assert every["count"] == every["counts"]["deployments"]
    assert get(client, "/api/v1/diff/", 400)["fields"].keys() == {"from"}
    backwards = get(client, "/api/v1/diff/", 400, **{"from": "2025-02-01", "to": "2025-01-01"})
    assert (backwards["code"], *backwards["fields"]) == ("bad_window", "from")
