"""Who depends on whom, directly and at any remove, by range, by version and by what runs."""

import pytest

from lineage.selectors.dependencies import direct_dependencies, transitive_dependencies
from lineage.selectors.dependents import DependentFilter, direct_dependents, transitive_dependents
from lineage.selectors.graph import neighbourhood_of
from tests.factories.platform import NOW, module, platform, version
from tests.queries import asked

pytestmark = pytest.mark.django_db

FLEET = """
    json 1.0.0
    json 1.1.0
    json 2.0.0
    auth 1.0.0 by identity -> json@^1
    auth 1.1.0 by identity -> json@^1, yaml@*?
    yaml 1.0.0
    tv 1.0.0 by media -> auth@^1, json@1.0.0
    tv 1.1.0 by media -> auth@^1, json@^2
    old 1.0.0 -> json@~1.0
    old 2.0.0
    tv/prod runs tv 1.0.0 in prod
    tv/test/1 runs tv 1.1.0 in test
    tv/test/2 runs tv 1.1.0 in test
    auth/prod runs auth 1.0.0 in prod with json@1.0.0
"""


@pytest.fixture
def fleet() -> None:
    platform(FLEET)


def rows_of(name: str, **filter: str) -> dict[str, tuple]:
    found = direct_dependents(module(name), DependentFilter(**filter), now=NOW)
    assert found.total == len(found.rows)
    return {
        str(row.consumer): (row.declared, row.resolved and row.resolved.version, row.relation)
        for row in found.rows
    }


def test_direct_dependents_state_range_resolved_version_and_whether_they_run(fleet) -> None:
    assert rows_of("json") == {
        "tv 1.0.0": ("1.0.0", "1.0.0", "runs"),
        "tv 1.1.0": ("^2", "2.0.0", "runs"),
        "auth 1.0.0": ("^1", "1.1.0", "runs"),
        "auth 1.1.0": ("^1", "1.1.0", "holds"),
    }


def test_every_version_is_told_when_asked_for(fleet) -> None:
    assert "old 1.0.0" not in rows_of("json")
    assert rows_of("json", include="all")["old 1.0.0"] == ("~1.0", "1.0.0", "holds")


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"range": "1.x"}, {"tv 1.0.0", "auth 1.0.0", "auth 1.1.0"}),
        ({"range": "1.0.x"}, {"tv 1.0.0"}),
        ({"range": "2.x"}, {"tv 1.1.0"}),
        ({"range": "3.x"}, set()),
        ({"environment": "prod"}, {"tv 1.0.0", "auth 1.0.0"}),
        ({"environment": "nowhere"}, set()),
        ({"owner": "identity"}, {"auth 1.0.0", "auth 1.1.0"}),
        ({"q": "TV"}, {"tv 1.0.0", "tv 1.1.0"}),
    ],
)
def test_direct_dependents_are_filtered(fleet, filter, expected) -> None:
    assert set(rows_of("json", **filter)) == expected


def test_live_deployments_are_told_by_environment_and_counted_once(fleet) -> None:
    found = direct_dependents(module("json"), DependentFilter(), now=NOW)
    places = {str(r.consumer): [(p.environment, p.live) for p in r.live] for r in found.rows}
    assert places["tv 1.1.0"] == [("test", 2)]
    assert places["auth 1.1.0"] == []
    assert (found.modules, found.live_prod, found.live_preprod) == (2, 2, 2)


def test_a_deployment_that_reaches_through_two_ranges_stands_in_both_rows_and_counts_once() -> None:
    platform(
        "json 1.0.0", "json 2.0.0", "tv 1.0.0 -> json@^1, json@^2", "tv/prod runs tv 1.0.0 in prod"
    )
    found = direct_dependents(module("json"), DependentFilter(), now=NOW)
    assert [row.live_prod for row in found.rows] == [1, 1]
    assert (found.total, found.modules, found.live_prod) == (2, 1, 1)


def test_an_observed_version_stands_beside_the_resolved_one_and_outranks_it(fleet) -> None:
    found = direct_dependents(module("json"), DependentFilter(), now=NOW)
    observed = {str(row.consumer): row.observed for row in found.rows}
    assert observed == {
        "auth 1.0.0": ("1.0.0",), "auth 1.1.0": (), "tv 1.0.0": (), "tv 1.1.0": (),
    }  # fmt: skip


def test_what_brings_a_consumer_to_the_newest_version_is_said(fleet) -> None:
    found = direct_dependents(module("json"), DependentFilter(), now=NOW)
    assert {str(row.consumer): row.to_newest for row in found.rows} == {
        "tv 1.0.0": "deploy newer",
        "tv 1.1.0": "nothing",
        "auth 1.0.0": "deploy newer",
        "auth 1.1.0": "change range",
    }
    platform(
        "lag 1.0.0 -> json@^2", "json 2.1.0", "lag/prod runs lag 1.0.0 in prod with json@2.0.0"
    )
    found = direct_dependents(module("json"), DependentFilter(q="lag"), now=NOW)
    assert [row.to_newest for row in found.rows] == ["redeploy"]


def test_ranges_that_take_the_newest_stand_apart_and_both_counts_hold_everywhere(fleet) -> None:
    found = {
        wanted: direct_dependents(module("json"), DependentFilter(takes_newest=wanted), now=NOW)
        for wanted in ("", "yes", "no")
    }
    assert {(part.takes_newest, part.needs_change) for part in found.values()} == {(1, 3)}
    assert {wanted: part.total for wanted, part in found.items()} == {"": 4, "yes": 1, "no": 3}
    assert [str(row.consumer) for row in found["yes"].rows] == ["tv 1.1.0"]
    assert not any(row.takes_newest for row in found["no"].rows)


