"""Rule zombie-deployment: what runs although its version is sunset."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lifecycle.rules.facts import Facts
from lifecycle.rules.zombie_deployment import NAME, flag_zombie_deployments
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies
from tests.unit.lifecycle.running import RUNNING


@pytest.mark.parametrize(
    ("sunset_at", "started_days", "since"),
    [
        (None, 20, None),
        (NOW + timedelta(seconds=1), 20, None),
        (NOW, 20, NOW),
        (ago(days=3), 20, ago(days=3)),
        (ago(days=40), 20, ago(days=20)),  # deployed after it was sunset
    ],
)
def test_deployment_is_a_zombie_from_when_it_ran_and_its_version_was_gone(
    sunset_at: datetime | None, started_days: int, since: datetime | None
) -> None:
    running = replace(RUNNING, sunset_at=sunset_at, started_at=ago(days=started_days))
    found = list(flag_zombie_deployments(Facts(NOW, deployments=[running]), policies(NAME)))
    assert [flag.since for flag in found] == ([] if since is None else [since])
    for flag in found:
        assert flag.evidence["sunset_at"] == sunset_at.isoformat()  # type: ignore[union-attr]
        assert flag.deployment_id == 5
