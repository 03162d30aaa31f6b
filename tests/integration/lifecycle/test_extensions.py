"""Extending a TTL: by whom, how far, what it leaves behind, and that it lasts."""

from datetime import datetime
from typing import Any

import pytest

from lifecycle.exceptions import CannotExtend, PermissionDenied
from lifecycle.models import AuditEntry, Finding, Notice, Policy
from lifecycle.permissions import Actor
from lifecycle.services.extensions import Extensions, extend_deployments
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import announce_sunset, drive_sunsets
from lineage.models import Deployment
from lineage.services.epoch import current_epoch
from tests.factories.lifecycle import (
    DAY,
    NOW,
    ago,
    deployment,
    execute,
    flagged_platform,
    member,
    open_subjects,
    operator,
    plan_of,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
KEY = "tv-home/preview"
PROD = deployment("tv-home/prod", "tv-home", "1.0.0", ttl="P7D")


@pytest.fixture(autouse=True)
def _flagged(db: None) -> None:
    """KEY expired 20 days ago: half of what it may be extended has passed."""
    flagged_platform()
    preview(started_at=ago(27))
    sweep_and_tell()


def preview(**stated: Any) -> None:
    take_in(deployment(KEY, "tv-home", "1.0.0", **{"ttl": "P7D", "started_at": ago(27), **stated}))


def extend(
    *keys: str, actor: Actor | None = None, now: datetime = NOW, days: int | None = None
) -> Extensions:
    actor = actor or member("tom", "tv")
    return extend_deployments(keys, actor=actor, reason="a demo", now=now, days=days)


def live(key: str = KEY) -> Deployment:
    return Deployment.objects.live().get(key=key)


def test_an_owner_extends_what_expired_in_preproduction() -> None:
    assert KEY in open_subjects()
    (one,) = extend(KEY).extended
    assert (one.before, one.expires_at) == (NOW - 20 * DAY, NOW + 7 * DAY)
    assert live().expires_at == NOW + 7 * DAY
    assert KEY not in open_subjects()  # at once
    sweep_and_tell()
    assert KEY not in open_subjects()
    sweep_and_tell(NOW + 8 * DAY)
    assert KEY in open_subjects()


def test_it_is_audited_and_the_owner_is_told() -> None:
    extend(KEY)
    entry = AuditEntry.objects.get(action="extend")
    assert (entry.actor, entry.subject, entry.reason, entry.at) == ("tom", KEY, "a demo", NOW)
    assert entry.before == {"expires_at": (NOW - 20 * DAY).isoformat()}
    assert entry.after == {"expires_at": (NOW + 7 * DAY).isoformat()}
    notice = Notice.objects.get(kind="extended")
    assert (notice.team.name if notice.team else "", notice.title) == (
        "tv",
        f"{KEY} runs until 8 Sep 2024",
    )
    assert "tom" in notice.body
    assert deliver_due(NOW) == 1


def test_it_survives_ingest_again_and_every_derivation() -> None:
    extend(KEY)
    preview()
    preview(deployed_by="ana", metadata={"x": 1})
    preview(ttl="P8D")  # another TTL moves the original expiry alone
    take_in(version("tv-home", "1.0.0", "auth@^2", owner="tv", kind="script", ttl="P1D"))
    take_in({"type": "usage", "deployment": KEY, "last_used_at": ago(1), "requests": 5})
    assert live().expires_at == NOW + 7 * DAY
    preview(ttl="P90D")
    assert live().expires_at == NOW + 63 * DAY  # whichever is later


def test_it_holds_for_this_run_of_the_key_alone() -> None:
    extend(KEY)
    preview(started_at=ago(1), ttl="P1D")
    assert live().expires_at == NOW
    assert Deployment.objects.get(key=KEY, ended_at=NOW - DAY).extended_until == NOW + 7 * DAY


def test_thirty_days_beyond_its_original_expiry_it_is_over() -> None:
    extend(KEY)
    (one,) = extend(KEY, now=NOW + 6 * DAY).extended
    assert one.expires_at == NOW + 10 * DAY  # the original expiry was 20 days ago
    with pytest.raises(CannotExtend, match="has run as long as it may"):
        extend(KEY, actor=operator(), now=NOW + 7 * DAY)


def test_in_production_operators_extend_and_owners_do_not() -> None:
    take_in({**PROD, "started_at": ago(10)})
    with pytest.raises(CannotExtend, match="operators can"):
        extend("tv-home/prod")
    assert extend("tv-home/prod", actor=operator()).extended[0].expires_at == NOW + 7 * DAY


@pytest.mark.parametrize(
    "actor",
    [
        Actor("zoe", team_ids=frozenset({999}), scopes=frozenset({"lifecycle"})),
        Actor(""),
        Actor("olga", is_operator=True, scopes=frozenset({"read"})),
    ],
    ids=["outsider", "anonymous", "a token that only reads"],
)
def test_others_extend_nothing(actor: Actor) -> None:
    with pytest.raises(PermissionDenied):
        extend(KEY, actor=actor)
    assert live().extended_until is None
    assert not AuditEntry.objects.filter(action="extend").exists()


def test_a_colleague_of_the_owning_team_may() -> None:
    assert extend(KEY, actor=member("tina", "tv")).extended


def test_many_are_extended_in_one_go_and_what_cannot_be_is_named() -> None:
    keys = [f"tv-home/p{n}" for n in range(40)]
    take_in(*(deployment(k, "tv-home", "1.0.0", ttl="P7D", started_at=ago(9)) for k in keys))
    take_in(deployment("tv-home/free", "tv-home", "1.0.0"))
    take_in({**PROD, "started_at": ago(10)})
    sweep_and_tell()
    epoch = current_epoch().number
    result = extend(*keys, KEY, "tv-home/free", "tv-home/prod", "nowhere/prod")
    assert [one.key for one in result.extended] == sorted([*keys, KEY])
    assert {one.key: one.reason for one in result.refused} == {
        "nowhere/prod": "is not running",
        "tv-home/free": "has no TTL to extend",
        "tv-home/prod": "cannot be extended under its policy, but operators can",
    }
    assert current_epoch().number == epoch + 1
    assert AuditEntry.objects.filter(action="extend").count() == 41
    assert Notice.objects.filter(kind="extended").count() == 1
    assert not Finding.objects.filter(closed_at=None, deployment__key__in=keys).exists()


def test_one_that_is_not_ones_own_stops_all_of_them() -> None:
    take_in(version("radio", "1.0.0", owner="radio"))
    take_in(deployment("radio/test", "radio", "1.0.0", ttl="P7D", started_at=ago(9)))
    with pytest.raises(PermissionDenied, match="radio/test"):
        extend(KEY, "radio/test")
    assert live().extended_until is None


def test_what_has_ended_is_not_extended() -> None:
    execute(KEY)
    with pytest.raises(CannotExtend, match="is not running"):
        extend(KEY)


def test_a_policy_says_how_far() -> None:
    Policy.objects.create(
        name="Demos", rule="expired-deployment", module_pattern="tv-*",
        settings={"extend_owner_days": 2, "extend_most_days": 22}, created_by="olga",
        created_at=NOW, updated_by="olga", updated_at=NOW,
    )  # fmt: skip
    assert extend(KEY).extended[0].expires_at == NOW + 2 * DAY
    with pytest.raises(CannotExtend, match="22 days beyond"):
        extend(KEY, now=NOW + DAY)


def test_an_announced_sunset_drops_what_was_extended() -> None:
    plan = plan_of(KEY)
    sunset = announce_sunset(
        plan.request, hash=plan.hash, actor=operator(), reason="tidy", now=NOW, grace=3 * DAY
    )
    deliver_due(NOW)
    extend(KEY, now=NOW + DAY)
    for days in (1, 4, 5):
        sweep_and_tell(NOW + days * DAY)
        drive_sunsets(NOW + days * DAY)
    assert live().ended_at is None
    sunset.refresh_from_db()
    assert sunset.state != "done"


def test_fewer_days_can_be_asked_for() -> None:
    assert extend(KEY, days=1).extended[0].expires_at == NOW + DAY
    with pytest.raises(CannotExtend, match="at most 7 days"):
        extend(KEY, days=30)
