"""What executors say later and operators decide: signed, once, and never against use."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import Settings

from lifecycle.exceptions import Blocked, CallGivenUp, NotSigned, PermissionDenied
from lifecycle.models import AuditEntry, ExecutorCall, Sunset, SunsetItem, Webhook
from lifecycle.outbound import new_secret, signed_headers
from lifecycle.permissions import Actor
from lifecycle.services.executor_answers import (
    acknowledge,
    refuse,
    retry_calls,
    signed_call,
    stop_calls,
)
from lifecycle.services.executor_runs import send_due
from lifecycle.services.sunsets import restore_sunset
from tests.factories.executors import (
    LATER,
    admin,
    call_states,
    executing,
    executor_webhook,
    item_states,
    live_keys,
    send_all,
)
from tests.factories.lifecycle import deployment, member, operator, take_in
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
BODY = b'{"status": "done"}'
State = ExecutorCall.State
LONG_AFTER = LATER + timedelta(hours=1)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.EXECUTOR_ATTEMPTS = 1
    with listening(always(202)) as receiver:
        executor_webhook(receiver.url)
        yield receiver


def sent(count: int = 1) -> tuple[Sunset, list[ExecutorCall]]:
    """A sunset whose calls were accepted and wait for their callbacks."""
    sunset = executing(count)
    send_due(LATER)
    return sunset, list(ExecutorCall.objects.order_by("id"))


def given_up(count: int = 1) -> tuple[Sunset, list[int]]:
    """A sunset whose calls were all given up."""
    sunset = executing(count)
    send_due(LATER)
    assert call_states() == {"given_up": count}
    return sunset, list(ExecutorCall.objects.order_by("id").values_list("id", flat=True))


def headers(call: ExecutorCall, secret: str = "", **other: str) -> dict[str, str]:
    """The headers of a callback; libraries look at the real clock."""
    return signed_headers(
        [secret or Webhook.objects.get().secret],
        message_id=other.get("about", str(call.key)),
        at=datetime.fromisoformat(other["at"]) if "at" in other else datetime.now(UTC),
        body=other.get("body", BODY.decode()).encode(),
    )


@pytest.fixture
def _patient(settings: Settings, receiver: Receiver) -> None:
    settings.EXECUTOR_ATTEMPTS = 3


@pytest.mark.usefixtures("_patient")
def test_signed_callback_settles_the_item_and_said_twice_it_counts_once() -> None:
    sunset, (call,) = sent()
    assert (call.state, item_states(sunset)) == (State.SENT, {"executing": 1})
    found = signed_call(call.key, headers=headers(call), body=BODY, now=LATER)
    assert acknowledge(found, now=LATER).state == State.ACKNOWLEDGED
    assert item_states(sunset) == {"done": 1}
    entries = AuditEntry.objects.count()
    again = signed_call(call.key, headers=headers(call), body=BODY, now=LATER)
    assert acknowledge(again, now=LONG_AFTER).acknowledged_at == LATER
    assert AuditEntry.objects.count() == entries
    assert send_all(LONG_AFTER) == 0


@pytest.mark.usefixtures("_patient")
def test_secret_that_is_being_rotated_out_still_signs() -> None:
    _, (call,) = sent()
    old, until = Webhook.objects.get().secret, LATER + timedelta(hours=1)
    Webhook.objects.update(secret=new_secret(), previous_secret=old, previous_until=until)
    assert signed_call(call.key, headers=headers(call, old), body=BODY, now=LATER) == call
    with pytest.raises(NotSigned):
        signed_call(call.key, headers=headers(call, old), body=BODY, now=until)


FORGERIES = {
    "by another secret": {"secret": new_secret()},
    "of another body": {"body": '{"status": "failed"}'},
    "about another call": {"about": str(uuid4())},
    "too old": {"at": "2024-09-01T12:00:00+00:00"},
}


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_forged_callback_is_refused(forgery: dict[str, str]) -> None:
    sunset, (call,) = sent()
    with pytest.raises(NotSigned):
        signed_call(call.key, headers=headers(call, **forgery), body=BODY, now=LATER)
    assert item_states(sunset) == {"executing": 1}


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", ["", "x", "v1", "v1,", "v1,é", "nan", "9" * 400, "v1, v1"])
def test_odd_header_is_refused(name: str, value: str) -> None:
    _, (call,) = sent()
    with pytest.raises(NotSigned):
        signed_call(call.key, headers=headers(call) | {name: value}, body=BODY, now=LATER)


@pytest.mark.usefixtures("_patient")
def test_another_webhook_cannot_answer_and_unknown_keys_look_the_same() -> None:
    _, (call,) = sent()
    other = executor_webhook(name="other").secret
    ExecutorCall.objects.update(executor="webhook:bot")
    with pytest.raises(NotSigned):
        signed_call(call.key, headers=headers_of(call, other), body=BODY, now=LATER)
    ExecutorCall.objects.update(executor="webhook:nobody")
    with pytest.raises(NotSigned):
        signed_call(call.key, headers=headers_of(call, other), body=BODY, now=LATER)
    call.key = uuid4()
    with pytest.raises(NotSigned):
        signed_call(call.key, headers=headers_of(call, other), body=BODY, now=LATER)


def headers_of(call: ExecutorCall, secret: str) -> dict[str, str]:
    return signed_headers([secret], message_id=str(call.key), at=datetime.now(UTC), body=BODY)


@pytest.mark.usefixtures("_patient")
def test_executor_may_say_that_it_will_never_do_it() -> None:
    _, (call,) = sent()
    assert refuse(call, "No such route.", now=LATER).state == State.GIVEN_UP
    item = SunsetItem.objects.get()
    assert (item.state, item.error) == ("failed", "No such route.")
    assert live_keys() == {"tv-000/preview"}
    refuse(call, "", now=LATER)
    assert ExecutorCall.objects.get().error == "No such route."


@pytest.mark.usefixtures("receiver")
def test_acknowledged_too_late_is_refused_noted_and_shown() -> None:
    sunset, _ = given_up()
    call = ExecutorCall.objects.get()
    for _ in range(2):
        with pytest.raises(CallGivenUp, match="tv-000/preview counts as live"):
            acknowledge(call, now=LONG_AFTER)
    call.refresh_from_db()
    assert (call.state, call.acknowledged_at) == (State.GIVEN_UP, LONG_AFTER)
    assert item_states(sunset) == {"failed": 1}
    assert AuditEntry.objects.filter(action="acknowledged too late").count() == 1


def test_restore_that_was_given_up_may_still_be_acknowledged(receiver: Receiver) -> None:
    receiver.manner = always(200)
    sunset = executing(1)
    send_due(LATER)
    restore_sunset(sunset.pk, actor=operator(), reason="", now=LATER)
    receiver.manner = always(202)
    send_due(LATER)
    call = ExecutorCall.objects.get(operation="restore")
    assert (call.state, item_states(sunset)) == (State.GIVEN_UP, {"restoring": 1})
    assert acknowledge(call, now=LONG_AFTER).state == State.ACKNOWLEDGED
    assert item_states(sunset) == {"restored": 1}


def test_operator_tries_what_was_given_up_again_under_the_old_keys(receiver: Receiver) -> None:
    sunset, calls = given_up(3)
    keys = set(ExecutorCall.objects.values_list("key", flat=True))
    assert len(live_keys()) == 3
    assert retry_calls(calls, actor=admin(), reason="mended", now=LONG_AFTER) == 3
    assert item_states(sunset) == {"executing": 3}
    assert live_keys() == set()
    receiver.manner = always(200)
    send_due(LONG_AFTER)
    assert item_states(sunset) == {"done": 3}
    assert len(receiver.once) == 3
    assert set(ExecutorCall.objects.values_list("key", flat=True)) == keys
    entry = AuditEntry.objects.get(action="retry executor")
    assert (entry.actor, entry.reason, len(entry.evidence["items"])) == ("olga", "mended", 3)


@pytest.mark.usefixtures("receiver")
def test_nothing_in_use_is_tried_again() -> None:
    sunset, calls = given_up(2)
    used = (LATER + timedelta(minutes=1)).isoformat()
    take_in(
        deployment("tv-001/preview", "tv", "1.0.0", ttl="P365D"),
        {"type": "usage", "deployment": "tv-001/preview", "last_used_at": used},
        now=LONG_AFTER,
    )
    with pytest.raises(Blocked, match="tv-001/preview"):
        retry_calls(calls, actor=admin(), reason="", now=LONG_AFTER)
    assert item_states(sunset) == {"failed": 2}
    assert call_states() == {"given_up": 2}
    assert not AuditEntry.objects.filter(action="retry executor").exists()


def test_restore_that_was_given_up_is_tried_again(receiver: Receiver) -> None:
    receiver.manner = always(200)
    sunset = executing(1)
    send_due(LATER)
    restore_sunset(sunset.pk, actor=operator(), reason="", now=LATER)
    receiver.manner = always(500)
    send_due(LATER)
    call = ExecutorCall.objects.get(operation="restore", state=State.GIVEN_UP)
    receiver.manner = always(200)
    assert retry_calls([call.pk], actor=admin(), reason="", now=LONG_AFTER) == 1
    send_due(LONG_AFTER)
    assert item_states(sunset) == {"restored": 1}


@pytest.mark.usefixtures("_patient")
def test_operator_gives_open_calls_up_and_the_items_count_as_live() -> None:
    sunset, calls = sent(2)
    ids = [call.pk for call in calls]
    assert stop_calls(ids, actor=admin(), reason="bot retired", now=LONG_AFTER) == 2
    assert item_states(sunset) == {"failed": 2}
    assert len(live_keys()) == 2
    assert {c.error for c in ExecutorCall.objects.all()} == {"Given up by olga. bot retired"}
    assert AuditEntry.objects.get(action="give up executor").reason == "bot retired"
    assert stop_calls(ids, actor=admin(), reason="", now=LONG_AFTER) == 0


@pytest.mark.usefixtures("receiver")
@pytest.mark.parametrize("decide", [retry_calls, stop_calls])
def test_only_operators_with_the_admin_scope_decide(decide: object) -> None:
    _, calls = given_up()
    for actor in (member("ana", "tv"), member("mallory", "elsewhere"), operator(), Actor("")):
        with pytest.raises(PermissionDenied):
            decide(calls, actor=actor, reason="", now=LATER)  # type: ignore[operator]
    assert call_states() == {"given_up": 1}


@pytest.mark.usefixtures("receiver")
def test_nothing_is_decided_on_calls_that_are_not_there() -> None:
    assert retry_calls([987], actor=admin(), reason="", now=LATER) == 0
    assert stop_calls([987], actor=admin(), reason="", now=LATER) == 0
    assert not AuditEntry.objects.exists()
