"""Workers killed at fifty random instants of a sunset: each item's effect comes exactly once."""

import json
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from signal import SIGKILL
from threading import Condition
from time import monotonic, sleep

import pytest
from celery import Task
from django.conf import settings
from redis import Redis

from lifecycle.models import AuditEntry, ExecutorCall, Sunset, SunsetItem
from lifecycle.tasks import drive_sunsets, send_executor_calls
from platform_ui.celery import app
from tests.factories.executors import executor_webhook, in_grace, item_states, live_keys
from tests.receivers import answer, listening
from tests.workers import PATIENCE, Nursery, nursery, waiting_in

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ITEMS = 500
KILLS = 50
BATCH = 25
JOBS = (drive_sunsets, send_executor_calls)
AT_ONCE = 2  # workers alive beside each other
LONGEST_LIFE = 1.5
# So short that what a dead worker held is sent again within the test.
TIMEOUT = 2


@dataclass
class Effects:
    """A receiver that does each key once; it lets so many through, and keeps others waiting."""

    allowed: int = 0
    keys: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    gate: Condition = field(default_factory=Condition)

    def allow(self, count: int) -> None:
        with self.gate:
            self.allowed += count
            self.gate.notify_all()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        data = json.loads(handler.heard.body)["data"]  # type: ignore[attr-defined]
        with self.gate:
            self.requests += 1
            self.gate.wait_for(lambda: len(self.keys) < self.allowed, timeout=TIMEOUT)
            is_open = len(self.keys) < self.allowed or data["key"] in self.keys
            if is_open and data["key"] not in self.keys:
                self.keys.add(data["key"])
                self.done[f"{data['operation']} {data['item']['label']}"] += 1
        answer(handler, 200 if is_open else 503)


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What the queues of this test begin with, on the true broker; nothing is left behind."""
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    name = f"killed-{uuid.uuid4().hex}"
    yield name
    if settings.REDIS_URL:
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.delete(name, *redis.keys(f"*{name}*"))
    else:
        for left in Path(settings.BROKER_DIR).glob(f"*{name}*"):
            left.unlink()


def wait_for(happened: Callable[[], bool]) -> bool:
    until = monotonic() + PATIENCE
    while not happened() and monotonic() < until:
        sleep(0.01)
    return happened()


def live_a_moment(workers: Nursery, queue: str, job: "Task[..., object]", instant: float) -> bool:
    """A worker takes a job, and is killed so many seconds after; whether it went like that."""
    return live_until(workers, queue, job, lambda: sleep(instant) is None)


def live_until(
    workers: Nursery, queue: str, job: "Task[..., object]", happened: Callable[[], bool]
) -> bool:
    """A worker takes a job, and is killed once something happened; whether it went like that."""
    job.apply_async(queue=queue)
    pid = workers.start(queue)
    is_taken = wait_for(lambda: waiting_in(queue) == 0)
    is_so = wait_for(happened)
    return workers.kill(pid) == SIGKILL and is_taken and is_so


def finish(workers: Nursery, queue: str, sunset: Sunset) -> bool:
    """One more worker, left alone, with beat's jobs coming in."""
    pid = workers.start(queue)

    def is_done() -> bool:
        if not waiting_in(queue):
            for job in JOBS:
                job.apply_async(queue=queue)
        sleep(0.2)
        return Sunset.objects.get(pk=sunset.pk).state == Sunset.State.DONE

    is_over = wait_for(is_done)
    workers.kill(pid)
    return is_over


def recorded() -> Counter[str]:
    """How often each item went, by the audit."""
    entries = AuditEntry.objects.filter(action="sunset")
    return Counter(label for entry in entries for label in entry.evidence["items"])


def labels_of(*states: str) -> set[str]:
    return set(SunsetItem.objects.filter(state__in=states).values_list("label", flat=True))


def test_worker_killed_fifty_times_leaves_every_effect_exactly_once(
    queue: str, tmp_path: Path
) -> None:
    dice = random.Random(f"{ITEMS} items, {KILLS} kills")
    effects = Effects()
    options = {
        "WEBHOOK_ALLOW_PRIVATE": "127.0.0.1",
        "WEBHOOK_TIMEOUT_SECONDS": f"{TIMEOUT}",
        "EXECUTOR_CONCURRENCY": "2",
        "EXECUTOR_ATTEMPTS": "1000",
    }
    with listening(effects) as receiver, nursery(tmp_path / "log", **options) as workers:
        executor_webhook(receiver.url)
        sunset = in_grace(ITEMS, batch_size=BATCH)
        lives = [(n, dice.choice(JOBS), dice.uniform(0, LONGEST_LIFE)) for n in range(KILLS)]

        def live(life: tuple[int, "Task[..., object]", float]) -> bool:
            # Never so much that it could be over before the last kill.
            effects.allow(ITEMS // KILLS)
            number, job, instant = life
            return live_a_moment(workers, f"{queue}-{number}", job, instant)

        with ThreadPoolExecutor(AT_ONCE) as lanes:
            assert all(lanes.map(live, lives)), workers.log.read_text()
        killed_at = Counter(SunsetItem.objects.values_list("state", flat=True))
        effects.allow(ITEMS)
        assert finish(workers, queue, sunset), (item_states(sunset), workers.log.read_text())

    # They were killed on the way, not before it nor after.
    assert 0 < killed_at["done"] < ITEMS, killed_at
    assert set(effects.done.values()) == {1}
    assert len(effects.done) == len(effects.keys) == ITEMS
    assert item_states(sunset) == {"done": ITEMS}
    assert live_keys() == set()
    calls = ExecutorCall.objects.values_list("state", flat=True)
    assert Counter(calls) == {"acknowledged": ITEMS}
    assert recorded() == dict.fromkeys(labels_of("done"), 1)
    assert effects.requests >= ITEMS


def test_worker_killed_while_it_records_leaves_no_item_half_gone(
    queue: str, tmp_path: Path
) -> None:
    dice = random.Random("recording")
    with nursery(tmp_path / "log") as workers:
        sunset = in_grace(ITEMS, "record", batch_size=10)
        kills = KILLS // 4
        share = ITEMS // (kills + 2)
        for number in range(kills):
            # Within its own share of the way, so that however fast it is something is left.
            least = number * share + dice.randrange(share)

            def is_far_enough(least: int = least) -> bool:
                return len(labels_of("done")) >= least

            assert live_until(workers, f"{queue}-{number}", drive_sunsets, is_far_enough)
            gone = labels_of("done")
            assert gone | labels_of("planned") == labels_of(*item_states(sunset))
            assert live_keys() == labels_of("planned")
            assert recorded() == dict.fromkeys(gone, 1)
        assert len(labels_of("done")) < ITEMS
        assert finish(workers, queue, sunset), workers.log.read_text()
    assert item_states(sunset) == {"done": ITEMS}
    assert recorded() == dict.fromkeys(labels_of("done"), 1)
    assert not ExecutorCall.objects.exists()
