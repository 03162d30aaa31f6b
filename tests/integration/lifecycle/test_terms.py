"""Window, batch, daily cap, emergency stop and executors: how fast things go, and when not."""

from datetime import time, timedelta

import pytest

from lifecycle.exceptions import PermissionDenied, Stopped, UnknownExecutor, UnknownThing
from lifecycle.models import AuditEntry, EmergencyStop, Sunset
from lifecycle.policies.terms import Window
from lifecycle.selectors.stops import current_stop
from lifecycle.services.stops import end_stop, start_stop
from lifecycle.services.sunsets import drive_sunsets, execute_sunset, restore_sunset
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    Record,
    deployment,
    execute,
    member,
    operator,
    sunset_versions,
    sweep_and_tell,
    take_in,
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
HOUR = timedelta(hours=1)
PREVIEWS: tuple[Record, ...] = tuple(
    deployment(f"tv-home-{n}/preview", "tv-home", "1.0.0", ttl="P7D") for n in range(5)
)


def previews() -> list[str]:
    """Six expired deployments of one team, flagged and told."""
    take_in(*PLATFORM, *PREVIEWS)
    sweep_and_tell()
    return ["tv-home/preview", *(f"tv-home-{n}/preview" for n in range(5))]


def gone(sunset: Sunset) -> int:
    return list(item_states(sunset).values()).count("done")


def test_outside_its_window_nothing_goes_and_it_says_when() -> None:
    asked_platform()  # NOW is a Sunday, noon
    hours = Window(weekdays=(0, 1, 2, 3, 4), opens=time(9), closes=time(17), zone="Europe/Berlin")
    with under_terms(window=hours):
        sunset = execute("auth 1.x")
    assert sunset.state == "grace"
    assert sunset.next_step_at == NOW.replace(day=2, hour=7)
    drive(NOW + 18 * HOUR)
    assert sunset_versions() == []
    drive(NOW + 19 * HOUR)
    assert state_of(sunset) == "done"


def test_window_that_closes_in_the_middle_holds_the_rest_back() -> None:
    labels = previews()
    hours = Window(opens=time(9), closes=time(17))
    with under_terms(window=hours, batch_size=2, daily_cap=4):
        sunset = execute(*labels)
    assert (state_of(sunset), gone(sunset)) == ("executing", 4)
    drive(NOW + 12 * HOUR)  # another day, closed
    assert gone(sunset) == 4
    drive(NOW + 21 * HOUR)
    assert (state_of(sunset), gone(sunset)) == ("done", 6)


def test_batches_are_transactions_of_their_own_and_all_go() -> None:
    labels = previews()
    with under_terms(batch_size=2):
        sunset = execute(*labels)
    assert (sunset.state, gone(sunset)) == ("done", 6)
    entries = AuditEntry.objects.filter(action="sunset").order_by("id")
    assert [len(entry.evidence["items"]) for entry in entries] == [2, 2, 2]


def test_daily_cap_counts_all_sunsets_and_goes_on_the_next_day() -> None:
    labels = previews()
    with under_terms(daily_cap=4):
        first = execute(*labels[:3])
        second = execute(*labels[3:])
    assert (first.state, gone(second), second.state) == ("done", 1, "executing")
    assert second.next_step_at == NOW.replace(day=2, hour=0)
    drive(NOW + HOUR)
    assert gone(second) == 1
    drive(NOW + 12 * HOUR)
    assert (state_of(second), gone(second)) == ("done", 3)


def test_no_cap_is_no_cap() -> None:
    with under_terms(daily_cap=0):
        assert execute(*previews()).state == "done"


def test_emergency_stop_halts_confirmations_the_driver_and_purges() -> None:
    asked_platform()
    done = execute("tv-home/preview")
    sunset = announce("auth 1.x")
    drive(NOW)
    start_stop(actor=admin(), reason="prod is on fire", now=NOW)
    with pytest.raises(Stopped, match="stopped by ada: prod is on fire"):
        execute_sunset(sunset.pk, actor=admin(), reason="", now=NOW + 3 * DAY)
    for days in (3, 40):
        drive(NOW + days * DAY)
    assert (state_of(sunset), state_of(done), sunset_versions()) == ("grace", "done", [])
    end_stop(actor=admin(), reason="out", now=NOW + 40 * DAY)
    drive(NOW + 40 * DAY)
    assert (state_of(sunset), state_of(done)) == ("done", "purged")


def test_emergency_stop_refuses_a_new_sunset_and_lets_restores_through() -> None:
    asked_platform()
    done = execute("tv-home/preview")
    start_stop(actor=admin(), reason="wait", now=NOW)
    for act in (lambda: announce("auth 1.x"), lambda: execute("auth 1.x")):
        with pytest.raises(Stopped):
            act()
    restored = restore_sunset(done.pk, actor=operator(), reason="", now=NOW + HOUR)
    assert restored.state == "restored"


def test_emergency_stop_is_one_audited_and_ends_once() -> None:
    first = start_stop(actor=admin(), reason="smoke", now=NOW)
    assert start_stop(actor=admin(), reason="more smoke", now=NOW + HOUR) == first
    assert current_stop() == first
    ended = end_stop(actor=admin(), reason="clear", now=NOW + HOUR)
    assert (ended.is_on, ended.ended_by, ended.ended_at) == (None, "ada", NOW + HOUR)
    with pytest.raises(UnknownThing):
        end_stop(actor=admin(), reason="", now=NOW)
    start_stop(actor=admin(), reason="again", now=NOW + DAY)
    assert EmergencyStop.objects.count() == 2
    steps = AuditEntry.objects.order_by("id").values_list("action", "actor", "reason")
    assert list(steps)[:2] == [("stop", "ada", "smoke"), ("end stop", "ada", "clear")]


def test_only_operators_with_the_scope_stop_and_let_go_on() -> None:
    for actor in (operator(), member("ana", "identity"), member("mallory")):
        with pytest.raises(PermissionDenied):
            start_stop(actor=actor, reason="", now=NOW)
    start_stop(actor=admin(), reason="", now=NOW)
    for actor in (operator(), member("ana", "identity")):
        with pytest.raises(PermissionDenied):
            end_stop(actor=actor, reason="", now=NOW)
    assert current_stop() is not None


def test_executor_that_is_not_there_refuses_the_confirmation() -> None:
    asked_platform()
    with under_terms(executor="webhook:nowhere"), pytest.raises(UnknownExecutor):
        execute("auth 1.x")
    assert not Sunset.objects.exists()


def test_driver_does_not_look_at_what_is_not_due() -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    drive(NOW)
    before = Sunset.objects.filter(pk=sunset.pk).values().get()
    assert drive_sunsets(NOW + DAY).moved == 0
    assert Sunset.objects.filter(pk=sunset.pk).values().get() == before


def test_one_that_fails_unexpectedly_does_not_hold_up_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked_platform()
    bad, good = announce("auth 1.x", grace=DAY), announce("tv-home/preview", grace=DAY)
    drive(NOW)
    Sunset.objects.filter(pk=bad.pk).update(terms={"grace": "a while"})
    drive(NOW + DAY)
    assert (state_of(bad), state_of(good)) == ("grace", "done")
    assert f"sunset {bad.pk} could not go on" in caplog.text
    assert Sunset.objects.get(pk=bad.pk).next_step_at > NOW + DAY
