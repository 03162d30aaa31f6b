"""Module and version pages: the figures, and the words around them."""

import pytest
from django.test import Client

from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    NOW,
    PLATFORM,
    deployment,
    ended,
    execute,
    flagged_platform,
    sweep_and_tell,
    take_in,
    version,
)
from tests.pages import Page, open_page

pytestmark = pytest.mark.django_db
AUTH = "/modules/platform/auth/"


def row(page: Page, begins: str) -> list[str]:
    """The first table row whose first cell begins so."""
    return next(cells for cells in page.rows if cells and cells[0].startswith(begins))


def test_list_counts_versions_live_deployments_and_consumers(owner: Client) -> None:
    flagged_platform()
    page = open_page(owner, "/modules/")
    assert "Showing 1–2 of 2 modules" in page.words
    cells = row(page, "auth")
    assert cells[1:3] == ["Library", "identity"]
    assert cells[3].startswith("2.0.0")
    assert cells[4:] == ["3", "2", "1", "1", "2 live · 1 other module"]
    assert row(page, "tv-home")[4:] == ["1", "2", "1", "0", "2 live · 0 other modules"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["auth", "billing", "tv-home"]),
        ("?q=AUT", ["auth"]),
        ("?q=tv ho", ["tv-home"]),
        ("?kind=script", ["tv-home"]),
        ("?owner=identity", ["auth"]),
        ("?owner=-", ["billing"]),
        ("?ecosystem=npm", []),
        ("?sort=-versions", ["auth", "billing", "tv-home"]),
        ("?sort=-live", ["auth", "tv-home", "billing"]),
        ("?size=1&page=2", ["billing"]),
        ("?q=%25", []),
    ],
)
def test_list_is_searched_filtered_sorted_and_paged(
    owner: Client, query: str, names: list[str]
) -> None:
    flagged_platform()
    take_in(version("billing", "1.0.0"))
    refresh(NOW)
    page = open_page(owner, f"/modules/{query}")
    assert [cells[0] for cells in page.rows if not cells[0].startswith("Module")] == names


def test_lines_show_use_consumers_state_and_what_can_be_done(owner: Client) -> None:
    flagged_platform()
    page = open_page(owner, AUTH)
    old, new = row(page, "Minor lines of 1.x 1.x"), row(page, "Minor lines of 2.x 2.x")
    assert (old[1], old[3][0], old[6], old[8:]) == (
        "2",
        "0",
        "0",
        ["never", "Unused", "Sunset 1.x of auth"],
    )
    assert (new[1], new[3][0], new[4:7]) == ("1", "2", ["1", "1", "1"])
    assert new[9] == "Newest"
    assert "1 consumer" in page.words
    assert "2 live deployments use it" in page.words


def test_minor_lines_unfold_by_a_link(owner: Client) -> None:
    flagged_platform()
    page = open_page(owner, AUTH)
    assert not [cells for cells in page.rows if cells[0] == "1.0.x"]
    unfolded = open_page(owner, AUTH + page.links["Minor lines of 1.x"])
    assert row(unfolded, "1.0.x")[9] == "Unused"
    folded = open_page(owner, AUTH + unfolded.links["Minor lines of 1.x"])
    assert not [cells for cells in folded.rows if cells[0] == "1.0.x"]


def test_removal_says_no_not_yet_or_yes_and_who_stands_in_the_way(owner: Client) -> None:
    take_in(
        *PLATFORM,
        version("old-job", "1.0.0", "auth@~1.0", owner="jobs"),
        deployment("old-job/prod", "old-job", "1.0.0"),
    )
    refresh(NOW)
    newest = open_page(owner, f"{AUTH}?tab=removal&range=2.x")
    assert (
        "Can auth 2.x be removed? Decided on epoch 1 No It holds the newest version, 2.0.0."
        in newest.words
    )
    used = open_page(owner, f"{AUTH}?tab=removal&range=1.x")
    assert "Not yet 1 live deployment uses it." in used.words
    assert row(used, "old-job/prod") == [
        "old-job/prod", "live deployment", "jobs", "prod", "runs old-job 1.0.0 in prod"
    ]  # fmt: skip
    assert row(used, "old-job 1.0.0")[1:] == [
        "only satisfiable by",
        "jobs",
        "–",
        "declares ~1.0, which nothing but 1.x satisfies",
    ]
    free = open_page(owner, f"{AUTH}?tab=removal&range=1.1.x")
    assert "Can auth 1.1.x be removed? Decided on epoch 1 Yes Nobody has used it" in free.words


