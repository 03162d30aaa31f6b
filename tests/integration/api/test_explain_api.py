"""Why one reaches another, over the API and on the module's page."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from lineage.selectors.paging import MAX_SIZE
from tests.factories.people import person, signed_in
from tests.factories.platform import platform
from tests.pages import open_page
from tests.queries import asked

pytestmark = pytest.mark.django_db

FACTS = (
    "app 1.0.0 -> login@^3, auth@^2",
    "login 3.1.0 -> auth@>=1",
    "auth 1.0.0",
    "auth 2.3.0",
    "@scope/odd@name 1.0.0 -> auth@^1",
)


def explain(client: APIClient, source: str, target: str, **more: Any) -> Any:
    response = client.get("/api/v1/explain/", {"from": source, "to": target, **more})
    assert response.status_code == 200, response.content
    return response.json()


def hops(chain: list[Any]) -> list[str]:
    return [
        f"{hop['module']['name']} {hop['version']} {hop['declared']}"
        f" {hop['dependency']['name']} {hop['resolved']}"
        for hop in chain
    ]


def test_chains_carry_ranges_and_resolved_versions(client: APIClient) -> None:
    platform(*FACTS)
    found = explain(client, "platform/app", "platform/auth")
    assert (found["hops"], found["shortest"], found["total"], found["stations"]) == (1, 1, 2, 0)
    assert [hops(chain) for chain in found["shown"]] == [["app 1.0.0 ['^2'] auth 2.3.0"]]
    far = explain(client, "pkg:platform/login@3.1.0", "auth@2.3.0")
    assert hops(far["shown"][0]) == ["login 3.1.0 ['>=1'] auth 2.3.0"]
    assert (far["source"]["version"], far["target"]["version"]) == ("3.1.0", "2.3.0")
    none = explain(client, "app", "auth@1.0.0")
    assert (none["hops"], none["total"], none["shown"]) == (0, 0, [])


def test_names_with_slashes_and_at_signs_work(client: APIClient) -> None:
    platform(*FACTS)
    for name in ("platform/@scope/odd@name", "@scope/odd@name", "platform/@scope/odd@name@1.0.0"):
        assert explain(client, name, "auth")["total"] == 1


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"from": "app"}, 400),
        ({"from": "app", "to": "app"}, 400),
        ({"from": "app", "to": "nobody"}, 404),
        ({"from": "app@9.9.9", "to": "auth"}, 404),
        ({"from": "pkg:", "to": "auth"}, 404),
        ({"from": "app", "to": "a\x00"}, 400),
        ({"from": "@", "to": "/"}, 404),
        ({"from": "app", "to": "auth", "limit": "0"}, 400),
        ({"from": "app", "to": "auth", "depth": "1"}, 400),
    ],
)
def test_what_cannot_be_explained_is_refused(
    client: APIClient, params: dict[str, str], status: int
) -> None:
    platform(*FACTS)
    response = client.get("/api/v1/explain/", params)
    assert response.status_code == status, response.content
    assert set(response.json()) == {"code", "detail", "fields"}


def test_the_cap_is_visible_and_the_counts_are_whole(client: APIClient) -> None:
    middles = [f"m-{n} 1.0.0 -> end@*" for n in range(30)]
    needs = ", ".join(f"m-{n}@*" for n in range(30))
    platform(f"top 1.0.0 -> {needs}", *middles, "end 1.0.0")
    found = explain(client, "top", "end", limit=7)
    assert (len(found["shown"]), found["shortest"], found["total"]) == (7, 30, 30)
    reader = signed_in(person("rita"))
    page = open_page(reader, "/modules/platform/end/?tab=why&from=top")
    assert "Showing 10 of 30 shortest chains." in page.words
    assert open_page(reader, f"/modules/platform/end/{page.links['Show 30']}").rows[-1]
    few = asked(lambda: explain(client, "top", "end", limit=2))
    assert few == asked(lambda: explain(client, "top", "end", limit=MAX_SIZE))


def test_the_page_is_reached_from_a_row_of_transitive_dependents(client: APIClient) -> None:
    platform("top 1.0.0 -> middle@^1", "middle 1.2.0 -> end@~1.0", "end 1.0.5")
    reader: Client = signed_in(person("rita"))
    rows = open_page(reader, "/modules/platform/end/?tab=dependents&transitive=1")
    whys = [href for href in rows.links.values() if "tab=why" in href]
    page = open_page(reader, whys[0])
    assert "reaches end" in page.words
    page = open_page(reader, "/modules/platform/end/?tab=why&from=platform/top")
    assert "The only chain takes 2 hops." in page.words
    assert page.rows[-1] == ["middle 1.2.0", "~1.0", "end", "1.0.5"]
    unknown = open_page(reader, "/modules/platform/end/?tab=why&from=nobody")
    assert "No module nobody in ecosystem platform." in unknown.words
