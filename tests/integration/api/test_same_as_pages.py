"""Pages and the API give one answer: same rows in the same order, same counts, same verdicts."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.models import Sunset
from tests.factories.lifecycle import PLATFORM, execute, sweep_and_tell, take_in, version
from tests.factories.people import api_client, person

pytestmark = pytest.mark.django_db
HUB = "modules/platform/auth/"


@pytest.fixture
def member(db: None) -> User:
    return person("mia", "identity", "tv")


@pytest.fixture(autouse=True)
def _platform(member: User) -> None:
    """Something used, something unused and sunset, a bad line, notices, a deprecation."""
    take_in(
        *PLATFORM,
        version("old", "1.0.0", "auth@^1", owner="tv"),
        version("old", "2.0.0", "auth@^2, json@*", owner="tv"),
        {"type": "deprecation", "module": "auth", "range": "2.x", "sunset_at": "2027-01-01"},
        {"type": "version", "module": "", "version": "1.0.0"},
    )
    sweep_and_tell()
    execute("old 1.x")


@pytest.fixture
def page(member: User) -> Callable[[str], Any]:
    """What the page at an address was drawn from."""
    browser = Client()
    browser.force_login(member)
    return lambda path: browser.get(f"/{path}").context


@pytest.fixture
def api(member: User) -> Callable[[str], Any]:
    """What the API says at an address."""
    client = api_client(member, "read")

    def answer(path: str) -> Any:
        response = client.get(f"/api/v1/{path}")
        assert response.status_code == 200, response.content
        return response.json()

    return answer


Row = Callable[[Any], object]
LISTS: dict[str, tuple[Sequence[str], Row, Row]] = {
    "modules/": (
        ("", "?q=au", "?owner=tv", "?owner=-", "?kind=script", "?sort=-live", "?sort=-versions"),
        lambda row: (row.module.name, row.versions, row.live_prod, row.live_preprod),
        lambda row: (row["module"]["name"], row["versions"], row["live_prod"], row["live_preprod"]),
    ),
    "deployments/": (
        ("", "?state=expired", "?state=all", "?tier=prod", "?owner=tv", "?as_of=2024-05-01"),
        lambda row: (row.key, row.version.version, row.expires_at is None),
        lambda row: (row["id"], row["version"], row["expires_at"] is None),
    ),
    "findings/": (
        ("", "?rule=unused-range", "?owner=identity", "?state=closed", "?state=all", "?q=tv"),
        lambda row: (row.pk, row.label, row.reason),
        lambda row: (row["id"], row["label"], row["reason"]),
    ),
    "sunsets/": (
        ("", "?state=done", "?state=restored"),
        lambda row: (row.pk, row.title, row.state),
        lambda row: (row["id"], row["title"], row["state"]),
    ),
    "notices/": (
        ("", "?kind=findings", "?kind=sunset"),
        lambda row: (row.pk, row.title),
        lambda row: (row["id"], row["title"]),
    ),
}
ASKED = [(path, query) for path, (queries, _, _) in LISTS.items() for query in queries]


@pytest.mark.parametrize(("path", "query"), ASKED)
def test_a_list_is_the_same_on_its_page(
    page: Callable[[str], Any], api: Callable[[str], Any], path: str, query: str
) -> None:
    _, of_page, of_api = LISTS[path]
    shown, said = page(path + query)["rows"], api(path + query)
    assert [of_api(row) for row in said["results"]] == [of_page(row) for row in shown.rows]
    assert said["count"] == shown.total


@pytest.mark.parametrize("path", LISTS)
def test_each_list_compared_holds_something(api: Callable[[str], Any], path: str) -> None:
    assert api(path)["count"] > 0


@pytest.mark.parametrize("query", ["", "range=2.x", "environment=prod", "owner=tv", "include=all"])
def test_dependents_are_the_same_on_the_page(
    page: Callable[[str], Any], api: Callable[[str], Any], query: str
) -> None:
    shown = page(f"{HUB}?tab=dependents&{query}")["rows"]
    said = api(f"{HUB}dependents/?{query}")
    assert said["count"] == shown.total
    assert (said["live_prod"], said["live_preprod"]) == (shown.live_prod, shown.live_preprod)
    assert [
        (row["module"]["name"], row["version"], row["declared"], row["resolved"])
        for row in said["results"]
    ] == [
        (
            row.consumer.module.name,
            row.consumer.version,
            row.declared,
            row.resolved.version if row.resolved else None,
        )
        for row in shown.rows
    ]
    reached = page(f"{HUB}?tab=dependents&transitive=1&{query}")["rows"]
    said = api(f"{HUB}dependents/?transitive=1&{query}")
    assert [(row["module"]["name"], row["hops"]) for row in said["results"]] == [
        (row.module.name, row.hops) for row in reached.rows
    ]


@pytest.mark.parametrize("line", ["1.x", "2.x", "1.0.x"])
def test_the_verdict_on_a_line_is_the_same_on_the_page(
    page: Callable[[str], Any], api: Callable[[str], Any], line: str
) -> None:
    shown = page(f"{HUB}?tab=removal&range={line}")["removal"]
    said = api(f"{HUB}removal/?range={line}")
    assert (said["verdict"], said["sentence"]) == (shown.verdict, shown.sentence)
    assert [row["name"] for row in said["blockers"]] == [row.name for row in shown.blockers]
    stated = {
        row["line"]: row["state"]
        for major in api(HUB)["lines"]
        for row in (major, *major["minors"])
    }
    assert stated[line] == said["state"]


def test_the_head_uptake_and_dependencies_are_the_same_on_the_page(
    page: Callable[[str], Any], api: Callable[[str], Any]
) -> None:
    summary, said = page(HUB)["summary"], api(HUB)
    assert (said["consumers"], said["reach"], said["live_prod"], said["versions"]) == (
        summary.consumers, summary.reach, summary.live_prod, summary.versions,
    )  # fmt: skip
    shown, said = page(f"{HUB}?tab=uptake&days=30")["uptake"], api(f"{HUB}uptake/?days=30")
    assert (said["lines"], said["counts"]) == (shown.lines, shown.counts)
    shown = page("modules/platform/tv-home/?tab=dependencies")
    said = api("modules/platform/tv-home/dependencies/")
    assert [row["module"]["name"] for row in said["results"]] == [
        row.module.name for row in shown["rows"]
    ]
    reached = api("modules/platform/tv-home/dependencies/?transitive=true")
    assert reached["count"] == shown["reached"].total > 0


@pytest.mark.parametrize("owner", ["tv", "identity"])
def test_upgrades_are_the_same_on_the_page(
    page: Callable[[str], Any], api: Callable[[str], Any], owner: str
) -> None:
    shown = page(f"upgrades/?owner={owner}")
    for status, count in shown["counts"].items():
        assert api(f"upgrades/?owner={owner}&status={status}")["count"] == count
    rows = [
        (row.consumer.module.name, row.dependency.name, row.status) for row in shown["rows"].rows
    ]
    said = api(f"upgrades/?owner={owner}")["results"]
    # The page leaves out what is up to date unless it is asked for.
    assert rows == [
        (row["consumer"]["name"], row["dependency"]["name"], row["status"])
        for row in said
        if row["status"] != "current"
    ]


def test_a_sunset_and_an_ingest_run_are_the_same_on_the_page(
    page: Callable[[str], Any], api: Callable[[str], Any]
) -> None:
    pk = Sunset.objects.get().pk
    detail, said = page(f"sunsets/{pk}/")["detail"], api(f"sunsets/{pk}/")
    assert [row["label"] for row in said["results"]] == [row.label for row in detail.items.rows]
    assert (said["is_restorable"], said["states"]) == (detail.is_restorable, detail.states)
    runs = page("ingest/")["rows"]
    assert [row["id"] for row in api("ingest-runs/")["results"]] == [row.pk for row in runs.rows]
    first = runs.rows[-1].pk
    issues = page(f"ingest/{first}/")["rows"]
    said = api(f"ingest-runs/{first}/issues/")
    assert [row["reason"] for row in said["results"]] == [row.reason for row in issues.rows] != []
