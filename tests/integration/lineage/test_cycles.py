"""Cycles are listed with their members, owners and one shortest way round that is true."""

import pytest
from django.test import Client

from lineage.selectors.cycles import CycleFilter, CycleRow, cycle_list
from lineage.selectors.modules import ModuleFilter, module_list, module_summary
from tests.factories.people import api_client, person, signed_in
from tests.factories.platform import NOW, module, platform, told
from tests.pages import open_page
from tests.queries import asked

pytestmark = pytest.mark.django_db

RINGS = """
    a 1.0.0 (library) by red -> b@^1
    b 1.0.0 (library) by blue -> c@^1, a@>=1
    c 1.0.0 (library) -> a@1.x
    x 1.0.0 -> y@^9
    y 1.0.0 -> x@^1
    old 1.0.0 -> older@*
    old 2.0.0
    older 1.0.0 -> old@^1
    app 1.0.0 (script) by red -> c@^1
    app/prod runs app 1.0.0 in prod
"""


@pytest.fixture
def rings() -> None:
    platform(RINGS)


@pytest.fixture
def browser(db: None) -> Client:
    return signed_in(person("mia", "red"))


def way(row: CycleRow) -> list[str]:
    return [
        f"{step.consumer} {step.declared} {step.provider} {step.resolved and step.resolved.version}"
        for step in row.way
    ]


def ring(size: int) -> list[str]:
    return [
        f"ring-{n:03} 1.0.0 by team-{n % 7} -> ring-{(n + 1) % size:03}@^1" for n in range(size)
    ]


def test_cycles_of_modules_come_greatest_first_with_a_shortest_way_round(rings) -> None:
    found = cycle_list(CycleFilter(), now=NOW)
    assert found.total == 2
    three, two = found.rows
    assert (three.size, three.owners, three.ownerless) == (3, ["blue", "red"], 1)
    assert [(m.module.name, m.version, m.live) for m in three.members] == [
        ("a", None, 1), ("b", None, 1), ("c", None, 1),
    ]  # fmt: skip
    assert way(three) == ["a 1.0.0 ^1 b 1.0.0", "b 1.0.0 >=1 a 1.0.0"]
    assert way(two) == ["x 1.0.0 ^9 y None", "y 1.0.0 ^1 x 1.0.0"]


def test_a_module_is_shown_the_way_round_through_itself(rings) -> None:
    (row,) = cycle_list(CycleFilter(module=module("c")), now=NOW).rows
    assert [step.consumer.module.name for step in row.way] == ["c", "a", "b"]
    assert cycle_list(CycleFilter(module=module("app")), now=NOW).total == 0
    assert module_summary(module("c"), now=NOW).cycle == 3
    assert module_summary(module("app"), now=NOW).cycle == 0


def test_versions_make_a_cycle_only_by_what_is_resolved(rings) -> None:
    found = cycle_list(CycleFilter(level="versions"), now=NOW)
    assert [[str(m.version) for m in row.members] for row in found.rows] == [
        ["a 1.0.0", "b 1.0.0", "c 1.0.0"],
        ["old 1.0.0", "older 1.0.0"],
    ]
    assert way(found.rows[1]) == ["old 1.0.0 * older 1.0.0", "older 1.0.0 ^1 old 1.0.0"]
    (own,) = cycle_list(CycleFilter(level="versions", module=module("older")), now=NOW).rows
    assert own.way[0].consumer.module.name == "older"


def test_a_module_after_the_snapshot_and_an_empty_platform_have_no_cycle() -> None:
    told("late 1.0.0")
    assert cycle_list(CycleFilter(), now=NOW).total == 0
    assert cycle_list(CycleFilter(module=module("late")), now=NOW).rows == []


def test_a_cycle_of_three_hundred_is_shown_whole_and_listed_in_short(browser: Client) -> None:
    platform(*ring(300))
    (row,) = cycle_list(CycleFilter(), now=NOW).rows
    assert (row.size, len(row.members), len(row.way), len(row.owners)) == (300, 12, 300, 7)
    (row,) = cycle_list(CycleFilter(module=module("ring-299")), now=NOW).rows
    assert len(row.members) == 300
    assert way(row)[0] == "ring-299 1.0.0 ^1 ring-000 1.0.0"
    page = open_page(browser, "/cycles/?module=ring-150")
    assert "Showing 300 of 300" in page.words
    assert len(page.rows) == 602
    head = open_page(browser, "/modules/platform/ring-150/")
    assert "part of a cycle of 300 modules" in head.words
    assert module_summary(module("ring-150"), now=NOW).reach == 299
    assert open_page(browser, "/modules/platform/ring-150/?tab=graph&depth=4")


def test_cycles_cost_as_many_queries_for_many_as_for_one(rings) -> None:
    filters = (CycleFilter(), CycleFilter(level="versions"))
    few = [asked(lambda f=f: cycle_list(f, now=NOW, size=200)) for f in filters]
    platform(*(f"p{n} 1.0.0 by t{n} -> q{n}@*" for n in range(40)),
             *(f"q{n} 1.0.0 -> p{n}@*" for n in range(40)))  # fmt: skip
    assert [asked(lambda f=f: cycle_list(f, now=NOW, size=200)) for f in filters] == few
    assert cycle_list(CycleFilter(), now=NOW, size=200).total == 42


def test_the_api_answers_as_the_page_does(rings) -> None:
    client = api_client(person("otto"))
    found = client.get("/api/v1/cycles/").json()
    assert (found["count"], found["results"][0]["size"]) == (2, 3)
    step = found["results"][0]["way"][0]
    assert (step["consumer"]["name"], step["declared"], step["provider"]["name"]) == (
        "a",
        "^1",
        "b",
    )
    assert client.get("/api/v1/cycles/?module=app").json()["results"] == []
    assert client.get("/api/v1/cycles/?module=nobody").status_code == 404
    assert client.get("/api/v1/cycles/?level=edges").status_code == 400


def test_blast_radius_sorts_by_what_runs_and_then_by_modules(rings) -> None:
    rows = module_list(ModuleFilter(sort="-blast"), now=NOW).rows
    found = {row.module.name: (row.live_prod + row.live_preprod, row.reach) for row in rows}
    assert found == {
        "a": (1, 3), "b": (1, 3), "c": (1, 3), "app": (1, 0),
        "old": (0, 1), "x": (0, 1), "y": (0, 0), "older": (0, 0),
    }  # fmt: skip
    assert [row.module.name for row in rows] == [*list(found)[:4], "old", "x", "older", "y"]
    upward = module_list(ModuleFilter(sort="blast"), now=NOW).rows
    assert [row.module.name for row in upward][-3:] == ["a", "b", "c"]
