"""Tasks: thin, bounded, and of the same effect however often they run."""

import pytest
from django.utils import timezone

from lifecycle.models import Finding, Notice
from lifecycle.tasks import (
    deliver_notices,
    drive_sunsets,
    forget_deliveries,
    run_backtests,
    send_deliveries,
    sweep,
    sweep_if_changed,
)
from lineage.models import JobRun
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current, folder_of
from lineage.tasks import refresh_snapshot
from platform_ui.celery import app
from tests.factories.lifecycle import PLATFORM, open_subjects, take_in, version

pytestmark = pytest.mark.django_db
TASKS = (
    sweep,
    sweep_if_changed,
    drive_sunsets,
    deliver_notices,
    forget_deliveries,
    run_backtests,
    send_deliveries,
    refresh_snapshot,
)


def test_sweep_opens_findings_and_delivers_what_it_says() -> None:
    take_in(*PLATFORM)
    assert sweep() == 2
    assert open_subjects() == ["auth 1.x", "tv-home/preview"]
    assert Notice.objects.filter(delivered_at__isnull=False).count() == 2


def test_sweep_run_again_opens_and_tells_nothing_more() -> None:
    take_in(*PLATFORM)
    sweep()
    rows = set(Finding.objects.values_list("pk")), set(Notice.objects.values_list("pk"))
    assert sweep() == 0
    again = set(Finding.objects.values_list("pk")), set(Notice.objects.values_list("pk"))
    assert again == rows


def test_sweep_if_changed_runs_once_for_each_change_of_the_data() -> None:
    take_in(*PLATFORM)
    assert sweep_if_changed() == 2
    assert sweep_if_changed() == 0
    assert JobRun.objects.filter(name="sweep").count() == 1
    take_in(version("jwt", "1.0.0"), version("jwt", "2.0.0"))
    assert sweep_if_changed() == 1
    assert JobRun.objects.filter(name="sweep").count() == 2


def test_notices_are_delivered_once() -> None:
    Notice.objects.create(title="a word", dedupe_key="one", created_at=timezone.now())
    assert deliver_notices() == 1
    assert deliver_notices() == 0


def test_snapshot_is_brought_up_to_the_newest_epoch_once() -> None:
    take_in(*PLATFORM)
    assert refresh_snapshot() == current_epoch().number
    written = (folder_of(current_epoch()) / str(current_epoch().number)).stat().st_mtime_ns
    assert refresh_snapshot() == current(timezone.now()).epoch
    assert (folder_of(current_epoch()) / str(current_epoch().number)).stat().st_mtime_ns == written


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_task_is_acknowledged_late_and_bounded_in_time(task: object) -> None:
    assert task.acks_late
    assert 0 < task.soft_time_limit < task.time_limit


def test_sweeps_never_stand_in_the_queue_of_ingest() -> None:
    queues = {task.name: app.amqp.router.route({}, task.name)["queue"].name for task in TASKS}
    assert queues == {
        "lifecycle.tasks.sweep": "sweep",
        "lifecycle.tasks.sweep_if_changed": "sweep",
        "lifecycle.tasks.drive_sunsets": "sweep",
        "lifecycle.tasks.deliver_notices": "sweep",
        "lifecycle.tasks.run_backtests": "backtest",
        "lifecycle.tasks.send_deliveries": "deliver",
        "lifecycle.tasks.forget_deliveries": "sweep",
        "lineage.tasks.refresh_snapshot": "ingest",
    }


def test_everything_beat_sends_is_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert app.conf.beat_schedule
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks, entry
