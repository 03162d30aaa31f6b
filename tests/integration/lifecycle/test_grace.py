"""From announced over grace to done: told first, given time, then gone; or kept back by name."""

from datetime import timedelta

import pytest

from lifecycle.exceptions import BadGrace, Blocked, PlanChanged, Waiting
from lifecycle.models import AuditEntry, Finding, Notice, Sunset
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import announce_sunset, drive_sunsets, execute_sunset
from lifecycle.services.sweep import sweep
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    ago,
    deployment,
    execute,
    finding,
    operator,
    plan_of,
    sunset_versions,
    sweep_and_tell,
    take_in,
    version,
)
from tests.factories.sunsets import (
    announce,
    asked_platform,
    drive,
    item_states,
    state_of,
    under_terms,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
USE = (
    version("old-job", "1.0.0", "auth@^1", owner="jobs"),
    deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
)


def test_announcement_tells_the_owners_which_items_and_takes_nothing() -> None:
    asked_platform()
    sunset = announce("auth 1.x", "tv-home/preview")
    assert sunset.state == "announced"
    assert sunset_versions() == []
    told = Notice.objects.filter(kind=Notice.Kind.ANNOUNCED, sunset=sunset)
    listed = {n.team.name: sorted(item["label"] for item in n.items) for n in told}
    assert listed == {"identity": ["auth 1.0.0", "auth 1.1.0"], "tv": ["tv-home/preview"]}
    assert "3 days" in told[0].body
    entry = AuditEntry.objects.get(action="announce")
    assert (entry.actor, entry.evidence["grace_days"]) == ("olga", 3)
    assert entry.evidence["items"] == ["tv-home/preview", "auth 1.0.0", "auth 1.1.0"]


def test_grace_runs_from_the_delivery_and_ends_in_the_sunset() -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    drive_sunsets(NOW + DAY)
    assert state_of(sunset) == "announced"  # nobody delivered it yet
    deliver_due(NOW + 2 * DAY)
    drive_sunsets(NOW + 2 * DAY + MINUTE)
    assert state_of(sunset) == "grace"
    assert Sunset.objects.get().grace_until == NOW + 5 * DAY
    drive_sunsets(NOW + 5 * DAY - MINUTE)
    assert sunset_versions() == []
    drive_sunsets(NOW + 5 * DAY)
    done = Sunset.objects.get()
    assert (done.state, done.executed_at) == ("done", NOW + 5 * DAY)
    assert done.restorable_until == NOW + 35 * DAY
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    closed = Finding.objects.get(line="1.x", module__name="auth")
    assert closed.close_reason == Finding.CloseReason.SUNSET
    steps = AuditEntry.objects.order_by("id").values_list("action", "actor")
    assert list(steps) == [("announce", "olga"), ("grace", "sundial"), ("sunset", "sundial")]


def test_driver_run_again_does_nothing_more() -> None:
    asked_platform()
    announce("auth 1.x")
    for days in (0, 4, 4, 5):
        drive(NOW + days * DAY)
    before = list(AuditEntry.objects.values()), list(Notice.objects.values())
    drive_sunsets(NOW + 5 * DAY)
    assert before == (list(AuditEntry.objects.values()), list(Notice.objects.values()))


def test_grace_is_at_least_the_policys() -> None:
    asked_platform()
    with under_terms(grace=5 * DAY):
        with pytest.raises(BadGrace, match="at least 5 days"):
            announce("auth 1.x", grace=4 * DAY)
        assert not Sunset.objects.exists()
        sunset = announce("auth 1.x", grace=None)
    drive(NOW)
    assert Sunset.objects.get(pk=sunset.pk).grace_until is None or state_of(sunset) == "grace"


def test_plan_with_grace_is_confirmed_in_one_go_and_goes_later() -> None:
    asked_platform()
    with under_terms(grace=2 * DAY):
        sunset = execute("auth 1.x")
    assert sunset.state == "announced"
    drive(NOW)
    drive(NOW + 2 * DAY)
    assert state_of(sunset) == "done"


def test_unflagged_owner_notice_may_be_on_its_way_when_it_is_announced() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    sunset = announce("auth 1.x", grace=None)
    assert sunset.state == "announced"
    assert sunset_versions() == []
    drive(NOW + MINUTE)
    assert state_of(sunset) == "done"


def test_confirmation_sent_twice_is_the_same_sunset() -> None:
    asked_platform()
    plan = plan_of("auth 1.x")
    first = announce("auth 1.x")
    again = announce_sunset(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW)
    assert first == again
    assert Notice.objects.filter(kind=Notice.Kind.ANNOUNCED).count() == 1


def test_what_is_announced_already_cannot_be_announced_again() -> None:
    asked_platform()
    first = announce("auth 1.x")
    with pytest.raises(Blocked, match=f"part of sunset {first.pk} already"):
        announce("auth 1.x", "tv-home/preview")
    with pytest.raises(Blocked, match="already"):
        execute("auth 1.x")


def test_use_in_the_way_refuses_the_announcement_by_name() -> None:
    asked_platform()
    plan = plan_of("auth 1.x")
    take_in(*USE)
    with pytest.raises(Blocked, match="old-job/prod"):
        announce("auth 1.x")
    assert not Sunset.objects.exists()
    assert plan.hash


def test_use_that_began_in_grace_blocks_the_whole_and_names_who() -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    drive(NOW)
    take_in(*USE)
    drive(NOW + 3 * DAY)
    blocked = Sunset.objects.get()
    assert blocked.state == "blocked"
    assert [b["name"] for b in blocked.blockers] == ["old-job/prod", "old-job 1.0.0"]
    assert blocked.blockers[0]["owner"] == "jobs"
    assert item_states(sunset) == {"auth 1.0.0": "planned", "auth 1.1.0": "planned"}
    assert sunset_versions() == []
    entry = AuditEntry.objects.get(action="block")
    assert entry.evidence["blockers"][0]["name"] == "old-job/prod"


def test_use_of_a_part_drops_that_part_by_name_and_the_rest_goes() -> None:
    asked_platform()
    sunset = announce("auth 1.x", "tv-home/preview")
    drive(NOW)
    take_in(*USE)
    drive(NOW + 3 * DAY)
    assert state_of(sunset) == "done"
    assert item_states(sunset) == {
        "auth 1.0.0": "dropped", "auth 1.1.0": "dropped", "tv-home/preview": "done",
    }  # fmt: skip
    dropped = sunset.items.get(label="auth 1.1.0")
    assert dropped.blockers[0]["name"] == "old-job/prod"
    assert sunset_versions() == []
    entry = AuditEntry.objects.get(action="drop")
    assert entry.evidence["items"] == ["auth 1.0.0", "auth 1.1.0"]
    assert any("old-job/prod" in words for words in entry.evidence["blockers"])
    assert finding("auth 1.x").closed_at is None


def test_blocked_sunset_goes_on_when_the_blocker_leaves() -> None:
    take_in(*PLATFORM, version("tv-home", "2.0.0", "auth@^2", owner="tv", kind="script"))
    sweep_and_tell()
    sunset = announce("tv-home/preview")
    drive(NOW)
    Finding.objects.update(frozen_at=NOW, frozen_because="pipeline is quiet")
    drive(NOW + 3 * DAY)
    waiting = Sunset.objects.get(pk=sunset.pk)
    assert waiting.state == "executing"
    assert waiting.blockers[0]["kind"] == "frozen"
    assert item_states(sunset) == {"tv-home/preview": "planned"}
    Finding.objects.update(frozen_at=None)
    drive(NOW + 4 * DAY)
    assert state_of(sunset) == "done"


def test_extended_deployment_is_dropped_and_the_sunset_blocked() -> None:
    asked_platform()
    sunset = announce("tv-home/preview")
    drive(NOW)
    take_in(deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P3650D"))
    drive(NOW + 3 * DAY)
    assert state_of(sunset) == "blocked"
    assert Sunset.objects.get().blockers[0]["detail"] == "is no longer expired"


def test_new_version_on_the_line_is_not_taken_along() -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    drive(NOW)
    take_in(version("auth", "1.0.5", owner="identity"))
    drive(NOW + 3 * DAY)
    assert state_of(sunset) == "done"
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]


def test_new_owner_is_told_and_given_the_same_time() -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    drive(NOW)
    take_in(version("auth", "2.1.0", owner="platform"))
    drive(NOW + 3 * DAY)
    assert sunset_versions() == []
    assert Notice.objects.filter(kind="announced", team__name="platform").exists()
    drive(NOW + 3 * DAY + MINUTE)
    drive(NOW + 6 * DAY)
    assert sunset_versions() == []
    drive(NOW + 6 * DAY + 2 * MINUTE)
    assert state_of(sunset) == "done"


def test_ownerless_things_wait_the_longer_of_both_times() -> None:
    take_in(*PLATFORM, version("relic", "1.0.0"), version("relic", "2.0.0"))
    sweep_and_tell()
    sunset = announce("relic 1.x", grace=DAY)
    drive(NOW)
    drive(NOW + 7 * DAY - MINUTE)
    assert state_of(sunset) == "grace"
    drive(NOW + 7 * DAY)
    assert state_of(sunset) == "done"


def test_going_on_by_hand_is_refused_until_its_time_comes() -> None:
    asked_platform()
    sunset = announce("auth 1.x")

    def go_on(days: float) -> Sunset:
        return execute_sunset(sunset.pk, actor=operator(), reason="", now=NOW + days * DAY)

    with pytest.raises(Waiting, match="not delivered"):
        go_on(0)
    deliver_due(NOW)
    with pytest.raises(Waiting, match="its time comes 4 Sep 2024 12:00"):
        go_on(1)
    assert sunset_versions() == []
    assert go_on(3).state == "done"
    assert go_on(4).state == "done"


def test_hash_of_other_data_is_refused() -> None:
    asked_platform()
    plan = plan_of("auth 1.x")
    take_in(version("auth", "1.2.0", owner="identity"))
    with pytest.raises(PlanChanged):
        announce_sunset(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW)
    assert not Sunset.objects.exists()


def test_blocked_sunset_keeps_naming_who_and_goes_on_once_they_left() -> None:
    asked_platform()
    sunset = announce("auth 1.x", grace=DAY)
    drive(NOW)
    take_in(*USE, version("old-job", "2.0.0", owner="jobs"))
    sweep_and_tell(NOW + DAY)
    drive(NOW + DAY)
    drive(NOW + 2 * DAY)
    blocked = Sunset.objects.get(pk=sunset.pk)
    assert blocked.state == "blocked"
    assert "old-job/prod" in [b["name"] for b in blocked.blockers]
    gone = (NOW + 2 * DAY).isoformat()
    take_in(
        {"type": "deployment_ended", "deployment": "old-job/prod", "ended_at": gone},
        now=NOW + 2 * DAY,
    )
    drive(NOW + 20 * DAY)
    assert state_of(sunset) == "blocked"  # it was used too short a time ago
    drive(NOW + 40 * DAY)
    assert state_of(sunset) == "done"
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    sweep(NOW + 40 * DAY)
    assert not Finding.objects.filter(module__name="auth", closed_at=None).exists()


def test_blocked_sunset_holds_its_items_from_no_other() -> None:
    asked_platform()
    first = announce("tv-home/preview", grace=DAY)
    drive(NOW)
    Finding.objects.filter(deployment__isnull=False).update(closed_at=NOW)
    take_in(deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P3650D"))
    drive(NOW + DAY)
    assert state_of(first) == "blocked"
    take_in(deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P7D"), now=NOW + 2 * DAY)
    sweep_and_tell(NOW + 2 * DAY)
    Finding.objects.update(is_automatic=False)
    second = announce("tv-home/preview", grace=None, now=NOW + 2 * DAY)
    assert second.state == "done"