def test_transitive_dependents_are_modules_at_their_least_distance(fleet) -> None:
    platform("far 1.0.0 -> tv@*", "edge 1.0.0 -> far@*, json@1.0.0")
    found = transitive_dependents(module("json"), DependentFilter(), now=NOW)
    assert [(r.module.name, r.hops) for r in found.rows] == [
        ("tv", 1), ("auth", 1), ("edge", 1), ("far", 2),
    ]  # fmt: skip
    assert found.total == 4
    assert (found.live_prod, found.live_preprod) == (2, 2)
    assert found.versions == 6
    assert found.rows[0].newest == version("tv@1.1.0")


def test_transitive_dependents_of_a_range_follow_only_what_resolves_into_it(fleet) -> None:
    found = transitive_dependents(module("json"), DependentFilter(range="2.x"), now=NOW)
    assert [row.module.name for row in found.rows] == ["tv"]
    assert (found.live_prod, found.live_preprod) == (0, 2)


def test_a_circle_of_modules_ends(fleet) -> None:
    platform("a 1.0.0 -> b@*", "b 1.0.0 -> c@*", "c 1.0.0 -> a@*")
    found = transitive_dependents(module("a"), DependentFilter(), now=NOW)
    assert {(row.module.name, row.hops) for row in found.rows} == {("c", 1), ("b", 2)}
    reached = transitive_dependencies(version("a@1.0.0"), now=NOW)
    assert [(str(r.version), r.hops) for r in reached.rows] == [("b 1.0.0", 1), ("c 1.0.0", 2)]


def test_dependencies_state_range_scope_resolved_and_newest(fleet) -> None:
    found = {
        row.module.name: (row.declared, row.scope, row.resolved.version, row.newest.version)
        for row in direct_dependencies(version("auth@1.1.0"), now=NOW)
    }
    assert found == {
        "json": ("^1", "runtime", "1.1.0", "2.0.0"),
        "yaml": ("*", "optional", "1.0.0", "1.0.0"),
    }


def test_transitive_dependencies_pass_over_optional_ones(fleet) -> None:
    found = transitive_dependencies(version("tv@1.0.0"), now=NOW)
    hops = [(r.hops, str(r.version)) for r in found.rows]
    assert sorted(hops) == [(1, "auth 1.1.0"), (1, "json 1.0.0"), (2, "json 1.1.0")]
    assert [distance for distance, _ in hops] == [1, 1, 2]
    page = transitive_dependencies(version("tv@1.0.0"), now=NOW, page=2, size=2)
    assert ([str(r.version) for r in page.rows], page.total) == (["json 1.1.0"], 3)


def test_a_dependency_nobody_published_is_told_without_a_version() -> None:
    platform("tv 1.0.0 -> ghost@^1")
    (row,) = direct_dependencies(version("tv@1.0.0"), now=NOW)
    assert (row.module.name, row.module.is_placeholder, row.resolved, row.newest) == (
        "ghost", True, None, None,
    )  # fmt: skip
    assert direct_dependents(module("ghost"), DependentFilter(), now=NOW).total == 1


def test_pages_of_dependents_hold_every_row_once_under_the_same_totals(fleet) -> None:
    pages = [
        direct_dependents(module("json"), DependentFilter(include="all"), now=NOW, page=n, size=2)
        for n in (1, 2, 3, 4)
    ]
    rows = [str(row.consumer) for page in pages for row in page.rows]
    assert len(rows) == len(set(rows)) == pages[0].total == 5
    assert {(page.total, page.live_prod, page.live_preprod) for page in pages} == {(5, 2, 2)}


def test_the_picture_around_a_module_shows_both_sides_and_counts_what_it_leaves_out(fleet) -> None:
    found = neighbourhood_of(module("auth"), now=NOW)
    assert {node.module.name: node.column for node in found.nodes} == {
        "auth": 0,
        "tv": -1,
        "json": 1,
    }
    assert (found.focus.module.name, found.shown, found.total) == ("auth", 3, 3)
    platform(*(f"app-{n} 1.0.0 -> auth@^1" for n in range(9)))
    found = neighbourhood_of(module("auth"), now=NOW, limit=4)
    assert (found.shown, found.total, found.totals[-1]) == (4, 12, 10)


def test_answers_cost_as_many_queries_for_many_rows_as_for_few(fleet) -> None:
    asks = [
        lambda: direct_dependents(module("json"), DependentFilter(), now=NOW, size=200),
        lambda: transitive_dependents(module("json"), DependentFilter(), now=NOW, size=200),
        lambda: direct_dependencies(version("hub@1.0.0"), now=NOW),
        lambda: transitive_dependencies(version("hub@1.0.0"), now=NOW, size=200),
        lambda: neighbourhood_of(module("json"), now=NOW),
    ]
    platform("hub 1.0.0 -> tv@*", "hub/prod runs hub 1.0.0 in prod with tv@1.0.0")
    few = [asked(ask) for ask in asks]
    platform(
        *(f"app-{n} 1.0.0 by team-{n} -> json@1.{n % 2}.x" for n in range(40)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in place-{n} with json@1.0.0" for n in range(40)),
    )
    platform("hub 2.0.0 -> " + ", ".join(f"app-{n}@*" for n in range(40)))
    asks[2] = lambda: direct_dependencies(version("hub@2.0.0"), now=NOW)
    asks[3] = lambda: transitive_dependencies(version("hub@2.0.0"), now=NOW, size=200)
    assert len(asks[2]()) == 40
    assert [asked(ask) for ask in asks] == few
