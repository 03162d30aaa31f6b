"""Rule dying-in-use: deprecations of which something live still uses a version."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lifecycle.rules.base import Flag
from lifecycle.rules.dying_in_use import NAME, flag_dying_in_use
from lifecycle.rules.facts import DeprecationFacts, Facts
from tests.unit.lifecycle.line_facts import NOW, ago
from tests.unit.lifecycle.rule_policies import policies

DYING = DeprecationFacts(
    id=4,
    ecosystem="platform",
    module_id=7,
    module="auth",
    owner_id=3,
    range="1.x",
    since=ago(days=10),
    dies_at=NOW + timedelta(days=20),
    message="CVE in token parsing",
    replacement="^2.3",
    versions=("1.0.0",),
    live_prod=2,
    live_preprod=1,
)


def flags(*facts: DeprecationFacts, **settings: Any) -> list[Flag]:
    return list(flag_dying_in_use(Facts(NOW, deprecations=facts), policies(NAME, **settings)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "It dies on 21 Jun 2026; still in use by 3 live deployments."),
        ({"dies_at": None},
         "It is deprecated without a date; still in use by 3 live deployments."),
        ({"dies_at": ago(days=1)},
         "It was to die on 31 May 2026; still in use by 3 live deployments."),
        ({"versions": ("1.0.0", "1.1.0")},
         "It dies on 21 Jun 2026; still in use by at least 3 live deployments."),
        ({"live_prod": 0}, "It dies on 21 Jun 2026; still in use by 1 live deployment."),
    ],
)  # fmt: skip
def test_reason_says_when_it_dies_and_how_much_uses_it(
    changes: dict[str, Any], reason: str
) -> None:
    (flag,) = flags(replace(DYING, **changes))
    assert flag.reason == reason


def test_deprecation_without_users_and_one_to_come_are_not_flagged() -> None:
    assert flags(replace(DYING, versions=())) == []
    assert flags(replace(DYING, since=NOW + timedelta(seconds=1))) == []
    assert flags(DYING, deprecated_for_days=11) == []
    assert flags(DYING, effect="keep") == []


def test_flag_goes_to_the_provider_with_the_evidence_and_takes_nothing() -> None:
    (flag,) = flags(DYING)
    assert (flag.subject, flag.owner_id, flag.since) == ("module:7:deprecation:4", 3, ago(days=10))
    assert flag.evidence["replacement"] == "^2.3"
    assert (flag.version_ids, flag.deployment_id) == ((), None)
