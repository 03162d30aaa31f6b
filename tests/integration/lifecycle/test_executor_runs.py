"""Due calls are sent, settled, tried again and given up; each item shows its true state."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from django.conf import Settings

from lifecycle.models import AuditEntry, ExecutorCall, Sunset, SunsetItem, Webhook
from lifecycle.services.executor_runs import send_due
from lifecycle.services.stops import end_stop, start_stop
from lifecycle.services.sunsets import drive_sunsets, restore_sunset
from tests.factories.executors import (
    LATER,
    admin,
    call_states,
    executing,
    executor_webhook,
    in_grace,
    item_states,
    live_keys,
    send_all,
)
from tests.factories.lifecycle import DAY, ago, deployment, operator, take_in
from tests.receivers import Manner, Receiver, always, answer, listening

pytestmark = pytest.mark.django_db
State = ExecutorCall.State
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.WEBHOOK_TIMEOUT_SECONDS = 10
    settings.EXECUTOR_ATTEMPTS = 3
    with listening() as receiver:
        executor_webhook(receiver.url)
        yield receiver


def refusing(refused: str) -> Manner:
    """Answers 200 but for the item of this name."""

    def manner(handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.heard.body)  # type: ignore[attr-defined]
        is_refused = body["data"]["item"]["label"] == refused
        answer(handler, 422 if is_refused else 200, "no such route" if is_refused else "")

    return manner


def heard(receiver: Receiver, operation: str = "sunset") -> list[str]:
    """The items it was told of, each message once."""
    bodies = [json.loads(call.body) for call in receiver.once.values()]
    return sorted(
        body["data"]["item"]["label"] for body in bodies if body["type"] == f"executor.{operation}"
    )


def test_items_are_recorded_first_and_done_when_the_executor_acknowledges(
    receiver: Receiver,
) -> None:
    sunset = executing(3)
    assert item_states(sunset) == {"executing": 3}
    assert live_keys() == set()
    assert receiver.calls == []

    assert send_due(LATER) == 3

    sunset.refresh_from_db()
    assert (sunset.state, item_states(sunset)) == ("done", {"done": 3})
    assert heard(receiver) == ["tv-000/preview", "tv-001/preview", "tv-002/preview"]
    assert call_states() == {"acknowledged": 3}
    assert send_due(LATER + DAY) == 0
    assert len(receiver.calls) == 3


def test_message_says_all_a_program_needs_to_act(receiver: Receiver) -> None:
    sunset = executing(1)
    send_due(LATER)
    (sent,) = receiver.calls
    call = ExecutorCall.objects.get()
    assert sent.headers["webhook-id"] == str(call.key)
    assert json.loads(sent.body) == {
        "type": "executor.sunset",
        "timestamp": LATER.isoformat(),
        "data": {
            "key": str(call.key),
            "sequence": call.pk,
            "operation": "sunset",
            "item": {
                "kind": "deployment",
                "label": "tv-000/preview",
                "ecosystem": "platform",
                "module": "tv",
                "version": "1.0.0",
                "purl": "pkg:platform/tv@1.0.0",
                "digest": "",
                "owner": "tv",
                "deployment": "tv-000/preview",
                "environment": "preview",
                "tier": "preprod",
                "region": "",
                "route": "",
                "started_at": ago(150),
            },
            "sunset": {
                "id": sunset.pk,
                "title": sunset.title,
                "reason": "tidying up",
                "made_by": "olga",
            },
        },
    }


def test_what_fails_is_sent_again_later_and_later_the_same_message(receiver: Receiver) -> None:
    sunset = executing(1)
    receiver.manner = always(503, "busy")
    assert send_due(LATER) == 1
    call = ExecutorCall.objects.get()
    assert (call.state, call.attempts, call.leased_until) == (State.PENDING, 1, None)
    assert call.error == "It answered 503. busy"
    assert LATER + 2.5 * SECOND <= call.next_attempt_at <= LATER + 7 * SECOND
    assert send_due(LATER + 2 * SECOND) == 0
    receiver.manner = always(200)
    assert send_due(LATER + 10 * SECOND) == 1
    first, second = receiver.calls
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert item_states(sunset) == {"done": 1}
    assert ExecutorCall.objects.get().error == ""


def test_partial_failure_leaves_each_item_in_its_true_state(receiver: Receiver) -> None:
    sunset = executing(3)
    refused = "tv-001/preview"
    receiver.manner = refusing(refused)
    settle()
    assert item_states(sunset) == {"done": 2, "failed": 1}
    failed = SunsetItem.objects.get(state="failed")
    assert (failed.label, failed.error) == (refused, "It answered 422. no such route")
    # It runs, so it counts as running.
    assert live_keys() == {refused}
    sunset.refresh_from_db()
    assert sunset.state == Sunset.State.DONE
    assert call_states() == {"acknowledged": 2, "given_up": 1}
    given_up = AuditEntry.objects.get(action="sunset given up")
    assert given_up.evidence["items"] == [refused]


def settle() -> None:
    """Send at ever later instants until nothing is left to send."""
    at = LATER
    while ExecutorCall.objects.filter(state__in=ExecutorCall.OPEN).exists():
        send_all(at)
        at += HOUR


def test_what_never_succeeds_is_given_up_and_stays_visible(receiver: Receiver) -> None:
    sunset = executing(2)
    receiver.manner = always(500)
    settle()
    assert len(receiver.calls) == 2 * 3
    assert item_states(sunset) == {"failed": 2}
    assert live_keys() == {"tv-000/preview", "tv-001/preview"}
    assert {call.error for call in ExecutorCall.objects.all()} == {"It answered 500."}


def test_202_waits_for_the_callback_and_asks_again_in_minutes(receiver: Receiver) -> None:
    sunset = executing(1)
    receiver.manner = always(202)
    send_due(LATER)
    call = ExecutorCall.objects.get()
    assert (call.state, item_states(sunset)) == (State.SENT, {"executing": 1})
    assert call.next_attempt_at >= LATER + timedelta(minutes=2.5)
    receiver.manner = always(200)
    send_due(LATER + HOUR)
    assert item_states(sunset) == {"done": 1}


def test_what_is_accepted_and_never_acknowledged_is_given_up(receiver: Receiver) -> None:
    sunset = executing(1)
    receiver.manner = always(202)
    settle()
    assert item_states(sunset) == {"failed": 1}
    assert "nobody ever said" in ExecutorCall.objects.get().error


def test_open_breaker_holds_calls_back_without_costing_attempts(receiver: Receiver) -> None:
    executing(8)
    receiver.manner = always(500)
    send_due(LATER)
    assert Webhook.objects.get().is_open(LATER + 10 * SECOND)
    assert send_due(LATER + 10 * SECOND) == 0
    assert len(receiver.calls) == 8
    calls = ExecutorCall.objects.all()
    assert {call.attempts for call in calls} == {1}
    assert all("left alone" in call.error for call in calls)
    receiver.manner = always(200)
    assert send_due(LATER + HOUR) == 8
    assert call_states() == {"acknowledged": 8}


def test_webhook_that_is_gone_is_switched_off_and_its_calls_wait_for_somebody(
    receiver: Receiver,
) -> None:
    sunset = executing(1)
    receiver.manner = always(410)
    send_due(LATER)
    assert not Webhook.objects.get().is_enabled
    assert send_due(LATER + DAY) == 0
    call = ExecutorCall.objects.get()
    assert (call.state, call.attempts) == (State.PENDING, 1)
    assert "switched off" in call.error
    receiver.manner = always(200)
    Webhook.objects.update(is_enabled=True)
    send_due(LATER + 2 * DAY)
    assert item_states(sunset) == {"done": 1}


def test_executor_that_is_not_there_fails_visibly_and_may_come_back(receiver: Receiver) -> None:
    sunset = executing(1)
    Webhook.objects.update(name="robot")
    ExecutorCall.objects.update(executor="webhook:bot")
    assert send_due(LATER) == 1
    call = ExecutorCall.objects.get()
    assert (call.attempts, call.state) == (1, State.PENDING)
    assert "no such webhook" in call.error
    Webhook.objects.update(name="bot")
    send_due(LATER + HOUR)
    assert item_states(sunset) == {"done": 1}


def test_call_that_another_worker_may_be_sending_is_left_to_it(receiver: Receiver) -> None:
    executing(2)
    first, second = ExecutorCall.objects.order_by("id")
    ExecutorCall.objects.filter(pk=first.pk).update(leased_until=LATER + HOUR)
    assert send_due(LATER) == 1
    assert heard(receiver) == [second.item.label]
    # The lease of a worker that died ends, and the call is sent under its own key.
    assert send_due(LATER + HOUR) == 1
    assert call_states() == {"acknowledged": 2}


def test_restore_waits_until_the_sunset_call_of_its_item_is_over(receiver: Receiver) -> None:
    sunset = executing(1)
    ExecutorCall.objects.update(leased_until=LATER + HOUR, last_attempt_at=LATER, attempts=1)
    restore(sunset)
    assert call_states() == {"withdrawn": 1}
    assert send_due(LATER) == 0
    assert send_due(LATER + HOUR) == 1
    assert heard(receiver, "restore") == ["tv-000/preview"]


def restore(sunset: Sunset, now: datetime = LATER) -> None:
    restore_sunset(sunset.pk, actor=operator(), reason="needed after all", now=now)


def test_restore_tells_the_executor_and_is_over_when_it_acknowledges(receiver: Receiver) -> None:
    sunset = executing(3)
    send_due(LATER)
    restore(sunset)
    assert item_states(sunset) == {"restoring": 3}
    assert len(live_keys()) == 3
    assert heard(receiver, "restore") == []
    send_due(LATER)
    assert item_states(sunset) == {"restored": 3}
    assert heard(receiver, "restore") == heard(receiver)
    sequences = [json.loads(call.body)["data"]["sequence"] for call in receiver.calls]
    assert min(sequences[3:]) > max(sequences[:3])


def test_restore_before_anything_was_sent_tells_nobody(receiver: Receiver) -> None:
    sunset = executing(3)
    restore(sunset)
    assert item_states(sunset) == {"restored": 3}
    assert send_all() == 0
    assert receiver.calls == []


def test_restore_that_is_given_up_shows_its_error_and_keeps_what_we_recorded(
    receiver: Receiver,
) -> None:
    sunset = executing(1)
    send_due(LATER)
    restore(sunset)
    receiver.manner = always(422, "gone for good")
    send_due(LATER)
    item = SunsetItem.objects.get()
    assert (item.state, item.error) == ("restoring", "It answered 422. gone for good")
    assert live_keys() == {"tv-000/preview"}


def test_purge_calls_the_executor_after_the_time_to_restore_is_over(receiver: Receiver) -> None:
    sunset = executing(2)
    send_due(LATER)
    take_in(deployment("tv-001/preview", "tv", "1.0.0", ttl="P7D"), now=LATER + DAY)
    drive_sunsets(LATER + 31 * DAY)
    assert send_all(LATER + 31 * DAY) == 1
    assert heard(receiver, "purge") == ["tv-000/preview"]
    assert item_states(sunset) == {"purged": 1, "revived": 1}


def test_nothing_is_said_of_a_deployment_that_was_deployed_anew(receiver: Receiver) -> None:
    executing(2)
    anew(1)
    assert send_due(LATER) == 1
    assert heard(receiver) == ["tv-000/preview"]
    waits = ExecutorCall.objects.get(state=State.PENDING)
    assert (waits.leased_until, "deployed anew" in waits.error) == (None, True)


def anew(number: int) -> None:
    """It is deployed again under its own name."""
    later = LATER.isoformat()
    take_in(deployment(f"tv-00{number}/preview", "tv", "1.0.0", started_at=later), now=LATER)


def test_restore_leaves_alone_what_was_deployed_anew(receiver: Receiver) -> None:
    sunset = executing(2)
    send_due(LATER)
    anew(1)
    restore(sunset)
    send_due(LATER)
    assert heard(receiver, "restore") == ["tv-000/preview"]
    assert "restoring" not in item_states(sunset)


def test_emergency_stop_holds_sunsets_back_and_lets_restores_through(receiver: Receiver) -> None:
    gone = executing(2)
    item = SunsetItem.objects.filter(sunset=gone).order_by("id")[0]
    ExecutorCall.objects.filter(item=item).update(next_attempt_at=LATER + HOUR)
    send_due(LATER)
    start_stop(actor=admin(), reason="something smells", now=LATER)
    assert send_all(LATER + HOUR) == 0
    restore(gone)
    assert send_all(LATER + HOUR) == 1
    assert heard(receiver, "restore") == ["tv-001/preview"]
    end_stop(actor=admin(), reason="all is well", now=LATER)
    assert send_all(LATER + HOUR) == 0


def test_500_items_are_sent_in_batches(receiver: Receiver, settings: Settings) -> None:
    sunset = executing(100, batch_size=40)
    assert send_all() == 100
    assert len(receiver.calls) == len(heard(receiver)) == 100
    assert item_states(sunset) == {"done": 100}


def test_record_executor_writes_no_calls() -> None:
    sunset = in_grace(3, "record")
    drive_sunsets(LATER)
    assert item_states(sunset) == {"done": 3}
    assert not ExecutorCall.objects.exists()
    assert send_due(LATER) == 0


@pytest.mark.usefixtures("receiver")
def test_restore_works_when_the_webhook_is_gone_and_its_call_fails_visibly() -> None:
    sunset = executing(1)
    send_due(LATER)
    Webhook.objects.all().delete()
    restore(sunset)
    assert live_keys() == {"tv-000/preview"}
    settle()
    item = SunsetItem.objects.get()
    assert item.state == "restoring"
    assert "no such webhook" in item.error
