"""The facts that the rules are told, read from the graph and the rows: not too few of them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifecycle.models import Finding
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.base import Flag
from lifecycle.rules.registry import RULES
from lifecycle.selectors.facts import Knowledge
from lifecycle.selectors.flags_now import flags_now
from lifecycle.selectors.policies import rulebook
from lifecycle.services.sweep import sweep
from lineage.models import Module, Version
from lineage.services.retirement import sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    ago,
    deployment,
    ended,
    finding,
    open_subjects,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db


def flags(rule: str, **draft: Any) -> list[Flag]:
    """What a rule flags now, under a policy that is only a draft where one is given."""
    refresh(NOW)
    book = rulebook(draft=PolicyDraft("draft", rule, **draft) if draft else None)
    return Knowledge(book, now=NOW).flags(RULES[rule])


def labels(rule: str, **draft: Any) -> list[str]:
    return sorted(flag.label for flag in flags(rule, **draft))


def test_old_versions_are_those_with_enough_newer_releases_that_nobody_uses_or_wants() -> None:
    numbers = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5-rc.1")
    take_in(
        *(version("auth", number, owner="identity") for number in numbers),
        version("tv-home", "1.0.0", "auth@1.0.1"),
        version("radio", "1.0.0", "auth@1.0.0 || 1.0.2"),
        deployment("tv-home/prod", "tv-home", "1.0.0"),
        version("auth", "2.0.0", owner="identity", published_at=ago(1)),
        version("web", "1.0.0", "auth@^2"),
    )
    (flag,) = flags("unused-version", settings={"keep_newest": 2})
    # 1.0.1 is used, 1.0.2 is what radio takes, 1.0.3 and 1.0.4 are the newest of the line.
    assert flag.evidence["named"] == ["1.0.0"]
    assert flag.owner_id == Module.objects.get(name="auth").owner_id
    (flag,) = flags("unused-version", settings={"keep_newest": 1})
    assert flag.evidence["named"] == ["1.0.0", "1.0.3"]
    assert flags("unused-version") == []


def test_versions_of_a_line_that_goes_as_a_whole_are_not_flagged_once_more() -> None:
    take_in(*PLATFORM, *(version("auth", f"1.{n}.0", owner="identity") for n in range(2, 9)))
    assert labels("unused-range") == ["auth 1.x"]
    assert labels("unused-version", settings={"keep_newest": 1}) == []


def test_deployments_are_idle_where_their_source_reports_use() -> None:
    take_in(
        version("app", "1.0.0"),
        deployment("app/used", "app", "1.0.0"),
        deployment("app/idle", "app", "1.0.0"),
        deployment("app/young", "app", "1.0.0", started_at=ago(5)),
        {"type": "usage", "deployment": "app/used", "last_used_at": ago(2)},
        {"type": "usage", "deployment": "app/once", "last_used_at": ago(100)},
    )
    take_in(version("lib", "1.0.0"), deployment("lib/dark", "lib", "1.0.0"), source="other")
    assert labels("idle-deployment") == ["app/idle"]
    assert labels("idle-deployment", settings={"idle_for_days": 2}) == [
        "app/idle", "app/used", "app/young",
    ]  # fmt: skip
    assert flags("idle-deployment")[0].since == NOW - 100 * DAY


def test_further_witness_that_reports_use_speaks_for_a_deployment_too() -> None:
    take_in(version("app", "1.0.0"), deployment("app/dev", "app", "1.0.0"), source="ci")
    assert labels("idle-deployment") == []
    take_in(
        deployment("app/dev", "app", "1.0.0"),
        {"type": "usage", "deployment": "app/gone", "last_used_at": ago(140)},
        source="mesh",
    )
    assert labels("idle-deployment") == ["app/dev"]


def test_superseded_deployments_are_found_per_environment_and_region() -> None:
    take_in(
        *(version("app", number) for number in ("1.0.0", "1.10.0", "1.9.0")),
        deployment("a/test", "app", "1.9.0"),
        deployment("b/test", "app", "1.10.0", started_at=ago(20)),
        deployment("c/dev", "app", "1.0.0"),
        deployment("d/test", "app", "1.0.0", region="eu"),
    )
    assert labels("superseded-deployment") == ["a/test"]
    take_in(deployment("e/test", "app", "1.9.0", region="eu", started_at=ago(9)))
    assert labels("superseded-deployment") == ["a/test", "d/test"]
    take_in(ended("b/test", 1))
    assert labels("superseded-deployment") == ["d/test"]


def test_production_is_superseded_only_where_a_policy_says_so() -> None:
    take_in(
        *(version("app", number) for number in ("1.0.0", "2.0.0")),
        deployment("a/prod", "app", "1.0.0"),
        deployment("b/prod", "app", "2.0.0"),
    )
    assert labels("superseded-deployment") == []
    assert labels("superseded-deployment", tier="prod") == ["a/prod"]


def test_zombies_are_what_runs_on_versions_that_are_sunset() -> None:
    take_in(*PLATFORM)
    assert labels("zombie-deployment") == []
    take_in(version("tv-home", "1.1.0", owner="tv"))
    home = Version.objects.get(module__name="tv-home", version="1.0.0")
    sunset_versions([home.pk], at=NOW - DAY)
    assert labels("zombie-deployment") == ["tv-home/preview", "tv-home/prod"]


def test_deprecations_are_those_something_live_reaches() -> None:
    take_in(*PLATFORM)
    take_in(
        {"type": "deprecation", "module": "auth", "range": "2.x", "sunset_at": ago(-30)},
        {"type": "deprecation", "module": "auth", "range": "1.x"},
    )
    (flag,) = flags("dying-in-use")
    assert flag.reason == "It dies on 1 Oct 2024; still in use by 2 live deployments."
    assert flag.evidence["named"] == ["2.0.0"]


def test_runtimes_are_those_of_what_runs() -> None:
    take_in(
        version("app", "1.0.0", runtime={"java": "8"}),
        version("app", "2.0.0", runtime={"java": "8"}),
        version("web", "1.0.0", runtime={"java": ">=8"}),
        deployment("app/prod", "app", "1.0.0"),
        deployment("web/prod", "web", "1.0.0"),
    )
    ends = {"ends": {"java": {"8": "2024-01-01"}}}
    (flag,) = flags("runtime-end-of-life", settings=ends)
    assert flag.evidence["named"] == ["1.0.0: java 8"]
    assert flags("runtime-end-of-life") == []


def test_lags_count_from_what_was_observed_where_it_was() -> None:
    published = {"1.0.0": 900, "1.1.0": 890, "2.0.0": 500, "3.0.0": 60, "4.0.0-rc.1": 5}
    take_in(
        *(version("auth", n, published_at=ago(days)) for n, days in published.items()),
        version("app", "1.0.0", "auth@>=1 <3"),
        deployment("app/prod", "app", "1.0.0"),
        deployment("app/old", "app", "1.0.0", resolved={"auth": "1.0.0"}),
        version("web", "1.0.0", "auth@^2"),
        deployment("web/prod", "web", "1.0.0"),
        version("idle", "1.0.0", "auth@^1"),
    )
    (flag,) = flags("far-behind")
    assert flag.label == "app"
    assert flag.evidence["named"] == ["1.0.0: auth 1.0.0 → 3.0.0"]
    assert (flag.evidence["majors"], flag.evidence["days"]) == (2, 840)
    assert labels("far-behind", settings={"majors_behind": 1}) == ["app", "web"]


def test_flags_of_this_moment_are_those_of_a_sweep_for_every_rule() -> None:
    take_in(
        *PLATFORM,
        version("tv-home", "1.1.0", "auth@^2", owner="tv"),
        deployment("tv-home/next/preview", "tv-home", "1.1.0", started_at=ago(90)),
        {"type": "usage", "deployment": "tv-home/next/preview", "last_used_at": ago(80)},
        {"type": "deprecation", "module": "auth", "range": "2.x"},
        *(version("auth", f"2.{n}.0-rc.1", owner="identity") for n in range(1, 3)),
    )
    sweep(NOW)
    found = list(Finding.objects.select_related("module"))
    now = flags_now(found, now=NOW)
    assert {(f.rule, f.subject) for f in found} == set(now)
    assert {f.rule for f in found} >= {
        "unused-range", "expired-deployment", "idle-deployment", "superseded-deployment",
        "dying-in-use",
    }  # fmt: skip
    for one in found:
        flag = now[one.rule, one.subject]
        assert (flag.reason, flag.evidence, flag.size) == (one.reason, one.evidence, one.size)


def test_flags_of_this_moment_leave_out_what_no_longer_is() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    found = [finding("auth 1.x"), finding("tv-home/preview")]
    take_in(ended("tv-home/preview", 0), version("old", "1.0.0", "auth@1.0.0"))
    take_in(deployment("old/prod", "old", "1.0.0"))
    refresh(NOW)
    assert flags_now(found, now=NOW) == {}
    assert flags_now([], now=NOW) == {}


def test_sweep_asks_the_database_as_often_whatever_it_flags() -> None:
    take_in(*PLATFORM)
    asked = []
    for first, last in ((0, 5), (5, 65)):
        names = (f"tv/{number}/test" for number in range(first, last))
        take_in(*(deployment(name, "tv-home", "1.0.0", ttl="P7D") for name in names))
        refresh(NOW)
        with CaptureQueriesContext(connection) as queries:
            sweep(NOW)
        asked.append(len(queries))
        assert len(open_subjects()) == last + 2
    assert asked[1] <= asked[0]
