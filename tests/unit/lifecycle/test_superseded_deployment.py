"""Rule superseded-deployment: what runs beside a newer version in one place for long enough."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.rules.base import Flag
from lifecycle.rules.facts import DeploymentFacts, Facts
from lifecycle.rules.superseded_deployment import NAME, flag_superseded_deployments
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies
from tests.unit.lifecycle.running import RUNNING

OLD = replace(RUNNING, id=1, key="old", rank=1, version="1.0.0", started_at=ago(days=60))
NEW = replace(RUNNING, id=2, key="new", rank=2, version="2.0.0", started_at=ago(days=10))


def flags(*running: DeploymentFacts, **settings: Any) -> list[Flag]:
    known = Facts(NOW, deployments=running)
    return list(flag_superseded_deployments(known, policies(NAME, **settings)))


@pytest.mark.parametrize(
    ("other", "is_flagged"),
    [
        ({}, True),
        ({"rank": 1}, False),  # the same version twice
        ({"rank": 0}, False),  # the other is the older one
        ({"started_at": ago(days=6.9)}, False),
        ({"started_at": ago(days=7)}, True),
        ({"environment": "test"}, False),
        ({"region": "eu-west-1"}, False),
        ({"module_id": 8}, False),
    ],
)
def test_old_deployment_is_superseded_by_a_newer_version_in_the_same_place(
    other: dict[str, Any], is_flagged: bool
) -> None:
    found = [flag.label for flag in flags(OLD, replace(NEW, **other))]
    assert ("old" in found) is is_flagged


def test_time_counts_from_when_both_ran() -> None:
    redeployed = replace(OLD, started_at=ago(days=5))
    assert flags(redeployed, NEW) == []
    (flag,) = flags(redeployed, NEW, superseded_for_days=5)
    assert flag.since == ago(days=5)


def test_flag_names_the_newer_one_that_started_first() -> None:
    newest = replace(NEW, id=3, key="newest", rank=3, version="3.0.0", started_at=ago(days=8))
    middle, oldest = flags(OLD, newest, NEW)
    assert (middle.label, middle.evidence["newer"]) == ("new", "3.0.0")
    assert (oldest.label, oldest.evidence["newer_deployment"]) == ("old", "new")
    assert oldest.reason == "2.0.0 has run in the same place for 10 days, as new."


def test_newest_is_never_superseded_whatever_the_policy() -> None:
    assert [flag.label for flag in flags(OLD, NEW, superseded_for_days=0)] == ["old"]
    assert flags(NEW, superseded_for_days=0) == []


places = st.tuples(st.integers(0, 3), st.integers(0, 20), st.sampled_from(["", "eu"]))


@given(st.lists(places, max_size=8), st.integers(0, 12))
def test_flags_are_those_with_a_newer_one_beside_them_for_long_enough(
    drawn: list[tuple[int, int, str]], days: int
) -> None:
    running = [
        replace(RUNNING, id=pk, key=str(pk), rank=rank, region=region, started_at=ago(days=age))
        for pk, (rank, age, region) in enumerate(drawn)
    ]
    found = {flag.deployment_id for flag in flags(*running, superseded_for_days=days)}
    expected = {
        one.id
        for one in running
        for other in running
        if other.region == one.region
        and other.rank > one.rank
        and max(one.started_at, other.started_at) <= ago(days=days)
    }
    assert found == expected
