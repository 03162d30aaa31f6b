"""How a fix is taken up, what a consumer could move to, how fresh and how large it all is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from lineage.models import Team
from lineage.selectors.freshness import freshness
from lineage.selectors.ingest import issues_of, run_list
from lineage.selectors.overview import fleet, live_by_day
from lineage.selectors.sources import source_list
from lineage.selectors.takers import UptakeFilter
from lineage.selectors.upgrades import UpgradeFilter, upgrades
from lineage.selectors.uptake import UNRESOLVED, uptake
from lineage.selectors.window import days_before
from tests.factories.platform import NOW, Record, module, platform, told
from tests.queries import asked

pytestmark = pytest.mark.django_db


def taken(days: int = 5, **tier: str) -> dict[str, list[int]]:
    window, filter = days_before(NOW, days), UptakeFilter(**tier)
    return uptake(module("auth"), now=NOW, window=window, filter=filter).counts


def test_uptake_follows_publications_and_deployments_day_by_day() -> None:
    platform(
        """
        auth 1.0.0 on 2026-01-01
        auth 2.0.0 on 2026-03-29
        tv 1.0.0 on 2026-01-01 -> auth@*
        web 1.0.0 on 2026-01-01 -> auth@^1
        tv/prod runs tv 1.0.0 in prod
        web/test runs web 1.0.0 in test since 2026-03-28 until 2026-03-31
        """
    )
    found = uptake(module("auth"), now=NOW, window=days_before(NOW, 5))
    assert [day.isoformat() for day in found.days][::5] == ["2026-03-27", "2026-04-01"]
    assert found.lines == ["2.x", "1.x"]
    assert found.counts == {"1.x": [1, 2, 1, 1, 0, 0], "2.x": [0, 0, 1, 1, 1, 1]}
    assert taken(tier="prod") == {"1.x": [1, 1, 0, 0, 0, 0], "2.x": [0, 0, 1, 1, 1, 1]}
    assert taken(tier="preprod") == {"1.x": [0, 1, 1, 1, 0, 0]}


def test_uptake_counts_the_observed_line_and_says_where_nothing_resolves() -> None:
    platform(
        """
        auth 1.0.0 on 2026-01-01
        auth 2.0.0 on 2026-01-01
        tv 1.0.0 -> auth@*
        lost 1.0.0 -> auth@^9
        tv/prod runs tv 1.0.0 in prod with auth@1.0.0
        lost/prod runs lost 1.0.0 in prod
        """
    )
    assert taken(days=1) == {"1.x": [1, 1], UNRESOLVED: [1, 1]}


UPGRADES = (
    """
    json 1.0.0
    json 1.0.1
    json 2.0.0
    yaml 1.0.0
    yaml 2.0.0
    xml 1.0.0
    toml 1.0.0
    toml 1.1.0
    gone 1.0.0
    tv 1.0.0 by media -> json@^2, yaml@^1, xml@1.0.0, toml@~1.0, gone@1.0.0, ghost@*
    tv/prod runs tv 1.0.0 in prod
    idle 1.0.0 by data -> json@1.0.0
    idle 2.0.0 by data -> json@^1
    """,
    {"type": "deprecation", "module": "yaml", "range": "1.x", "sunset_at": "2026-06-01"},
    {"type": "deprecation", "module": "xml", "range": "1.x"},
    {"type": "yank", "module": "gone", "version": "1.0.0"},
)


def test_upgrades_say_how_urgent_each_dependency_of_what_runs_is() -> None:
    platform(*UPGRADES)
    rows = upgrades(UpgradeFilter(module=module("tv")), now=NOW)
    assert [(row.dependency.name, row.status, row.needs_change) for row in rows] == [
        ("yaml", "dying", True),
        ("xml", "deprecated", True),
        ("ghost", "withdrawn", True),
        ("gone", "withdrawn", True),
        ("toml", "behind", True),
        ("json", "current", False),
    ]
    assert {(row.live_prod, row.live_preprod) for row in rows} == {(1, 0)}
    assert rows[0].deprecation.sunset_at == datetime(2026, 6, 1, tzinfo=UTC)
    only = upgrades(UpgradeFilter(module=module("tv"), statuses=["behind"]), now=NOW)
    assert [(row.declared, row.current.version, row.newest.version) for row in only] == [
        ("~1.0", "1.0.0", "1.1.0")
    ]


def test_a_fix_outside_the_range_is_told_apart_from_being_behind() -> None:
    platform("json 1.0.0", "json 1.0.1", "tv 1.0.0 -> json@1.0.0", "tv/prod runs tv 1.0.0 in prod")
    assert [row.status for row in upgrades(UpgradeFilter(), now=NOW)] == ["fix"]


def test_of_a_module_that_does_not_run_the_newest_version_is_the_consumer() -> None:
    platform(*UPGRADES)
    team = Team.objects.get(name="data")
    rows = upgrades(UpgradeFilter(owners=[team.pk]), now=NOW)
    assert [(str(row.consumer), row.declared, row.status) for row in rows] == [
        ("idle 2.0.0", "^1", "behind")
    ]


def test_a_deprecation_covers_versions_that_come_later() -> None:
    statement: Record = {"type": "deprecation", "module": "json", "range": "1.x", "message": "CVE"}
    platform("json 1.0.0", "json 2.0.0", statement, "tv 1.0.0 -> json@^1")
    platform("json 1.1.0")
    (row,) = upgrades(UpgradeFilter(module=module("tv")), now=NOW)
    assert (row.current.version, row.status, row.deprecation.message) == (
        "1.1.0", "deprecated", "CVE",
    )  # fmt: skip


def test_the_fleet_is_counted_by_what_stands_and_what_runs() -> None:
    platform(
        """
        auth 1.0.0
        auth 2.0.0
        tv 1.0.0 -> auth@^1, ghost@*
        tv/prod runs tv 1.0.0 in prod
        tv/test runs tv 1.0.0 in test for P1D
        tv/gone runs tv 1.0.0 in test until 2026-01-02
        """
    )
    found = fleet(now=NOW)
    assert (found.modules, found.versions) == (3, 3)
    assert (found.live, found.live_prod, found.expired) == (2, 1, 1)
    assert found.on_newest_major == 0.5
    days = live_by_day(now=NOW, days=90)
    assert (days.prod[-1], days.preprod[-1]) == (1, 1)
    assert set(days.prod) == {1}
    assert days.preprod == [2] + [1] * 90  # the third ended on the second of the days


def test_an_empty_platform_has_answers() -> None:
    found = fleet(now=NOW)
    assert (found.modules, found.live, found.on_newest_major) == (0, 0, None)
    assert set(live_by_day(now=NOW).prod) == {0}
    assert upgrades(UpgradeFilter(), now=NOW) == []
    assert freshness(NOW).is_empty
    assert freshness(NOW).data_at is None


def test_freshness_tells_when_data_came_and_whether_answers_are_behind() -> None:
    platform("auth 1.0.0")
    first = freshness(NOW)
    assert (first.is_behind, first.is_simulated, first.is_empty) == (False, False, False)
    assert first.data_at >= NOW
    told("auth 2.0.0", {"type": "source", "name": "invented", "simulated": True})
    behind = freshness(NOW)
    assert (behind.is_behind, behind.is_simulated) == (True, True)
    assert behind.snapshot_epoch == first.epoch < behind.epoch


def test_a_source_is_quiet_when_it_missed_its_cadence_twice() -> None:
    platform(
        {"type": "source", "name": "ci", "cadence": "P1D"},
        "tv/prod runs tv 1.0.0 in prod",
    )
    platform("auth 1.0.0", source="other")
    quiet = {
        days: {row.source.name: row.is_quiet for row in source_list(NOW + timedelta(days=days))}
        for days in (1, 2, 3)
    }
    assert quiet[1] == quiet[2] == {"ci": False, "other": None}
    assert quiet[3] == {"ci": True, "other": None}
    assert {row.source.name: row.ecosystems for row in source_list(NOW)} == {
        "ci": ("platform",), "other": (),
    }  # fmt: skip


def test_runs_and_their_issues_are_listed_by_source_kind_and_page() -> None:
    told("auth 1.0.0 -> json@^1", source="one")
    outcome = told({"module": "a"}, {"module": "b"}, "auth 1.0.0 -> json@^2", source="two")
    assert run_list().total == 2
    (run,) = run_list(source="two").rows
    assert (run.pk, run.rejected, run.conflicts) == (outcome.run, 2, 1)
    assert [issue.line for issue in issues_of(run).rows] == [1, 2, 3]
    assert [issue.line for issue in issues_of(run, kind="conflict").rows] == [3]
    page = issues_of(run, page=2, size=2)
    assert ([issue.line for issue in page.rows], page.total, page.pages) == ([3], 3, 2)


def test_answers_cost_as_many_queries_for_many_rows_as_for_few() -> None:
    platform(*UPGRADES)
    asks = [
        lambda: upgrades(UpgradeFilter(), now=NOW),
        lambda: uptake(module("json"), now=NOW, window=days_before(NOW, 9)),
        lambda: fleet(now=NOW),
        lambda: (cache.clear(), live_by_day(now=NOW)),
        lambda: freshness(NOW),
        lambda: source_list(NOW),
        lambda: run_list(),
    ]
    few = [asked(ask) for ask in asks]
    platform(
        *(f"app-{n} 1.0.0 by team-{n} on 2026-03-{n % 28 + 1:02} -> json@*" for n in range(40)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in place-{n} with json@1.0.0" for n in range(40)),
        *(f"json 2.{n}.0 on 2026-03-{n % 28 + 1:02}" for n in range(1, 30)),
    )
    for n in range(5):
        told({"type": "source", "name": f"source-{n}"}, source=f"source-{n}")
    assert len(upgrades(UpgradeFilter(), now=NOW)) > 40
    assert [asked(ask) for ask in asks] == few
