"""Force and cancel: who may, what it takes, what it overrules and what it never does."""

import pytest

from lifecycle.exceptions import BadForce, Blocked, NotInState, PermissionDenied, UnknownThing
from lifecycle.models import AuditEntry, Finding, Notice, Sunset
from lifecycle.permissions import Actor
from lifecycle.services.notices import deliver_due
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.sunsets import (
    Force,
    announce_sunset,
    cancel_sunset,
    execute_sunset,
    restore_sunset,
)
from lifecycle.services.sweep import sweep
from lineage.models import Module
from tests.factories.lifecycle import (
    DAY,
    NOW,
    ago,
    deployment,
    execute,
    member,
    operator,
    sunset_versions,
    take_in,
    version,
)
from tests.factories.sunsets import (
    admin,
    announce,
    asked_platform,
    drive,
    item_states,
    state_of,
    under_terms,
)

pytestmark = pytest.mark.django_db
USE = (
    version("old-job", "1.0.0", "auth@^1", owner="jobs"),
    deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
)


def force(sunset: Sunset, actor: Actor | None = None, **how: str) -> Sunset:
    stated = {"reason": "CVE, it must go", "typed_name": sunset.title} | how
    return execute_sunset(
        sunset.pk, actor=actor or admin(), reason="", now=NOW + DAY, force=Force(**stated)
    )


def blocked_sunset() -> Sunset:
    """Of auth 1.x, which somebody began to use in its grace."""
    asked_platform()
    sunset = announce("auth 1.x", grace=DAY)
    drive(NOW)
    take_in(*USE)
    drive(NOW + DAY)
    assert state_of(sunset) == "blocked"
    return Sunset.objects.get()


def test_force_takes_what_is_in_use_visibly() -> None:
    sunset = blocked_sunset()
    done = force(sunset)
    assert (done.state, done.is_forced, done.force_reason) == ("done", True, "CVE, it must go")
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    entry = AuditEntry.objects.get(action="force")
    assert (entry.actor, entry.reason) == ("ada", "CVE, it must go")
    assert entry.evidence["blockers"][0]["name"] == "old-job/prod"
    went = AuditEntry.objects.get(action="sunset")
    assert (went.reason, went.evidence["forced"]) == ("CVE, it must go", True)


def test_force_works_though_the_finding_closed_because_of_the_use() -> None:
    sunset = blocked_sunset()
    sweep(NOW + DAY)
    assert not Finding.objects.filter(line="1.x", module__name="auth", closed_at=None).exists()
    assert force(sunset).state == "done"


@pytest.mark.parametrize(
    ("how", "words"),
    [({"reason": " "}, "say why"), ({"typed_name": "auth 2.x"}, "type its name, auth 1.x")],
)
def test_force_needs_a_reason_and_the_name(how: dict[str, str], words: str) -> None:
    sunset = blocked_sunset()
    with pytest.raises(BadForce, match=words):
        force(sunset, **how)
    assert sunset_versions() == []
    assert not Sunset.objects.get().is_forced


@pytest.mark.parametrize("who", ["owner", "operator without admin", "outsider"])
def test_force_needs_an_operator_with_the_scope(who: str) -> None:
    sunset = blocked_sunset()
    actor = {
        "owner": member("ana", "identity"),
        "operator without admin": operator(),
        "outsider": member("mallory", "tv"),
    }[who]
    with pytest.raises(PermissionDenied):
        force(sunset, actor)
    assert sunset_versions() == []
    assert not AuditEntry.objects.filter(action="force").exists()


def test_force_skips_grace_and_never_the_notice() -> None:
    asked_platform()
    sunset = announce("auth 1.x", grace=9 * DAY)
    assert force(sunset).state == "done"  # the finding's own notice was delivered
    take_in(version("jwt", "1.0.0", owner="keys"), version("jwt", "2.0.0", owner="keys"))
    sweep(NOW + DAY)
    other = announce("jwt 1.x", grace=9 * DAY, now=NOW + DAY)
    waiting = force(other)
    assert (waiting.state, waiting.is_forced) == ("announced", True)
    assert "jwt 1.0.0" not in sunset_versions()
    deliver_due(NOW + DAY)
    drive(NOW + 2 * DAY)
    assert state_of(other) == "done"


