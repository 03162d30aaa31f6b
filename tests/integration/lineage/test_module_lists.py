"""Lists of modules, versions and deployments: filters, sorts, pages; counts agree with rows."""

from datetime import UTC, datetime

import pytest

from lineage.exceptions import UnknownModule, UnknownVersion
from lineage.models import Environment
from lineage.selectors.deployments import (
    DeploymentFilter,
    deployment_list,
    deployments_matching,
)
from lineage.selectors.modules import ModuleFilter, module_list, module_named, module_summary
from lineage.selectors.versions import version_list, version_named
from tests.factories.platform import NOW, module, platform, told
from tests.queries import asked

pytestmark = pytest.mark.django_db

FLEET = """
    json-lite 1.0.0 (library) by data
    json-lite 1.1.0
    json-lite 2.0.0
    auth-core 1.0.0 (library) by identity -> json-lite@^1
    auth-core 1.1.0 (library) by identity -> json-lite@^1, ghost@*
    tv-home 1.0.0 (script) by media -> auth-core@^1, json-lite@1.0.0
    tv-news 1.0.0 (script) -> auth-core@^1
    search 3.0.0 (service) by data -> json-lite@^2
    tv-home/prod runs tv-home 1.0.0 in prod since 2026-01-01
    tv-home/test runs tv-home 1.0.0 in test since 2026-02-01 for P7D
    tv-news/prod runs tv-news 1.0.0 in prod since 2026-03-01 until 2026-03-02
    search/prod runs search 3.0.0 in prod since 2026-03-15 for P90D
"""


@pytest.fixture
def fleet() -> None:
    platform(FLEET)


def names(filter: ModuleFilter, **page: int) -> list[str]:
    return [row.module.name for row in module_list(filter, now=NOW, **page).rows]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (ModuleFilter(), ["auth-core", "ghost", "json-lite", "search", "tv-home", "tv-news"]),
        (ModuleFilter(q="TV"), ["tv-home", "tv-news"]),
        (ModuleFilter(q="core auth"), ["auth-core"]),
        (ModuleFilter(q="nothing"), []),
        (ModuleFilter(q="%"), []),
        (ModuleFilter(kind="script"), ["tv-home", "tv-news"]),
        (ModuleFilter(owner="data"), ["json-lite", "search"]),
        (ModuleFilter(owner="-"), ["ghost", "tv-news"]),
        (ModuleFilter(ecosystem="npm"), []),
        (ModuleFilter(q="tv", owner="media"), ["tv-home"]),
        (ModuleFilter(sort="-live", owner="data"), ["json-lite", "search"]),
        (ModuleFilter(sort="-live", owner="-"), ["ghost", "tv-news"]),
        (ModuleFilter(sort="-live", q="-"), ["json-lite", "auth-core", "tv-home", "tv-news"]),
        (ModuleFilter(sort="-dependents", kind="library"), ["json-lite", "auth-core", "ghost"]),
        (ModuleFilter(sort="-versions", kind="library"), ["json-lite", "auth-core", "ghost"]),
        (ModuleFilter(sort="sideways", owner="data"), ["json-lite", "search"]),
    ],
)  # fmt: skip
def test_modules_are_filtered_and_sorted(fleet, filter, expected) -> None:
    found = module_list(filter, now=NOW)
    assert [row.module.name for row in found.rows] == expected
    assert found.total == len(expected)


def test_each_module_stands_with_its_own_counts(fleet) -> None:
    rows = {row.module.name: row for row in module_list(ModuleFilter(), now=NOW).rows}
    told = {
        name: (
            row.versions,
            row.newest and row.newest.version,
            row.live_prod,
            row.live_preprod,
            row.dependents,
        )
        for name, row in rows.items()
    }
    assert told == {
        "json-lite": (3, "2.0.0", 2, 1, 3),
        "auth-core": (2, "1.1.0", 1, 1, 2),
        "ghost": (0, None, 0, 0, 1),
        "tv-home": (1, "1.0.0", 1, 1, 0),
        "tv-news": (1, "1.0.0", 0, 0, 0),
        "search": (1, "3.0.0", 1, 0, 0),
    }


