"""Rule idle-deployment: what is not used though somebody would say if it were."""

from dataclasses import replace
from typing import Any

import pytest

from lifecycle.rules.base import Flag
from lifecycle.rules.facts import DeploymentFacts, Facts
from lifecycle.rules.idle_deployment import NAME, flag_idle_deployments
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies
from tests.unit.lifecycle.running import RUNNING

IDLE = replace(RUNNING, started_at=ago(days=90), usage_since=ago(days=200))


def flags(*running: DeploymentFacts, **settings: Any) -> list[Flag]:
    return list(flag_idle_deployments(Facts(NOW, deployments=running), policies(NAME, **settings)))


@pytest.mark.parametrize(
    ("changes", "since_days"),
    [
        ({}, 90),  # never used since it started
        ({"last_used_at": ago(days=40)}, 40),
        ({"last_used_at": ago(days=30)}, 30),
        ({"last_used_at": ago(days=29.9)}, None),
        ({"started_at": ago(days=29.9)}, None),
        ({"usage_since": None}, None),  # unknown is not unused
        ({"usage_since": None, "last_used_at": ago(days=90)}, None),
        ({"usage_since": ago(days=10)}, None),  # its use is reported only since then
        ({"usage_since": ago(days=35)}, 35),
    ],
)
def test_deployment_is_idle_from_its_last_use_or_the_day_use_began_to_be_reported(
    changes: dict[str, Any], since_days: float | None
) -> None:
    found = flags(replace(IDLE, **changes))
    expected = [] if since_days is None else [ago(days=since_days)]
    assert [flag.since for flag in found] == expected


def test_policy_sets_how_long_is_long() -> None:
    assert flags(replace(IDLE, last_used_at=ago(days=8)), idle_for_days=7)
    assert not flags(IDLE, idle_for_days=91)
    assert not flags(IDLE, effect="keep")
    assert not flags(IDLE, tier="preprod")


def test_flag_says_for_how_long_and_since_when_use_is_reported() -> None:
    (flag,) = flags(IDLE)
    assert flag.reason == "No use of it was reported for 90 days."
    assert flag.evidence["usage_reported_since"] == ago(days=200).isoformat()
    assert (flag.subject, flag.deployment_id, flag.owner_id) == ("deployment:5", 5, 3)
