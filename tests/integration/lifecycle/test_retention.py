"""Retention: restored whole or in part until its time is over, then purged, revived in between."""

import pytest

from lifecycle.exceptions import CannotRestore, UnknownThing
from lifecycle.models import AuditEntry, Finding, Notice, Sunset
from lifecycle.services.sunsets import drive_sunsets, restore_sunset
from lifecycle.services.sweep import sweep
from tests.factories.executors import executor_webhook
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    deployment,
    execute,
    operator,
    sunset_versions,
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


def restore(sunset: Sunset, *labels: str, days: float = 1) -> Sunset:
    ids = list(sunset.items.filter(label__in=labels).values_list("id", flat=True)) or None
    return restore_sunset(
        sunset.pk, actor=operator(), reason="needed", now=NOW + days * DAY, item_ids=ids
    )


def test_part_comes_back_and_the_rest_stays_gone() -> None:
    asked_platform()
    sunset = execute("auth 1.x", "tv-home/preview")
    assert restore(sunset, "auth 1.1.0").state == "done"
    assert item_states(sunset) == {
        "auth 1.0.0": "done", "auth 1.1.0": "restored", "tv-home/preview": "done",
    }  # fmt: skip
    assert sunset_versions() == ["auth 1.0.0"]
    entry = AuditEntry.objects.get(action="restore")
    assert entry.evidence["items"] == ["auth 1.1.0"]
    notice = Notice.objects.get(kind="restored")
    assert [item["label"] for item in notice.items] == ["auth 1.1.0"]
    assert restore(sunset, "auth 1.0.0", "tv-home/preview", days=2).state == "restored"
    assert sunset_versions() == []


def test_part_that_is_not_gone_or_not_of_it_is_refused() -> None:
    asked_platform()
    sunset = execute("auth 1.x")
    other = execute("tv-home/preview")
    restore(sunset, "auth 1.1.0")
    with pytest.raises(CannotRestore, match="nothing of these items is gone"):
        restore(sunset, "auth 1.1.0")
    with pytest.raises(UnknownThing):
        restore_sunset(
            sunset.pk, actor=operator(), reason="", now=NOW,
            item_ids=[other.items.get().pk],
        )  # fmt: skip


def test_restore_while_it_executes_brings_back_what_went_and_keeps_the_rest() -> None:
    asked_platform()
    with under_terms(batch_size=1, daily_cap=1):
        sunset = execute("auth 1.x", "tv-home/preview")
    assert restore(sunset, days=0).state == "restored"
    assert sorted(item_states(sunset).values()) == ["cancelled", "cancelled", "restored"]
    drive(NOW + 9 * DAY)
    assert sunset_versions() == []


def test_purge_comes_only_after_the_time_to_restore() -> None:
    asked_platform()
    sunset = execute("auth 1.x")
    assert drive_sunsets(NOW + 30 * DAY).purged == 0
    assert state_of(sunset) == "done"
    assert drive_sunsets(NOW + 31 * DAY).purged == 1
    purged = Sunset.objects.get()
    assert (purged.state, purged.purged_at) == ("purged", NOW + 31 * DAY)
    assert set(item_states(sunset).values()) == {"purged"}
    entry = AuditEntry.objects.get(action="purge")
    assert (entry.actor, entry.evidence["items"]) == ("sundial", ["auth 1.0.0", "auth 1.1.0"])
    with pytest.raises(CannotRestore, match="it is purged"):
        restore(sunset, days=31)
    assert drive_sunsets(NOW + 32 * DAY).purged == 0


def test_policy_says_how_long_it_can_be_restored() -> None:
    asked_platform()
    with under_terms(restorable_for=3 * DAY):
        sunset = announce("auth 1.x", grace=DAY)
    drive(NOW)
    drive(NOW + DAY)
    assert Sunset.objects.get().restorable_until == NOW + 4 * DAY
    drive(NOW + 4 * DAY)
    assert state_of(sunset) == "done"
    drive(NOW + 5 * DAY)
    assert state_of(sunset) == "purged"


def test_purge_takes_nothing_that_came_back() -> None:
    asked_platform()
    sunset = execute("auth 1.x")
    take_in(version("auth", "1.1.0", owner="identity"), now=NOW + DAY)
    drive_sunsets(NOW + 31 * DAY)
    assert item_states(sunset) == {"auth 1.0.0": "purged", "auth 1.1.0": "revived"}
    assert sunset_versions() == ["auth 1.0.0"]
    assert AuditEntry.objects.get(action="purge").evidence["items"] == ["auth 1.0.0"]


def test_sunset_of_which_all_came_back_counts_as_restored() -> None:
    asked_platform()
    sunset = execute("tv-home/preview")
    take_in(PLATFORM[-1], now=NOW + DAY)
    drive_sunsets(NOW + 31 * DAY)
    assert (state_of(sunset), item_states(sunset)) == ("restored", {"tv-home/preview": "revived"})
    assert not AuditEntry.objects.filter(action="purge").exists()
    entry = AuditEntry.objects.get(action="restore")
    assert (entry.actor, entry.after) == ("sundial", {"state": "restored"})


def test_deployment_that_runs_anew_under_its_key_came_back() -> None:
    asked_platform()
    sunset = execute("tv-home/preview")
    take_in(
        deployment("tv-home/preview", "tv-home", "1.0.0", started_at=(NOW + DAY).isoformat()),
        now=NOW + DAY,
    )
    sweep(NOW + DAY)
    assert item_states(sunset) == {"tv-home/preview": "revived"}


def test_executing_sunset_of_which_all_came_back_is_done_and_says_so() -> None:
    asked_platform()
    executor_webhook("https://bot.example.com/")
    with under_terms(executor="webhook"):
        sunset = execute("tv-home/preview")
    assert item_states(sunset) == {"tv-home/preview": "executing"}
    take_in(PLATFORM[-1], now=NOW + DAY)
    sweep(NOW + DAY)
    drive_sunsets(NOW + DAY)
    assert (state_of(sunset), item_states(sunset)) == ("done", {"tv-home/preview": "revived"})
    assert AuditEntry.objects.get(action="done").after == {"state": "done"}


def test_purged_thing_that_is_ingested_again_is_live_again() -> None:
    asked_platform()
    execute("auth 1.x")
    drive_sunsets(NOW + 31 * DAY)
    summary = take_in(version("auth", "1.1.0", owner="identity"), now=NOW + 32 * DAY)
    assert summary.revived == 1
    assert sunset_versions() == ["auth 1.0.0"]


def test_restored_thing_is_left_to_people_by_the_automatic_policy() -> None:
    asked_platform()
    Finding.objects.update(is_automatic=True, policy_name="preprod TTL")
    with under_terms(grace=0 * DAY):
        drive_sunsets(NOW)
    sunset = Sunset.objects.get(items__label="tv-home/preview")
    restore(sunset, days=0)
    sweep(NOW + DAY)
    Finding.objects.update(is_automatic=True, policy_name="preprod TTL")
    drive(NOW + 2 * DAY)
    assert Sunset.objects.filter(items__label="tv-home/preview").count() == 1
