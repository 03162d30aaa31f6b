"""Rule runtime-end-of-life: versions bound to a runtime that has ended or is about to."""

from dataclasses import replace
from typing import Any

import pytest

from lifecycle.policies.settings import InvalidSettings, read_settings
from lifecycle.rules.base import Flag
from lifecycle.rules.facts import Facts, RuntimeFacts
from lifecycle.rules.runtime_end_of_life import NAME, RuntimeSettings, flag_ended_runtimes
from tests.unit.lifecycle.line_facts import NOW
from tests.unit.lifecycle.rule_policies import policies

RUNS = RuntimeFacts(
    ecosystem="platform",
    module_id=7,
    module="tv-home",
    owner_id=3,
    version_id=70,
    version="4.2.0",
    rank=0,
    runtime={"java": "8"},
    live_prod=2,
    live_preprod=1,
)
ENDS = {"java": {"8": "2026-01-01", "9": "2026-02-01", "11": "2026-08-01", "17": "2030-01-01"}}


def flags(*facts: RuntimeFacts, **settings: Any) -> list[Flag]:
    settings.setdefault("ends", ENDS)
    return list(flag_ended_runtimes(Facts(NOW, runtimes=facts), policies(NAME, **settings)))


@pytest.mark.parametrize(
    ("runtime", "release"),
    [
        ({"java": "8"}, "8"),
        ({"java": "8.0.312"}, "8"),
        ({"java": "^8"}, "8"),
        ({"java": ">=8 <9"}, "8"),
        ({"java": ">=8 <10"}, "9"),  # gone once the later of both is
        ({"Java": "8"}, "8"),
        ({"java": ">=8"}, None),  # newer ones satisfy it
        ({"java": "*"}, None),
        ({"java": "11"}, "11"),  # ends in 61 days
        ({"java": "17"}, None),  # ends in years
        ({"java": "21"}, None),  # not in the table
        ({"java": "what?"}, None),
        ({"node": "8"}, None),
        ({}, None),
        ({"java": 8}, "8"),
        ({"java": ">=17", "node": "8"}, None),
    ],
)
def test_version_is_flagged_where_all_it_can_run_on_has_ended_or_is_about_to(
    runtime: dict[str, Any], release: str | None
) -> None:
    found = [flag.evidence["release"] for flag in flags(replace(RUNS, runtime=runtime))]
    assert found == ([] if release is None else [release])


@pytest.mark.parametrize(
    ("stated", "is_flagged"),
    [("3.8", True), ("==3.8.*", True), ("~=3.8.1", True), (">=3.8,<3.9", True), (">=3.8", False)],
)
def test_runtimes_may_be_stated_as_python_does(stated: str, is_flagged: bool) -> None:
    found = flags(replace(RUNS, runtime={"python": stated}), ends={"python": {"3.8": "2024-10-07"}})
    assert bool(found) is is_flagged


def test_names_of_releases_that_are_no_versions_count_by_their_text() -> None:
    table = {"lambda": {"nodejs16.x": "2024-06-12"}}
    assert flags(replace(RUNS, runtime={"lambda": "nodejs16.x"}), ends=table)


def test_policy_says_how_early_and_what_ends() -> None:
    eleven = replace(RUNS, runtime={"java": "11"})
    assert flags(eleven, warn_days=0) == []
    assert flags(RUNS, ends={}) == []
    assert flags(RUNS, effect="keep") == []


def test_one_finding_a_module_counts_each_version_that_runs() -> None:
    older = replace(RUNS, version_id=69, version="4.1.0", rank=-1, runtime={"java": "9"})
    fine = replace(RUNS, version_id=71, version="4.3.0", rank=1, runtime={"java": ">=17"})
    (flag,) = flags(RUNS, older, fine)
    assert flag.reason == (
        "java 8 ended on 1 Jan 2026; 6 live deployments run on what has to be left."
    )
    assert flag.evidence["named"] == ["4.1.0: java 9", "4.2.0: java 8"]
    assert flag.since.isoformat() == "2026-01-01T23:59:59.999999+00:00"


@pytest.mark.parametrize(
    "ends", [[], {"java": "8"}, {"java": {"8": "soon"}}, {"java": {"8": None}}, {"java": {"8": 8}}]
)
def test_table_with_what_is_no_day_is_refused(ends: Any) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_settings(RuntimeSettings, {"ends": ends})
    assert set(refused.value.faults) == {"ends"}


def test_table_that_ships_is_one_that_would_be_taken() -> None:
    shipped = RuntimeSettings()
    assert read_settings(RuntimeSettings, {"ends": shipped.ends}) == shipped