def test_versions_tell_what_runs_and_where_each_stands(owner: Client) -> None:
    take_in(
        *PLATFORM,
        {"type": "yank", "module": "auth", "version": "1.0.0", "reason": "broken"},
        {"type": "deprecation", "module": "auth", "range": "=1.1.0", "message": "leave"},
    )
    refresh(NOW)
    page = open_page(owner, f"{AUTH}?tab=versions")
    assert [cells[0] for cells in page.rows[1:]] == ["2.0.0", "1.1.0", "1.0.0"]
    assert row(page, "2.0.0")[2:5] == ["2", "1", "0"]
    states = {cells[0]: cells[-1] for cells in page.rows[1:]}
    assert states == {"2.0.0": "Newest", "1.1.0": "Deprecated", "1.0.0": "Yanked"}
    only = open_page(owner, f"{AUTH}?tab=versions&line=1.x")
    assert [cells[0] for cells in only.rows[1:]] == ["1.1.0", "1.0.0"]


def test_dependents_tell_range_resolution_and_live_deployments_once(owner: Client) -> None:
    take_in(
        *PLATFORM,
        version("middle", "1.0.0", "tv-home@*", owner="mid"),
        deployment("middle/prod", "middle", "1.0.0"),
    )
    refresh(NOW)
    page = open_page(owner, f"{AUTH}?tab=dependents")
    assert "1 modules declare auth in 1 rows; 1 production and 1 preproduction" in page.words
    assert row(page, "tv-home 1.0.0")[1:6] == ["tv", "^2", "2.0.0", "2.0.0", "2"]
    reach = open_page(owner, f"{AUTH}?tab=dependents&transitive=1")
    assert "2 modules reach auth through 2 versions; 2 production and 1" in reach.words
    assert row(reach, "middle")[1:3] == ["mid", "2"]
    odd = open_page(owner, f"{AUTH}?tab=dependents&range=%3E%3Enonsense")
    assert "Not a range" in odd.words


def test_version_page_tells_its_facts_and_that_it_is_sunset(owner: Client) -> None:
    take_in(
        *PLATFORM[1:],
        version("auth", "1.0.0", owner="identity", ttl="P90D", digest="sha256:aa",
                runtime={"java": ">=17"}, scm={"repo": "https://git.example.com/a", "commit": "9f"},
                metadata={"build": "<b>42</b>"}),
    )  # fmt: skip
    sweep_and_tell()
    page = open_page(owner, "/modules/platform/auth/versions/1.0.0/")
    for words in ("java >=17", "sha256:aa", "https://git.example.com/a at 9f", "<b>42</b>"):
        assert words in page.words
    assert "It declares nothing." in page.words
    execute("auth 1.x")
    gone = open_page(owner, "/modules/platform/auth/versions/1.0.0/")
    assert "It left resolution" in gone.words
    lines = open_page(owner, AUTH)
    assert "Restore 1.x" in lines.links


def test_dependencies_tell_what_is_declared_and_what_is_reached(owner: Client) -> None:
    take_in(
        *PLATFORM,
        version("json", "1.0.0"),
        version("auth", "2.1.0", "json@^1", owner="identity"),
    )
    refresh(NOW)
    page = open_page(owner, "/modules/platform/tv-home/versions/1.0.0/")
    assert row(page, "auth")[1:4] == ["^2", "2.1.0", "2.1.0"]
    assert "2 versions at any remove" in page.words
    assert row(page, "json")[1:3] == ["1.0.0", "2"]


def test_placeholder_says_that_nobody_published_it(owner: Client) -> None:
    take_in(version("app", "1.0.0", "ghost@^1"))
    refresh(NOW)
    page = open_page(owner, "/modules/platform/ghost/")
    assert "Nobody published this module as far as is known." in page.words
    assert "Nothing was published here yet." in page.words


def test_uptake_and_graph_show_their_figures_as_tables_too(owner: Client) -> None:
    take_in(*PLATFORM, ended("tv-home/preview", 100))
    refresh(NOW)
    graph = open_page(owner, f"{AUTH}?tab=graph")
    assert "Showing 2 of 2 modules" in graph.words
    assert row(graph, "tv-home 1.0.0") == ["tv-home 1.0.0", "^2", "auth", "2.0.0"]
    uptake = open_page(owner, f"{AUTH}?tab=uptake&days=30")
    assert uptake.rows[0] == ["Day", "2.x", "All"]
    assert {cells[1] for cells in uptake.rows[1:12]} == {"1"}


def test_names_with_slashes_and_odd_letters_are_escaped_and_linked(owner: Client) -> None:
    take_in(version("@scope/a<b>&c", "1.0.0-rc.1+x"), version("user", "1.0.0", "@scope/a<b>&c@*"))
    refresh(NOW)
    page = open_page(owner, "/modules/")
    found = open_page(owner, page.links["@scope/a<b>&c"])
    assert "@scope/a<b>&c" in found.words
    assert "<b>" not in owner.get("/modules/").content.decode()


def test_a_version_with_a_slash_has_a_page_and_links_to_it_work(owner: Client) -> None:
    take_in(version("site", "release/7", ecosystem="generic"))
    refresh(NOW)
    page = open_page(owner, "/modules/generic/site/?tab=versions")
    assert "release/7" in open_page(owner, page.links["release/7"]).words