@pytest.mark.parametrize("sort", ["name", "-live", "-dependents", "-versions"])
def test_pages_hold_every_module_once(fleet, sort) -> None:
    whole = names(ModuleFilter(sort=sort))
    pages = [names(ModuleFilter(sort=sort), page=page, size=4) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [4, 2, 0]
    assert [*pages[0], *pages[1]] == whole
    found = module_list(ModuleFilter(sort=sort), now=NOW, page=2, size=4)
    assert (found.total, found.pages, found.page) == (6, 2, 2)


def test_odd_pages_and_sizes_are_brought_into_bounds(fleet) -> None:
    assert names(ModuleFilter(), page=-3, size=1) == ["auth-core"]
    assert module_list(ModuleFilter(), now=NOW, size=10_000).size == 200
    assert module_list(ModuleFilter(), now=NOW, size=0).size == 1


def test_the_head_of_a_module_counts_distinct_deployments_and_all_who_reach_it(fleet) -> None:
    found = module_summary(module("json-lite"), now=NOW)
    assert (found.versions, found.newest.version, found.newest_major) == (3, "2.0.0", "2.x")
    assert (found.live_prod, found.live_preprod) == (2, 1)
    assert (found.consumers, found.reach) == (3, 4)
    assert found.newest_major_share == pytest.approx(1 / 3)
    assert module_summary(module("tv-news"), now=NOW).newest_major_share is None


def test_an_unknown_name_raises_what_says_so(fleet) -> None:
    with pytest.raises(UnknownModule, match="nobody"):
        module_named("platform", "nobody")
    with pytest.raises(UnknownModule):
        module_named("npm", "json-lite")
    with pytest.raises(UnknownVersion):
        version_named(module("json-lite"), "9.9.9")


def test_versions_are_listed_newest_first_with_who_uses_them(fleet) -> None:
    found = version_list(module("json-lite"), now=NOW)
    assert [
        (r.version.version, r.live_prod, r.live_preprod, r.own_live, r.is_newest)
        for r in found.rows
    ] == [
        ("2.0.0", 1, 0, 0, True),
        ("1.1.0", 1, 1, 0, False),
        ("1.0.0", 1, 1, 0, False),
    ]
    assert found.total == 3
    assert [
        r.version.version for r in version_list(module("json-lite"), now=NOW, line="1.x").rows
    ] == [
        "1.1.0",
        "1.0.0",
    ]
    assert version_list(module("json-lite"), now=NOW, line="1.1.x").total == 1


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (DeploymentFilter(), ["search/prod", "tv-home/test", "tv-home/prod"]),
        (DeploymentFilter(state="all", q="news"), ["tv-news/prod"]),
        (DeploymentFilter(q="news"), []),
        (DeploymentFilter(state="ended"), ["tv-news/prod"]),
        (DeploymentFilter(state="expired"), ["tv-home/test"]),
        (DeploymentFilter(environment="test"), ["tv-home/test"]),
        (DeploymentFilter(tier="prod"), ["search/prod", "tv-home/prod"]),
        (DeploymentFilter(owner="media"), ["tv-home/test", "tv-home/prod"]),
        (DeploymentFilter(module="search", version="3.0.0"), ["search/prod"]),
        (DeploymentFilter(module="search", version="3.0.1"), []),
        (DeploymentFilter(ecosystem="npm"), []),
        (DeploymentFilter(q="home prod"), ["tv-home/prod"]),
        (DeploymentFilter(sort="started"), ["tv-home/prod", "tv-home/test", "search/prod"]),
        (DeploymentFilter(sort="expires"), ["tv-home/test", "search/prod", "tv-home/prod"]),
        (DeploymentFilter(as_of=datetime(2026, 1, 15, tzinfo=UTC)), ["tv-home/prod"]),
        (DeploymentFilter(as_of=datetime(2026, 3, 1, 12, tzinfo=UTC), q="news"), ["tv-news/prod"]),
        (DeploymentFilter(as_of=datetime(2026, 3, 2, 12, tzinfo=UTC), q="news"), []),
        (DeploymentFilter(as_of=datetime(2025, 1, 1, tzinfo=UTC)), []),
    ],
)  # fmt: skip
def test_deployments_are_filtered_and_sorted(fleet, filter, expected) -> None:
    found = deployment_list(filter, now=NOW)
    assert [row.key for row in found.rows] == expected
    assert found.total == len(expected) == deployments_matching(filter, now=NOW).count()


def test_expired_deployments_come_by_their_expiry(fleet) -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    expired = DeploymentFilter(state="expired", sort="expires")
    assert [d.key for d in deployment_list(expired, now=NOW).rows] == ["tv-home/test"]
    assert [d.key for d in deployment_list(expired, now=later).rows] == [
        "tv-home/test",
        "search/prod",
    ]


def test_lists_cost_as_many_queries_for_many_rows_as_for_few(fleet) -> None:
    asks = [
        lambda: module_list(ModuleFilter(sort="-live"), now=NOW, size=200),
        lambda: deployment_list(DeploymentFilter(state="all"), now=NOW, size=200),
        lambda: version_list(module("json-lite"), now=NOW, size=200),
        lambda: module_summary(module("json-lite"), now=NOW),
    ]
    few = [asked(ask) for ask in asks]
    platform(
        *(f"json-lite 1.2.{n} by team-{n} -> lib-{n}@*" for n in range(30)),
        *(f"app-{n} 1.0.0 by team-{n} -> json-lite@~1.2.{n}" for n in range(30)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in place-{n}" for n in range(30)),
    )
    assert Environment.objects.count() > 30
    assert len(module_list(ModuleFilter(), now=NOW, size=200).rows) > 60
    assert [asked(ask) for ask in asks] == few


def test_a_module_newer_than_the_snapshot_is_listed_without_counts(fleet) -> None:
    told("brand-new 1.0.0")
    (row,) = module_list(ModuleFilter(q="brand"), now=NOW).rows
    assert (row.versions, row.newest, row.dependents) == (0, None, 0)
