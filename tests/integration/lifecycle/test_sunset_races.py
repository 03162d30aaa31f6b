"""Drivers, confirmations, restores and stops at the same time: each takes effect once."""

import pytest

from lifecycle.exceptions import Blocked, LifecycleError, PlanChanged
from lifecycle.models import AuditEntry, Finding, Notice, Sunset, SunsetItem
from lifecycle.services.notices import deliver_due
from lifecycle.services.stops import start_stop
from lifecycle.services.sunsets import (
    announce_sunset,
    cancel_sunset,
    drive_sunsets,
    restore_sunset,
)
from lifecycle.services.sweep import sweep
from lineage.models import Deployment, Version
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current
from tests.at_once import at_once
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    ago,
    deployment,
    operator,
    plan_of,
    sunset_versions,
    sweep_and_tell,
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

pytestmark = pytest.mark.django_db(transaction=True)
USE = (
    version("old-job", "1.0.0", "auth@^1", owner="jobs"),
    deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
)


def errors(results: list[object]) -> list[object]:
    return [r for r in results if isinstance(r, Exception) and not isinstance(r, LifecycleError)]


def due_sunset(batch: int = 1) -> Sunset:
    """One of three items whose time has come."""
    asked_platform()
    with under_terms(batch_size=batch):
        sunset = announce("auth 1.x", "tv-home/preview")
    drive(NOW)
    return sunset


def test_two_drivers_take_each_item_once() -> None:
    sunset = due_sunset()
    later = NOW + 3 * DAY
    results = at_once(*[lambda: drive_sunsets(later)] * 3)
    assert errors(results) == []
    assert (state_of(sunset), set(item_states(sunset).values())) == ("done", {"done"})
    listed = [
        label
        for entry in AuditEntry.objects.filter(action="sunset")
        for label in entry.evidence["items"]
    ]
    assert sorted(listed) == ["auth 1.0.0", "auth 1.1.0", "tv-home/preview"]
    assert Notice.objects.filter(kind=Notice.Kind.SUNSET).count() == 2
    assert current(later).epoch == current_epoch().number


def test_two_drivers_announce_automatically_once() -> None:
    take_in(*PLATFORM)
    sweep_and_tell()
    Finding.objects.update(is_automatic=True, policy_name="clean up")
    results = at_once(*[lambda: drive_sunsets(NOW)] * 3)
    assert errors(results) == []
    assert Sunset.objects.count() == 2
    assert SunsetItem.objects.count() == 3


def test_two_announcements_at_once_are_one_sunset() -> None:
    asked_platform()
    plan = plan_of("auth 1.x")

    def confirm() -> Sunset:
        return announce_sunset(
            plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW, grace=DAY
        )

    first, second = at_once(confirm, confirm)
    assert first == second == Sunset.objects.get()
    assert Notice.objects.filter(kind=Notice.Kind.ANNOUNCED).count() == 1
    assert AuditEntry.objects.filter(action="announce").count() == 1


@pytest.mark.parametrize("turn", range(3))
def test_restore_while_it_executes_leaves_nothing_half_gone(turn: int) -> None:
    sunset = due_sunset()
    later = NOW + 3 * DAY
    results = at_once(
        lambda: drive_sunsets(later),
        lambda: restore_sunset(sunset.pk, actor=operator(), reason="", now=later),
    )
    assert errors(results) == []
    drive(later + DAY)
    if state_of(sunset) == "restored":
        assert set(item_states(sunset).values()) <= {"restored", "cancelled"}
        assert sunset_versions() == []
        assert not Deployment.objects.filter(end_reason="sunset").exists()
    else:
        assert (state_of(sunset), set(item_states(sunset).values())) == ("done", {"done"})


@pytest.mark.parametrize("turn", range(3))
def test_cancel_while_it_executes_keeps_what_went_and_lets_the_rest_stay(turn: int) -> None:
    sunset = due_sunset()
    results = at_once(
        lambda: drive_sunsets(NOW + 3 * DAY),
        lambda: cancel_sunset(sunset.pk, actor=operator(), reason="", now=NOW + 3 * DAY),
    )
    assert errors(results) == []
    states = item_states(sunset)
    assert set(states.values()) <= {"done", "cancelled"}
    assert state_of(sunset) == ("done" if "done" in states.values() else "cancelled")
    gone = sorted(label for label, state in states.items() if state == "done" and "/" not in label)
    assert sunset_versions() == gone


@pytest.mark.parametrize("turn", range(3))
def test_use_and_the_driver_at_once_never_both_win(turn: int) -> None:
    sunset = due_sunset(batch=500)
    later = NOW + 3 * DAY
    taken, _ = at_once(lambda: take_in(*USE), lambda: drive_sunsets(later))
    assert Deployment.objects.filter(key="old-job/prod", ended_at=None).exists()
    if sunset_versions():
        entry = AuditEntry.objects.get(action="sunset")
        assert "auth 1.0.0" in entry.evidence["items"]
        assert Version.objects.get(module__name="auth", version="1.0.0").sunset_at == later
    else:
        dropped = SunsetItem.objects.get(sunset=sunset, label="auth 1.0.0")
        assert dropped.state == "dropped"
        assert dropped.blockers[0]["name"] == "old-job/prod"
    assert taken.accepted == 2


@pytest.mark.parametrize("turn", range(3))
def test_nothing_goes_once_the_stop_returned(turn: int) -> None:
    sunset = due_sunset()
    later = NOW + 3 * DAY
    went: list[int] = []

    def stop() -> None:
        start_stop(actor=admin(), reason="smoke", now=later)
        went.append(SunsetItem.objects.filter(state="done").count())

    results = at_once(stop, lambda: drive_sunsets(later))
    assert errors(results) == []
    assert SunsetItem.objects.filter(state="done").count() == went[0]
    assert state_of(sunset) in ("grace", "executing", "done")


def test_sweep_deliveries_and_drivers_at_once_bring_it_to_its_end() -> None:
    asked_platform()
    sunset = announce("auth 1.x", "tv-home/preview", grace=0 * DAY)
    later = NOW + 3 * DAY
    acts = [lambda: sweep(later), lambda: deliver_due(later), lambda: drive_sunsets(later)]
    assert errors(at_once(*acts)) == []
    assert errors(at_once(*acts)) == []
    assert state_of(sunset) == "done"


def test_overlapping_announcements_at_once_take_each_thing_once() -> None:
    asked_platform()
    one, both = plan_of("auth 1.x"), plan_of("auth 1.x", "tv-home/preview")

    def confirm(plan: object) -> Sunset:
        return announce_sunset(
            plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW, grace=DAY
        )

    results = at_once(lambda: confirm(one), lambda: confirm(both))
    assert sum(isinstance(result, Sunset) for result in results) == 1
    assert sum(isinstance(result, Blocked | PlanChanged) for result in results) == 1
    assert Sunset.objects.count() == 1
