"""Restore: the whole batch comes back exactly, within its time, once; what came back by
itself is told."""

from datetime import timedelta

import pytest

from lifecycle.exceptions import CannotRestore, PlanChanged, UnknownThing
from lifecycle.models import AuditEntry, Sunset, SunsetItem
from lifecycle.services.sunsets import execute_plan, restore_sunset
from lifecycle.services.sweep import sweep
from lineage.models import Deployment, IngestIssue, Retirement, Version
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    deployment,
    ended,
    execute,
    flagged_platform,
    open_subjects,
    operator,
    plan_of,
    resolutions,
    sunset_versions,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db


def restore(sunset: Sunset, *, after: timedelta = DAY) -> Sunset:
    return restore_sunset(sunset.pk, actor=operator(), reason="needed again", now=NOW + after)


def state() -> tuple[object, ...]:
    """All that a sunset may change of the facts."""
    return (
        resolutions(),
        list(Version.objects.order_by("pk").values_list("pk", "sunset_at")),
        list(
            Deployment.objects.order_by("pk").values_list(
                "pk", "ended_at", "end_reason", "expires_at", "last_used_at", "requests"
            )
        ),
    )


def states_of(sunset: Sunset) -> dict[str, str]:
    return dict(SunsetItem.objects.filter(sunset=sunset).values_list("label", "state"))


def test_restore_brings_back_the_whole_batch_exactly() -> None:
    take_in(
        *PLATFORM,
        version("old-job", "1.0.0", "auth@^1", "auth@~1.0", "auth@=1.1.0", owner="jobs"),
        version("old-job", "2.0.0", "auth@*"),
    )
    sweep_and_tell()
    before = state()
    sunset = execute("auth 1.x", "old-job 1.x", "tv-home/preview")
    assert state() != before
    done = restore(sunset)
    assert state() == before
    assert (done.state, done.restored_by, done.restored_at) == ("restored", "olga", NOW + DAY)
    assert set(states_of(sunset).values()) == {"restored"}


def test_snapshot_is_of_the_newest_epoch_when_restore_returns() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    before = current_epoch().number
    restore(sunset)
    assert current_epoch().number > before
    assert current(NOW).epoch == current_epoch().number


def test_restored_things_are_flagged_again_and_can_be_sunset_again() -> None:
    flagged_platform()
    first = execute("auth 1.x")
    plan_hash = first.plan_hash
    restore(first)
    sweep_and_tell(NOW + DAY)
    assert "auth 1.x" in open_subjects()
    second = execute("auth 1.x", now=NOW + DAY)
    assert second != first
    assert second.plan_hash != plan_hash
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    assert Retirement.objects.count() == 4
    restore(second, after=2 * DAY)
    assert sunset_versions() == []


def test_confirmation_sent_again_after_a_restore_sunsets_nothing() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    restore(execute("auth 1.x"))
    with pytest.raises(PlanChanged, match="no longer"):
        execute_plan(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW + DAY)
    assert sunset_versions() == []


@pytest.mark.parametrize(
    ("after", "is_possible"),
    [(30 * DAY, True), (30 * DAY + timedelta(seconds=1), False)],
)
def test_restore_is_possible_until_its_time_is_over(after: timedelta, is_possible: bool) -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    if is_possible:
        assert restore(sunset, after=after).state == Sunset.State.RESTORED
        return
    with pytest.raises(CannotRestore, match="until 1 Oct 2024"):
        restore(sunset, after=after)
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]


def test_second_restore_is_refused_and_changes_nothing() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    restore(sunset)
    before, audited = state(), AuditEntry.objects.count()
    with pytest.raises(CannotRestore, match="it is restored"):
        restore(sunset)
    assert state() == before
    assert AuditEntry.objects.count() == audited


def test_unknown_sunset_cannot_be_restored() -> None:
    with pytest.raises(UnknownThing):
        restore_sunset(987654, actor=operator(), reason="", now=NOW)


def test_restore_leaves_what_was_replaced_meanwhile_ended() -> None:
    flagged_platform()
    sunset = execute("auth 1.x", "tv-home/preview")
    take_in(
        deployment(
            "tv-home/preview", "tv-home", "1.0.0", started_at=(NOW + timedelta(hours=6)).isoformat()
        ),
        now=NOW + DAY,
    )
    restore(sunset)
    first, second = Deployment.objects.filter(key="tv-home/preview").order_by("started_at")
    assert (first.ended_at, first.end_reason) == (NOW, "sunset")
    assert second.ended_at is None
    assert sunset_versions() == []


def test_end_reported_before_the_sunset_stands_after_restore() -> None:
    flagged_platform()
    sunset = execute("tv-home/preview")
    take_in(ended("tv-home/preview", 3))
    restore(sunset)
    late = Deployment.objects.get(key="tv-home/preview")
    assert (late.ended_at, late.end_reason) == (NOW - 3 * DAY, "reported")


def test_version_ingested_again_comes_back_visibly() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    summary = take_in(version("auth", "1.1.0", owner="identity"), now=NOW + DAY)
    assert summary.revived == 1
    issue = IngestIssue.objects.get(run_id=summary.run)
    assert issue.kind == IngestIssue.Kind.REVIVED
    assert "auth 1.1.0 was sunset and is live again" in issue.reason
    assert sunset_versions() == ["auth 1.0.0"]
    sweep(NOW + DAY)
    assert states_of(sunset) == {"auth 1.0.0": "done", "auth 1.1.0": "revived"}
    entry = AuditEntry.objects.get(action="revived")
    assert (entry.actor, entry.subject, entry.at) == ("sundial", "auth 1.1.0", NOW + DAY)
    assert entry.evidence["sunset"] == sunset.pk
    sweep(NOW + DAY)
    assert AuditEntry.objects.filter(action="revived").count() == 1


def test_deployment_reported_again_comes_back_visibly() -> None:
    flagged_platform()
    sunset = execute("tv-home/preview")
    summary = take_in(PLATFORM[-1], now=NOW + DAY)
    assert summary.revived == 1
    sweep(NOW + DAY)
    assert states_of(sunset) == {"tv-home/preview": "revived"}
    assert Deployment.objects.get(key="tv-home/preview").ended_at is None


def test_restore_after_a_part_came_back_brings_back_the_rest() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    take_in(version("auth", "1.1.0", owner="identity"), now=NOW + DAY)
    sweep(NOW + DAY)
    restore(sunset, after=2 * DAY)
    assert sunset_versions() == []
    assert states_of(sunset) == {"auth 1.0.0": "restored", "auth 1.1.0": "revived"}


def test_restore_does_not_bring_back_what_a_later_sunset_took() -> None:
    flagged_platform()
    first = execute("auth 1.x")
    take_in(version("auth", "1.1.0", owner="identity"), now=NOW + DAY)
    sweep_and_tell(NOW + DAY)
    second = execute("auth 1.x", now=NOW + DAY)
    assert states_of(second) == {"auth 1.1.0": "done"}
    restore(first, after=2 * DAY)
    assert sunset_versions() == ["auth 1.1.0"]
    restore(second, after=2 * DAY)
    assert sunset_versions() == []


def test_span_for_which_a_version_was_sunset_is_remembered() -> None:
    flagged_platform()
    restore(execute("auth 1.x"))
    spans = set(Retirement.objects.values_list("sunset_at", "restored_at"))
    assert spans == {(NOW, NOW + DAY)}
