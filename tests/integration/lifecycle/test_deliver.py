"""Delivery: claimed once, tried again for days, parked and shown; against real receivers."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from django.conf import Settings
from standardwebhooks import webhooks as verifier
from standardwebhooks.webhooks import Webhook as Verifier

from lifecycle.channels import CHANNELS
from lifecycle.exceptions import UnknownThing
from lifecycle.models import Delivery, DeliveryAttempt, Event, Webhook
from lifecycle.outbound import door
from lifecycle.permissions import Actor
from lifecycle.services import deliver
from lifecycle.services.deliver import LEASE, send_due
from lifecycle.services.resend import StillOnItsWay, resend
from tests.factories.lifecycle import DAY, NOW, member, operator
from tests.factories.messages import hook, send_all, spread
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1", "hooks.example"]
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    with listening() as receiver:
        yield receiver


def happen(*keys: str) -> None:
    for key in keys:
        Event.objects.create(
            kind="source.quiet", key=f"source.quiet:{key}", title=key, at=NOW,
            data={"source": key, "last_seen_at": "2024-09-01T00:00:00Z", "expected_every": 60},
        )  # fmt: skip
    spread()


def log() -> list[tuple[int, bool, int | None, str]]:
    rows = DeliveryAttempt.objects.order_by("delivery_id", "number")
    return [(row.number, row.is_success, row.answered, row.error) for row in rows]


def run(begin: datetime, end: datetime, step: timedelta = MINUTE) -> None:
    """Let the worker look every so often on a clock of ours."""
    at = begin
    while at <= end:
        send_all(at)
        at += step


def test_event_arrives_signed_as_a_cloud_event_and_the_log_says_so(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.manner = always(202, "thanks")
    row = hook(receiver.url)
    happen("ci")
    send_all(NOW)
    (call,) = receiver.calls
    frozen = type("Frozen", (datetime,), {"now": classmethod(lambda cls, tz: NOW)})
    monkeypatch.setattr(verifier, "datetime", frozen)
    said = Verifier(row.secret).verify(call.body, call.headers)
    assert said == {
        "specversion": "1.0", "id": "source.quiet:ci", "source": "http://localhost:8000/",
        "type": "sundial.source.quiet", "time": "2024-09-01T12:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "http://localhost:8000/api/v1/events/#source.quiet",
        "data": {
            "source": "ci", "last_seen_at": "2024-09-01T00:00:00Z", "expected_every": 60,
        },
    }  # fmt: skip
    assert call.headers["content-type"] == "application/cloudevents+json"
    delivery = Delivery.objects.get()
    assert call.headers["webhook-id"] == delivery.message_id
    assert (delivery.state, delivery.finished_at, delivery.payload) == ("delivered", NOW, said)
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.number, attempt.answered, attempt.response) == (1, 202, "thanks")


def test_receiver_that_answers_500_for_a_day_gets_everything_after_it(receiver: Receiver) -> None:
    receiver.manner = always(500, "oh no")
    hook(receiver.url)
    happen("one", "two")
    run(NOW, NOW + DAY, 10 * MINUTE)
    tried = len(receiver.calls)
    assert 10 < tried < 60
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert {row[1:] for row in log()} == {(False, 500, "It answered 500.")}
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 2
    receiver.manner = always(200)
    run(NOW + DAY, NOW + 2 * DAY, 10 * MINUTE)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    assert len(receiver.calls) == tried + 2
    hooks = Webhook.objects.get()
    assert (hooks.failures, hooks.open_until, hooks.is_enabled) == (0, None, True)


def test_receiver_that_never_recovers_is_given_up_after_days_and_parked(receiver: Receiver) -> None:
    receiver.manner = always(503)
    hook(receiver.url)
    happen("one")
    run(NOW, NOW + 12 * DAY, timedelta(hours=1))
    row = Delivery.objects.get()
    assert (row.state, row.error) == ("parked", "It answered 503.")
    assert len(receiver.calls) == deliver.BACKOFF.attempts
    assert row.finished_at is not None
    assert timedelta(days=2) < row.finished_at - NOW < timedelta(days=10)


def test_receiver_that_never_answers_is_left_and_tried_again(receiver: Receiver) -> None:
    receiver.manner = lambda handler: receiver.closing.wait(30) and None
    hook(receiver.url)
    happen("one")
    send_all(NOW)
    assert log() == [(1, False, None, "127.0.0.1 took longer than 1 s.")]
    row = Delivery.objects.get()
    assert row.state == "waiting"
    assert row.due_at > NOW


def test_redirect_to_this_machine_is_not_followed_and_parked(receiver: Receiver) -> None:
    with listening() as inside:
        receiver.manner = always(302, Location=inside.url)
        hook(receiver.url)
        happen("one")
        send_all(NOW)
        assert inside.calls == []
    assert log() == [(1, False, 302, "It answered 302: redirects are not followed.")]
    assert Delivery.objects.get().state == "parked"


def test_name_that_turns_private_on_second_look_is_refused_and_parked(
    receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return ["127.0.0.1"] if len(looks) == 1 else ["10.0.0.1"]

    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    monkeypatch.setattr(
        door.post, "__kwdefaults__", door.post.__kwdefaults__ | {"resolve": rebinding}
    )
    hook(receiver.url.replace("127.0.0.1", "hooks.example"))
    happen("one", "two")
    send_all(NOW)
    assert (len(receiver.calls), looks) == (1, ["hooks.example"] * 2)
    refused = "hooks.example is not called: its address is not a public one."
    assert log() == [(1, True, 200, ""), (1, False, None, refused)]
    assert Delivery.objects.latest("id").state == "parked"


def test_410_disables_the_webhook_and_keeps_the_rest_until_it_is_enabled(
    receiver: Receiver,
) -> None:
    receiver.manner = always(410)
    row = hook(receiver.url)
    happen("one", "two")
    send_all(NOW)
    row.refresh_from_db()
    assert not row.is_enabled
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == [
        "parked",
        "waiting",
    ]
    happen("three")
    run(NOW, NOW + DAY, timedelta(hours=1))
    assert len(receiver.calls) == 1
    receiver.manner = always(200)
    Webhook.objects.update(is_enabled=True)
    send_all(NOW + DAY)
    assert len(receiver.calls) == 2


def test_breaker_keeps_a_receiver_that_fails_from_being_hammered(receiver: Receiver) -> None:
    receiver.manner = always(500)
    hook(receiver.url)
    with listening() as other:
        hook(other.url, "other")
        happen(*(f"{n}" for n in range(30)))
        send_all(NOW)
        assert len(receiver.calls) == 5
        assert len(other.calls) == 30


def test_receiver_that_asks_for_time_gets_it(receiver: Receiver) -> None:
    receiver.manner = always(429, Retry_After="7200")
    hook(receiver.url)
    happen("one")
    send_all(NOW)
    assert Delivery.objects.get().due_at == NOW + timedelta(hours=2)


def test_worker_that_died_leaves_a_lease_that_runs_out(receiver: Receiver) -> None:
    hook(receiver.url)
    happen("one")
    Delivery.objects.update(state="sending", lease="gone", leased_until=NOW + LEASE)
    assert send_due(NOW + LEASE - MINUTE) == 0
    assert send_due(NOW + LEASE) == 1
    assert Delivery.objects.get().state == "delivered"


def test_lease_that_ran_out_concludes_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(receiver.url)
    happen("one")

    def slow(message: object) -> None:
        Delivery.objects.update(lease="somebody else")
        raise RuntimeError("and then it broke")

    monkeypatch.setattr(CHANNELS["webhook"], "send", slow, raising=False)
    send_due(NOW)
    row = Delivery.objects.get()
    assert (row.state, row.lease) == ("sending", "somebody else")


def test_message_that_breaks_its_channel_stops_no_other(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hook(receiver.url)
    happen("one", "two")
    usual = CHANNELS["webhook"].send

    def picky(message: object) -> object:
        if "one" in json.dumps(message.payload):
            raise ZeroDivisionError
        return usual(message)

    monkeypatch.setattr(CHANNELS["webhook"], "send", picky, raising=False)
    send_all(NOW)
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == [
        "waiting",
        "delivered",
    ]
    assert "broke its channel" in caplog.text


def test_what_ended_can_be_sent_again_as_it_was_by_whoever_keeps_it(receiver: Receiver) -> None:
    hook(receiver.url)
    happen("one")
    row = Delivery.objects.get()
    chief = Actor("olga", is_operator=True, scopes=frozenset({"lifecycle", "admin"}))
    with pytest.raises(StillOnItsWay):
        resend(row.pk, user_id=None, actor=chief, now=NOW)
    send_all(NOW)
    for outsider in (member("ana", "tv"), operator(), Actor("")):
        with pytest.raises(UnknownThing):
            resend(row.pk, user_id=1, actor=outsider, now=NOW)
    resend(row.pk, user_id=None, actor=chief, now=NOW + DAY)
    send_all(NOW + DAY)
    first, second = receiver.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert [number for number, *_ in log()] == [1, 2]
