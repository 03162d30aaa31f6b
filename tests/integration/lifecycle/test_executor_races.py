"""Several workers at once: nothing is sent twice or lost, and a restore has the last word."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from time import sleep

import pytest
from django.conf import Settings

from lifecycle.models import ExecutorCall
from lifecycle.services.sunsets import restore_sunset
from tests.at_once import at_once
from tests.factories.executors import (
    LATER,
    call_states,
    executing,
    executor_webhook,
    item_states,
    live_keys,
    send_all,
)
from tests.factories.lifecycle import operator
from tests.receivers import Receiver, answer, listening

pytestmark = [pytest.mark.django_db(transaction=True)]
ITEMS = 60


def slowly(handler: BaseHTTPRequestHandler) -> None:
    sleep(0.005)
    answer(handler, 200)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.EXECUTOR_CONCURRENCY = 2
    with listening(slowly) as receiver:
        executor_webhook(receiver.url)
        yield receiver


def test_workers_beside_each_other_send_every_call_once(receiver: Receiver) -> None:
    sunset = executing(ITEMS)
    assert sum(at_once(*[send_all] * 4)) == ITEMS
    assert len(receiver.calls) == len(receiver.once) == ITEMS
    assert item_states(sunset) == {"done": ITEMS}
    assert call_states() == {"acknowledged": ITEMS}


def test_restore_while_workers_send_leaves_every_item_live_and_told(receiver: Receiver) -> None:
    sunset = executing(ITEMS)

    def restore() -> None:
        sleep(0.2)
        restore_sunset(sunset.pk, actor=operator(), reason="needed", now=LATER)

    at_once(send_all, send_all, restore)
    while ExecutorCall.objects.filter(state__in=ExecutorCall.OPEN).exists():
        send_all()
    assert item_states(sunset) == {"restored": ITEMS}
    assert len(live_keys()) == ITEMS
    said = [json.loads(call.body)["data"] for call in receiver.calls]
    last = {data["item"]["label"]: data["operation"] for data in said}
    assert set(last.values()) == {"restore"}
    told = ExecutorCall.objects.filter(operation="restore").count()
    assert len(last) == told == call_states("restore")["acknowledged"]
