"""Rule unused-version: old versions beyond the newest of their line, one finding a module."""

from dataclasses import replace
from typing import Any

import pytest

from lifecycle.rules.base import Flag
from lifecycle.rules.facts import Facts, VersionFacts
from lifecycle.rules.unused_version import NAME, flag_unused_versions
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies

OLD = VersionFacts(
    module_id=7,
    ecosystem="platform",
    module="auth",
    owner_id=3,
    version_id=1,
    version="1.0.0",
    line="1.x",
    rank=0,
    newer_in_line=5,
    published_at=ago(days=300),
    is_newest=False,
    is_in_use=False,
    wanted_by=0,
    last_used_at=None,
    vouched_since=ago(days=300),
)


def flags(*versions: VersionFacts, **settings: Any) -> list[Flag]:
    return list(flag_unused_versions(Facts(NOW, versions=versions), policies(NAME, **settings)))


@pytest.mark.parametrize(
    ("changes", "is_flagged"),
    [
        ({}, True),
        ({"newer_in_line": 4}, False),
        ({"is_newest": True}, False),
        ({"is_in_use": True}, False),
        ({"wanted_by": 1}, False),
        ({"is_covered": True}, False),
        ({"vouched_since": None}, False),
        ({"vouched_since": ago(days=89)}, False),
        ({"published_at": ago(days=89)}, False),
        ({"published_at": None}, True),
        ({"last_used_at": ago(days=89)}, False),
        ({"last_used_at": ago(days=90)}, True),
    ],
)
def test_version_goes_only_when_old_unused_unwanted_and_vouched_for(
    changes: dict[str, Any], is_flagged: bool
) -> None:
    assert bool(flags(replace(OLD, **changes))) is is_flagged


def test_policy_sets_how_many_stay_and_how_long_they_wait() -> None:
    assert flags(replace(OLD, newer_in_line=1), keep_newest=1)
    assert not flags(OLD, keep_newest=6)
    assert not flags(OLD, unused_for_days=301)
    assert not flags(OLD, effect="keep")


def test_one_finding_a_module_lists_its_versions_oldest_first() -> None:
    second = replace(OLD, version_id=2, version="1.1.0", rank=1, last_used_at=ago(days=100))
    other = replace(OLD, module_id=8, module="json", version_id=9)
    first_flag, other_flag = flags(second, OLD, other)
    assert (first_flag.subject, other_flag.subject) == ("module:7:versions", "module:8:versions")
    assert (first_flag.version_ids, first_flag.size) == ((1, 2), 2)
    assert first_flag.evidence["named"] == ["1.0.0", "1.1.0"]
    assert first_flag.evidence["version_ids"] == [1, 2]
    assert first_flag.since == ago(days=100)  # since then all of them are unused
    assert first_flag.label == "auth: 2 old versions"
