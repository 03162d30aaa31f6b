"""Sweeps, ingests, confirmations and restores at the same time: each takes effect once."""

from threading import Event

import pytest

from lifecycle.exceptions import Blocked, CannotRestore
from lifecycle.models import AuditEntry, Finding, Notice, Sunset
from lifecycle.rules.base import Flag
from lifecycle.services.findings import sync_findings
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import execute_plan, restore_sunset
from lifecycle.services.sweep import sweep
from lineage.ingest.bulk import graph_lock
from lineage.models import Deployment, IngestRun, JobRun, Module, Version
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current, refresh
from tests.at_once import at_once
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    Record,
    ago,
    deployment,
    execute,
    finding,
    flagged_platform,
    open_subjects,
    operator,
    plan_of,
    sunset_versions,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db(transaction=True)

USE = (
    version("old-job", "1.0.0", "auth@^1", owner="jobs"),
    deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
)
MORE: tuple[Record, ...] = tuple(
    version(f"lib-{n}", number, owner="identity")
    for n in range(20)
    for number in ("1.0.0", "2.0.0")
)


def test_two_sweeps_and_an_ingest_leave_one_finding_a_thing_and_lose_nothing() -> None:
    take_in(*PLATFORM)
    results = at_once(lambda: sweep(NOW), lambda: sweep(NOW + DAY), lambda: take_in(*MORE, now=NOW))
    assert not [result for result in results if isinstance(result, Exception)]
    assert set(JobRun.objects.values_list("status", flat=True)) == {"done"}
    assert IngestRun.objects.filter(status="done").count() == 2
    assert Version.objects.count() == 4 + len(MORE)
    sweep(NOW + DAY)
    everything = ["auth 1.x", *(f"lib-{n} 1.x" for n in range(20)), "tv-home/preview"]
    assert open_subjects() == sorted(everything)
    assert Finding.objects.count() == len(everything)
    listed = [item["subject"] for notice in Notice.objects.all() for item in notice.items]
    assert sorted(listed) == sorted(Finding.objects.values_list("subject", flat=True))


def test_sweeps_of_one_instant_open_and_tell_once() -> None:
    take_in(*PLATFORM, *MORE)
    results = at_once(*[lambda: sweep(NOW)] * 3)
    assert not [result for result in results if isinstance(result, Exception)]
    assert Finding.objects.count() == 22
    assert Notice.objects.count() == 2


def test_sweep_of_older_data_that_ends_last_takes_nothing_back() -> None:
    take_in(*PLATFORM)
    epoch = sweep(NOW).epoch
    late = Flag(
        rule="unused-range",
        subject=finding("auth 1.x").subject,
        ecosystem="platform",
        module_id=Module.objects.get(name="auth").pk,
        owner_id=None,
        since=NOW,
        reason="as it was",
    )
    for flags in ([], [late]):
        sync_findings("unused-range", flags, epoch=epoch - 1, now=NOW)
        standing = finding("auth 1.x")
        assert (standing.epoch, standing.owner.name) == (epoch, "identity")
        assert standing.reason != "as it was"


def test_two_confirmations_at_once_take_effect_once() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")

    def confirm() -> Sunset:
        return execute_plan(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW)

    first, second = at_once(confirm, confirm)
    assert first == second == Sunset.objects.get()
    assert AuditEntry.objects.filter(action="sunset").count() == 1
    assert Notice.objects.filter(kind=Notice.Kind.SUNSET).count() == 1
    assert Version.objects.filter(sunset_at=NOW).count() == 2
    assert current(NOW).epoch == current_epoch().number


def test_overlapping_plans_at_once_take_each_thing_once() -> None:
    flagged_platform()
    one, both = plan_of("auth 1.x"), plan_of("auth 1.x", "tv-home/preview")

    def confirm(plan: object) -> Sunset:
        return execute_plan(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW)

    results = at_once(lambda: confirm(one), lambda: confirm(both))
    done = [result for result in results if isinstance(result, Sunset)]
    assert len(done) == 1
    assert Sunset.objects.get() == done[0]
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]


def test_ingest_that_holds_the_lock_is_seen_by_the_confirmation_that_waits_for_it() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    locked, ended = Event(), Event()

    def use() -> None:
        with graph_lock():
            take_in(*USE)
            locked.set()
            # Never set in time, unless the confirmation does not take the lock.
            ended.wait(1)

    def confirm() -> Sunset:
        locked.wait(60)
        try:
            return execute_plan(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW)
        finally:
            ended.set()

    _, result = at_once(use, confirm)
    assert isinstance(result, Blocked)
    assert "old-job/prod" in str(result)
    assert sunset_versions() == []


@pytest.mark.parametrize("turn", range(3))
def test_use_and_confirmation_at_once_never_both_win(turn: int) -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    taken, result = at_once(
        lambda: take_in(*USE),
        lambda: execute_plan(plan.request, hash=plan.hash, actor=operator(), reason="", now=NOW),
    )
    assert Deployment.objects.filter(key="old-job/prod", ended_at=None).exists()
    if isinstance(result, Sunset):
        # It was decided and done before the use was known.
        assert result.epoch < taken.epoch
        refresh(NOW)
        assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    else:
        assert isinstance(result, Blocked)
        assert sunset_versions() == []


def test_two_restores_at_once_take_effect_once() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")

    def restore() -> Sunset:
        return restore_sunset(sunset.pk, actor=operator(), reason="", now=NOW + DAY)

    results = at_once(restore, restore)
    assert {type(result) for result in results} == {Sunset, CannotRestore}
    assert AuditEntry.objects.filter(action="restore").count() == 1
    assert sunset_versions() == []


def test_two_deliveries_at_once_deliver_each_notice_once() -> None:
    take_in(*PLATFORM, *MORE)
    sweep(NOW)
    waiting = Notice.objects.filter(delivered_at=None).count()
    assert waiting
    assert sum(at_once(lambda: deliver_due(NOW), lambda: deliver_due(NOW + DAY))) == waiting