def test_line_in_use_is_forced_from_its_plan_once_its_owner_was_told() -> None:
    asked_platform()
    take_in(*USE)
    sweep(NOW)
    request = PlanRequest(module_id=Module.objects.get(name="auth").pk, line="1.x")
    plan = plan_for(request, now=NOW)
    assert {"live_deployment", "not_flagged"} <= {b.kind for b in plan.blockers}
    sunset = announce_sunset(
        request, hash=plan.hash, actor=admin(), reason="", now=NOW,
        force=Force("CVE", plan.title),
    )  # fmt: skip
    assert (sunset.state, sunset_versions()) == ("announced", [])
    told = Notice.objects.get(kind="announced", team__name="identity")
    assert len(told.items) == 2
    drive(NOW + DAY)
    assert state_of(sunset) == "done"
    assert AuditEntry.objects.get(action="force").evidence["blockers"]


def test_force_does_not_overrule_an_exemption_nor_what_is_extended() -> None:
    asked_platform()
    sunset = announce("tv-home/preview", grace=DAY)
    drive(NOW)
    take_in(deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P3650D"))
    drive(NOW + DAY)
    assert force(sunset).state == "blocked"
    assert item_states(sunset) == {"tv-home/preview": "planned"}


@pytest.mark.parametrize("days", [0, 1])
def test_cancel_lets_everything_stay_and_tells_the_owners(days: int) -> None:
    asked_platform()
    sunset = announce("auth 1.x", "tv-home/preview")
    if days:
        drive(NOW)
    done = cancel_sunset(sunset.pk, actor=operator(), reason="still wanted", now=NOW + DAY)
    assert (done.state, done.cancelled_by, done.cancelled_at) == ("cancelled", "olga", NOW + DAY)
    assert set(item_states(sunset).values()) == {"cancelled"}
    drive(NOW + 9 * DAY)
    assert sunset_versions() == []
    assert Notice.objects.filter(kind="cancelled").count() == 2
    entry = AuditEntry.objects.get(action="cancel")
    assert (entry.actor, entry.reason, entry.after) == (
        "olga", "still wanted", {"state": "cancelled"},
    )  # fmt: skip
    again = announce("auth 1.x", now=NOW + 9 * DAY)
    assert again != sunset


def test_cancel_of_one_that_executes_keeps_what_went_restorable() -> None:
    asked_platform()
    with under_terms(batch_size=1, daily_cap=1):
        sunset = execute("auth 1.x", "tv-home/preview")
    assert sunset.state == "executing"
    done = cancel_sunset(sunset.pk, actor=operator(), reason="enough", now=NOW)
    assert done.state == "done"
    assert sorted(item_states(sunset).values()) == ["cancelled", "cancelled", "done"]
    assert restore_sunset(sunset.pk, actor=operator(), reason="", now=NOW).state == "restored"


def test_blocked_sunset_can_be_cancelled_and_not_gone_on_with() -> None:
    sunset = blocked_sunset()
    with pytest.raises(Blocked, match="old-job/prod"):
        execute_sunset(sunset.pk, actor=operator(), reason="", now=NOW + DAY)
    assert cancel_sunset(sunset.pk, actor=operator(), reason="", now=NOW).state == "cancelled"


def test_what_is_over_can_be_neither_cancelled_nor_executed() -> None:
    asked_platform()
    sunset = execute("auth 1.x")
    with pytest.raises(NotInState, match="cannot be cancelled: it is done"):
        cancel_sunset(sunset.pk, actor=operator(), reason="", now=NOW)
    restore_sunset(sunset.pk, actor=operator(), reason="", now=NOW + DAY)
    with pytest.raises(NotInState, match="cannot be executed: it is restored"):
        execute_sunset(sunset.pk, actor=operator(), reason="", now=NOW + DAY)
    for act in (cancel_sunset, execute_sunset):
        with pytest.raises(UnknownThing):
            act(987654, actor=operator(), reason="", now=NOW)


@pytest.mark.parametrize("act", [cancel_sunset, execute_sunset])
def test_outsider_can_neither_cancel_nor_let_go_on(act: object) -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    deliver_due(NOW)
    for actor in (member("mallory", "tv"), member("ana", "identity", scopes=("read",)), Actor("")):
        with pytest.raises(PermissionDenied):
            act(sunset.pk, actor=actor, reason="", now=NOW + 9 * DAY)
    assert state_of(sunset) == "announced"
    assert act(sunset.pk, actor=member("ana", "identity"), reason="", now=NOW + 9 * DAY)
