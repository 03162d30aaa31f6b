"""Naming smells over everything known: the list, the page, the hint and the API agree."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from lineage.selectors.naming import MEMBERS_SHOWN, smell_list, smell_of
from tests.factories.people import api_client, person, signed_in
from tests.factories.platform import NOW, module, platform
from tests.pages import open_page
from tests.queries import asked

pytestmark = pytest.mark.django_db


def versions(*names: str, ecosystem: str = "platform") -> list[dict[str, str]]:
    return [{"module": name, "version": "1.0.0", "ecosystem": ecosystem} for name in names]


@pytest.fixture
def _smelly(db: None) -> None:
    platform(
        *versions("search", "search-v2", "search-v3", "base64", "web", "web5"),
        *versions("web6", "api.v1", "api.v2", ecosystem="npm"),
    )


@pytest.mark.usefixtures("_smelly")
def test_ecosystems_are_looked_at_apart() -> None:
    found = smell_list(now=NOW)
    assert found.total == len(found.rows) == 3
    assert [(row.ecosystem, row.stem) for row in found.rows] == [
        ("npm", "api"), ("platform", "search"), ("platform", "web"),
    ]  # fmt: skip
    assert [row.stem for row in smell_list(now=NOW, ecosystem="npm").rows] == ["api"]
    second = smell_list(now=NOW, page=2, size=2)
    assert (second.total, [row.stem for row in second.rows]) == (3, ["web"])


@pytest.mark.usefixtures("_smelly")
def test_the_hint_of_a_module_is_the_smell_of_the_list() -> None:
    for row in smell_list(now=NOW).rows:
        for member in row.members:
            hint = smell_of(member.module, now=NOW)
            assert hint is not None
            assert hint.sentence == row.sentence
    assert smell_of(module("base64"), now=NOW) is None
    assert smell_of(module("web6", "npm"), now=NOW) is None


@pytest.mark.usefixtures("_smelly")
def test_page_and_api_say_the_same() -> None:
    user = person("ana")
    browser: Client = signed_in(user)
    client: APIClient = api_client(user)
    page = open_page(browser, "/modules/naming/")
    answer = client.get("/api/v1/naming-smells/").json()
    assert answer["count"] == len(answer["results"]) == len(page.rows) - 1 == 3
    assert [row["stem"] for row in answer["results"]] == [cells[0] for cells in page.rows[1:]]
    hint = open_page(browser, "/modules/platform/search-v2/").words
    assert "search, search-v2 and search-v3 look like versions of one module" in hint
    assert "look like" not in open_page(browser, "/modules/platform/base64/").words
    assert page.links["Modules"] == "/modules/"
    assert open_page(browser, "/modules/").links["Versions in names"] == "/modules/naming/"


def test_a_new_module_is_seen_with_the_next_snapshot() -> None:
    platform(*versions("search"))
    assert smell_list(now=NOW).total == 0
    platform(*versions("search-v2"))
    assert smell_list(now=NOW).total == 1


def test_many_names_cost_no_more_queries_and_a_long_one_is_cut_with_its_count() -> None:
    platform(*versions("a-v1", "a-v2"))
    few = asked(lambda: smell_list(now=NOW))
    platform(
        *versions(
            *(f"a-v{n}" for n in range(80)), *(f"m{n}x-v{k}" for n in range(40) for k in (1, 2))
        )
    )
    assert asked(lambda: smell_list(now=NOW)) == few
    first = smell_list(now=NOW).rows[0]
    assert (first.total, len(first.members)) == (80, MEMBERS_SHOWN)
