"""Rule expired-deployment: what runs past its expiry, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.rules.base import Flag
from lifecycle.rules.expired_deployment import NAME, flag_expired_deployments
from lifecycle.rules.facts import DeploymentFacts, Facts
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies
from tests.unit.lifecycle.running import RUNNING

SECOND = timedelta(seconds=1)
EXPIRED = replace(RUNNING, expires_at=ago(days=3))


def flags_of(*running: DeploymentFacts) -> list[Flag]:
    return list(flag_expired_deployments(Facts(NOW, deployments=running), policies(NAME)))


def flags(**changes: object) -> list[str]:
    return [flag.subject for flag in flags_of(replace(EXPIRED, **changes))]


@pytest.mark.parametrize(
    ("expires_at", "is_flagged"),
    [(None, False), (NOW + SECOND, False), (NOW, True), (NOW - SECOND, True)],
)
def test_deployment_is_flagged_from_the_very_instant_of_its_expiry(
    expires_at: datetime | None, is_flagged: bool
) -> None:
    assert flags(expires_at=expires_at) == (["deployment:5"] if is_flagged else [])


def test_flag_carries_since_when_owner_and_evidence() -> None:
    (flag,) = flags_of(EXPIRED)
    assert (flag.rule, flag.since, flag.owner_id) == (NAME, ago(days=3), 3)
    assert (flag.module_id, flag.deployment_id, flag.line) == (7, 5, "")
    assert flag.evidence == {
        "label": "tv-home/prod",
        "module": "tv-home",
        "version": "4.2.0",
        "environment": "prod",
        "tier": "prod",
        "region": "",
        "started_at": ago(days=20).isoformat(),
        "expires_at": ago(days=3).isoformat(),
        "last_used_at": None,
        "used_after_expiry": False,
    }


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(0), "less than a day"),
        (timedelta(hours=23), "less than a day"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=1_200), "1,200 days"),
    ],
)
def test_reason_says_how_late_it_is(late: timedelta, words: str) -> None:
    (flag,) = flags_of(replace(EXPIRED, expires_at=NOW - late))
    assert flag.reason == f"Its TTL ran out {words} ago and it still runs."


@pytest.mark.parametrize(
    ("used", "is_after"),
    [(None, False), (ago(days=4), False), (ago(days=3), False), (ago(days=2), True)],
)
def test_use_after_expiry_is_told(used: datetime | None, is_after: bool) -> None:
    (flag,) = flags_of(replace(EXPIRED, last_used_at=used))
    assert flag.evidence["used_after_expiry"] is is_after
    assert flag.reason.endswith("It was used after that.") is is_after


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=12))
def test_flags_are_exactly_the_expired_ones_in_the_order_given(offsets: list[int | None]) -> None:
    running = [
        replace(EXPIRED, id=pk, expires_at=None if days is None else NOW + timedelta(days=days))
        for pk, days in enumerate(offsets)
    ]
    found = [flag.deployment_id for flag in flags_of(*running)]
    assert found == [pk for pk, days in enumerate(offsets) if days is not None and days <= 0]
