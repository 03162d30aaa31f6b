"""Rule far-behind: consumers that run on dependencies long overtaken."""

from dataclasses import replace
from typing import Any

import pytest

from lifecycle.rules.base import Flag
from lifecycle.rules.facts import Facts, LagFacts
from lifecycle.rules.far_behind import NAME, flag_far_behind
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies

LAG = LagFacts(
    ecosystem="platform",
    module_id=7,
    module="tv-home",
    owner_id=3,
    version="4.2.0",
    dependency_id=8,
    dependency="auth",
    current="1.4.0",
    newest="3.1.0",
    majors=2,
    days=400,
    newest_published_at=ago(days=30),
)


def flags(*lags: LagFacts, **settings: Any) -> list[Flag]:
    return list(flag_far_behind(Facts(NOW, lags=lags), policies(NAME, **settings)))


@pytest.mark.parametrize(
    ("changes", "settings", "is_flagged"),
    [
        ({}, {}, True),
        ({"majors": 1}, {}, False),
        ({"majors": 1, "days": 730}, {}, True),
        ({"majors": 1, "days": 729}, {}, False),
        ({"majors": 0, "days": None}, {}, False),
        ({}, {"majors_behind": 3}, False),
        ({}, {"majors_behind": 0}, False),
        ({}, {"majors_behind": 0, "days_behind": 400}, True),
        ({}, {"majors_behind": 0, "days_behind": 0}, False),
        ({}, {"effect": "keep"}, False),
    ],
)
def test_consumer_is_far_behind_by_majors_or_by_days(
    changes: dict[str, Any], settings: dict[str, Any], is_flagged: bool
) -> None:
    assert bool(flags(replace(LAG, **changes), **settings)) is is_flagged


def test_one_finding_a_consumer_names_the_worst_first() -> None:
    worse = replace(LAG, dependency_id=9, dependency="json", current="1.0.0", majors=3)
    near = replace(LAG, dependency_id=10, dependency="yaml", majors=0, days=3)
    (flag,) = flags(LAG, worse, near)
    assert flag.reason == (
        "It runs on json 1.0.0, 3 major lines behind 3.1.0, and 1 more dependency is far behind."
    )
    assert (flag.subject, flag.size, flag.since) == ("module:7:behind", 2, ago(days=30))
    assert flag.evidence["named"] == [
        "4.2.0: json 1.0.0 → 3.1.0", "4.2.0: auth 1.4.0 → 3.1.0",
    ]  # fmt: skip


def test_reason_counts_days_where_no_major_line_lies_between() -> None:
    (flag,) = flags(replace(LAG, majors=0, days=800))
    assert flag.reason == "It runs on auth 1.4.0, 800 days behind 3.1.0."
