"""The delivery worker is killed at random instants: nothing is lost, nothing is new twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import pytest
from django.conf import Settings

from lifecycle.models import Delivery, DeliveryItem, Event, Notice
from lifecycle.services.deliver import LEASE
from tests.factories.lifecycle import DAY, NOW
from tests.factories.messages import hook, notice, reader, wants
from tests.mailboxes import Mailbox, mail_server, text_of
from tests.processes import ROOT, database_url
from tests.receivers import Receiver, listening

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KILLS = 50
PEOPLE, NOTICES, EVENTS = 6, 1, 5


class Workers:
    """Workers one after the other; each is killed after a while, or left to end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._line() == "ready"

    def run(self, now: datetime, *, kill_after: float | None = None) -> bool:
        """Whether the worker was killed before it had ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{now.isoformat()}\n")
        self._process.stdin.flush()
        worker = int(self._line())
        if kill_after is not None:
            time.sleep(kill_after)  # the instant is what is drawn: there is nothing to wait for
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        return self._line() == "killed"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def workers(box: Mailbox) -> Iterator[Workers]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "platform_ui.settings",
        "DATABASE_URL": database_url(),
        "WEBHOOK_ALLOW_PRIVATE": "127.0.0.1",
        "EMAIL_HOST": box.host,
        "EMAIL_PORT": str(box.port),
        "DEFAULT_FROM_EMAIL": "sundial@example.com",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.outbox_worker"], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Workers(process)
    finally:
        process.communicate(timeout=60)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


@pytest.fixture
def box(settings: Settings) -> Iterator[Mailbox]:
    with mail_server() as box:
        settings.EMAIL_HOST = box.host
        yield box


def write(round_: int) -> None:
    rounds = f"{round_}.{Event.objects.count()}"
    for number in range(NOTICES):
        for team in ("tv", "identity"):
            notice(team, f"round {rounds} notice {number} of {team}", f"item {rounds}.{number}")
    Event.objects.bulk_create(
        Event(kind="source.quiet", key=f"{rounds}.{n}", title=f"event {rounds}.{n}", at=NOW)
        for n in range(EVENTS)
    )


def test_killed_at_fifty_instants_nothing_is_lost_and_each_message_is_new_once(
    receiver: Receiver, box: Mailbox
) -> None:
    for number in range(PEOPLE):
        wants(reader(f"p{number}", "tv", *(["identity"] * (number % 2))), mode="immediate")
    hook(receiver.url)
    rng = random.Random(20260401)
    now = NOW
    with workers(box) as started:
        killed = 0
        while killed < KILLS:
            write(killed)
            killed += started.run(now, kill_after=rng.uniform(0.0, 0.25))
            now += LEASE
        for _ in range(3):
            now += DAY
            assert not started.run(now)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert not Event.objects.filter(fanned_out_at=None).exists()
    assert not Notice.objects.filter(fanned_out_at=None).exists()

    events = [call.body for call in receiver.once.values()]
    assert len(events) == len(set(events)) == Event.objects.count()
    assert set(receiver.once) == set(
        Delivery.objects.filter(channel="webhook").values_list("message_id", flat=True)
    )

    listed: dict[str, list[str]] = {}
    for mail in box.once.values():
        lines = set(text_of(mail, "plain").splitlines())
        listed.setdefault(str(mail["To"]), []).extend(
            title
            for title in Notice.objects.values_list("title", flat=True)
            if title in lines or mail["Subject"] == title
        )
    assert len(listed) == PEOPLE
    for number in range(PEOPLE):
        own = {"tv", "identity"} if number % 2 else {"tv"}
        wanted = sorted(Notice.objects.filter(team__name__in=own).values_list("title", flat=True))
        assert sorted(listed[f"p{number}@example.com"]) == wanted
    assert DeliveryItem.objects.count() == sum(len(titles) for titles in listed.values())
