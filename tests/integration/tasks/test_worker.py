"""A true worker in a process of its own takes a job from the broker and does it."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.conf import settings
from redis import Redis

from lifecycle.models import Notice
from lifecycle.tasks import sweep
from lineage.models import JobRun
from platform_ui.celery import app
from tests.factories.lifecycle import PLATFORM, open_subjects, take_in
from tests.processes import ROOT
from tests.workers import PATIENCE, waiting_in, worker_environment

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def wait_for(happened: Callable[[], object], worker: subprocess.Popen[bytes]) -> bool:
    """Whether it happened before the worker ended or patience did."""
    until = monotonic() + PATIENCE
    while monotonic() < until and worker.poll() is None:
        if happened():
            return True
        sleep(0.1)
    return bool(happened())


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A queue of this test alone, on the true broker; nothing of it is left behind."""
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    name = f"sweep-{uuid.uuid4().hex}"
    yield name
    if settings.REDIS_URL:
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.delete(name, *redis.keys(f"*{name}*"))


@pytest.fixture
def worker(queue: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on that queue and this database, with the settings of production."""
    command = [
        sys.executable, "-m", "celery", "--app", "platform_ui", "worker", "--queues", queue,
        "--concurrency", "1", "--loglevel", "INFO", "--hostname", f"{queue}@%h",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=worker_environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
            # It ends what it has begun, so the broker is left without a job half done.
            process.terminate()
            process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_worker_takes_a_sweep_does_it_and_stops_cleanly(
    queue: str, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    take_in(*PLATFORM)
    sweep.apply_async(queue=queue)
    log = tmp_path / "worker.log"

    def is_done() -> bool:
        return Notice.objects.filter(delivered_at__isnull=False).count() == 2

    assert wait_for(is_done, worker), log.read_text()
    assert open_subjects() == ["auth 1.x", "tv-home/preview"]
    assert JobRun.objects.get(name="sweep").status == JobRun.Status.DONE
    worker.terminate()
    assert worker.wait(PATIENCE) == 0, log.read_text()
    assert waiting_in(queue) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(worker.pid, 0)


def test_job_sent_before_any_worker_ran_waits_for_it(
    queue: str, request: pytest.FixtureRequest
) -> None:
    take_in(*PLATFORM)
    sweep.apply_async(queue=queue)
    assert waiting_in(queue) == 1
    assert open_subjects() == []
    late: subprocess.Popen[bytes] = request.getfixturevalue("worker")
    assert wait_for(lambda: len(open_subjects()) == 2, late)
