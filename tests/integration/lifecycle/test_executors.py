"""Executors: what a name means, and what a webhook's answers mean for a call."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import Settings

from lifecycle.exceptions import UnknownExecutor
from lifecycle.executors import (
    Accepted,
    Acknowledged,
    Failed,
    Message,
    Outcome,
    executor_named,
    executor_names,
)
from lifecycle.models import Webhook
from lifecycle.outbound import new_secret
from lifecycle.services.webhook_calls import FAILURES_UNTIL_OPEN, OPEN_FOR
from lineage.models import Team
from tests.factories.lifecycle import NOW
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
MESSAGE = Message("0b54c9a5", b'{"type": "sunset"}')


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    with listening() as receiver:
        yield receiver


def hook(name: str = "bot", url: str = "https://example.com/hook", **stated: object) -> Webhook:
    stated = {"purpose": Webhook.Purpose.EXECUTOR, **stated}
    return Webhook.objects.create(
        name=name, url=url, secret=new_secret(), created_by="olga", created_at=NOW, **stated
    )


def send(receiver: Receiver, status: int, text: str = "", **headers: str) -> Outcome:
    receiver.manner = always(status, text, **headers)
    hook(url=receiver.url)
    return executor_named("webhook:bot").send(MESSAGE, now=NOW)


def held_until(now: datetime = NOW) -> datetime | None:
    held = executor_named("webhook").held(now)
    return held.until if held else None


def test_recording_alone_needs_to_tell_nobody() -> None:
    record = executor_named("record")
    assert (record.name, record.is_immediate, record.held(NOW)) == ("record", True, None)
    assert record.send(MESSAGE, now=NOW) == Acknowledged()
    record.learn([Acknowledged()], now=NOW)


def test_webhook_goes_by_its_own_name_and_the_only_one_without() -> None:
    hook("bot")
    assert executor_named("webhook").name == executor_named("webhook:bot").name == "webhook:bot"
    assert not executor_named("webhook").is_immediate
    assert executor_names() == ["record", "webhook", "webhook:bot"]


def test_of_several_webhooks_one_must_be_named() -> None:
    hook("bot")
    hook("robot")
    assert executor_names() == ["record", "webhook:bot", "webhook:robot"]
    assert executor_named("webhook:robot").name == "webhook:robot"
    with pytest.raises(UnknownExecutor, match="webhook:bot, webhook:robot"):
        executor_named("webhook")


@pytest.mark.parametrize("name", ["", "webhook", "webhook:", "webhook:bot", "ftp", "record:x"])
def test_name_that_means_no_executor_is_refused(name: str) -> None:
    hook("notices", purpose=Webhook.Purpose.NOTICES)
    hook("a team's", team=Team.objects.create(name="tv"))
    assert executor_names() == ["record"]
    with pytest.raises(UnknownExecutor):
        executor_named(name)


def test_message_goes_out_signed_under_its_own_key(receiver: Receiver) -> None:
    assert send(receiver, 200) == Acknowledged()
    (call,) = receiver.calls
    assert (call.headers["webhook-id"], call.body) == (MESSAGE.key, MESSAGE.body)
    assert call.headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success_means_carried_out(receiver: Receiver, status: int) -> None:
    assert send(receiver, status) == Acknowledged()


def test_202_means_that_a_callback_follows(receiver: Receiver) -> None:
    assert send(receiver, 202) == Accepted()


@pytest.mark.parametrize("status", [400, 413, 415, 422, 501])
def test_refusal_of_the_message_itself_is_permanent_and_says_why(
    receiver: Receiver, status: int
) -> None:
    said = send(receiver, status, "no such route\n")
    assert said == Failed(f"It answered {status}. no such route", is_permanent=True)


@pytest.mark.parametrize("status", [302, 401, 404, 409, 429, 500, 503])
def test_any_other_refusal_is_tried_again(receiver: Receiver, status: int) -> None:
    outcome = send(receiver, status)
    assert isinstance(outcome, Failed)
    assert not outcome.is_permanent
    assert not outcome.is_gone


def test_receiver_may_say_how_long_it_wants_to_be_left_alone(receiver: Receiver) -> None:
    outcome = send(receiver, 503, Retry_After="120")
    assert isinstance(outcome, Failed)
    assert outcome.wait == timedelta(minutes=2)


def test_address_that_is_not_called_fails_and_may_be_mended(settings: Settings) -> None:
    hook(url="http://127.0.0.1:9/")
    outcome = executor_named("webhook").send(MESSAGE, now=NOW)
    assert isinstance(outcome, Failed)
    assert not outcome.is_permanent
    assert "127.0.0.1" in outcome.error


def test_410_switches_the_webhook_off_and_it_is_left_alone(receiver: Receiver) -> None:
    outcome = send(receiver, 410)
    executor_named("webhook").learn([Acknowledged(), outcome], now=NOW)
    assert not Webhook.objects.get().is_enabled
    held = executor_named("webhook").held(NOW)
    assert held is not None
    assert held.until == NOW + timedelta(minutes=1)
    assert "switched off. It answered 410" in held.reason


def test_what_fails_together_opens_the_breaker_once_and_success_closes_it() -> None:
    hook()
    failures = [Failed("It answered 500.")] * 40
    executor_named("webhook").learn(failures[: FAILURES_UNTIL_OPEN - 1], now=NOW)
    assert held_until() is None
    executor_named("webhook").learn(failures, now=NOW)
    assert held_until() == NOW + OPEN_FOR
    assert held_until(NOW + OPEN_FOR) is None
    executor_named("webhook").learn(failures, now=NOW)
    assert held_until() == NOW + 2 * OPEN_FOR
    executor_named("webhook").learn([*failures, Acknowledged()], now=NOW)
    assert held_until() is None
    assert Webhook.objects.get().failures == 0


def test_receiver_that_refuses_one_message_for_good_still_listens() -> None:
    hook()
    refused = [Failed("It answered 422.", is_permanent=True)] * 40
    executor_named("webhook").learn(refused, now=NOW)
    executor_named("webhook").learn([], now=NOW)
    assert held_until() is None
