"""Executor calls over the API: seen and decided by operators, answered by signature."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.conf import Settings
from django.contrib.auth.models import User
from rest_framework.response import Response
from rest_framework.test import APIClient

from lifecycle.models import ExecutorCall, SunsetItem, Webhook
from lifecycle.outbound import signed_headers
from lifecycle.services.executor_runs import send_due
from tests.factories.executors import LATER, executing, executor_webhook, item_states
from tests.factories.people import api_client, person
from tests.queries import asked
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
CALLS = "/api/v1/executor-calls/"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with listening(always(202)) as receiver:
        executor_webhook(receiver.url)
        yield receiver


def answer(key: UUID, body: object, *, secret: str = "") -> Response:
    raw = json.dumps(body).encode()
    secret = secret or Webhook.objects.get().secret
    headers = signed_headers([secret], message_id=str(key), at=datetime.now(UTC), body=raw)
    return APIClient().generic(
        "POST",
        f"{CALLS}{key}/acknowledge/",
        raw,
        content_type="application/json",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    )


def test_operators_see_what_executors_are_told_and_what_they_said(
    client: APIClient, receiver: Receiver
) -> None:
    receiver.manner = always(503, "busy")
    sunset = executing(3)
    send_due(LATER)
    page = client.get(CALLS, {"state": "pending", "sunset": sunset.pk, "q": "tv-001"}).json()
    (row,) = page["results"]
    assert page["count"] == 1
    assert (row["item"], row["operation"], row["executor"], row["attempts"]) == (
        "tv-001/preview", "sunset", "webhook", 1,
    )  # fmt: skip
    assert row["error"] == "It answered 503. busy"
    assert client.get(CALLS).json()["count"] == 3
    assert client.get(CALLS, {"state": "given_up"}).json()["count"] == 0
    assert client.get(CALLS, {"operation": "restore"}).json()["count"] == 0
    assert client.get(CALLS, {"executor": "webhook:x"}).json()["count"] == 0
    assert client.get(CALLS, {"sunset": 987}).json()["count"] == 0
    assert client.get(CALLS, {"state": "odd"}).status_code == 400


def test_nobody_but_operators_sees_or_decides(receiver: Receiver) -> None:
    executing(1)
    call = ExecutorCall.objects.get()
    for user in (person("ana", "tv"), person("mallory", "elsewhere")):
        member = APIClient()
        member.force_login(user)
        assert member.get(CALLS).status_code == 403
        for act in ("retry", "give-up"):
            refused = member.post(f"{CALLS}{act}/", {"calls": [call.pk]}, format="json")
            assert refused.status_code == 403
    call.refresh_from_db()
    assert call.state == "pending"


def test_a_signed_answer_settles_the_item(receiver: Receiver) -> None:
    sunset = executing(2)
    send_due(LATER)
    first, second = ExecutorCall.objects.order_by("id")
    done = answer(first.key, {"status": "done"})
    assert (done.status_code, done.json()["state"]) == (200, "acknowledged")
    assert answer(first.key, {"status": "done"}).json() == done.json()
    failed = answer(second.key, {"status": "failed", "error": "no such route"}).json()
    assert (failed["key"], failed["state"]) == (str(second.key), "given_up")
    assert item_states(sunset) == {"done": 1, "failed": 1}
    assert SunsetItem.objects.get(state="failed").error == "no such route"
    late = answer(second.key, {"status": "done"})
    assert (late.status_code, late.json()["code"]) == (409, "call_given_up")


def test_an_answer_without_words_means_done(receiver: Receiver) -> None:
    executing(1)
    send_due(LATER)
    call = ExecutorCall.objects.get()
    assert answer(call.key, {}).json()["state"] == "acknowledged"


@pytest.mark.parametrize("body", [{"status": "maybe"}, [], "x", None, {"error": "x" * 3000}])
def test_an_answer_that_makes_no_sense_changes_nothing(receiver: Receiver, body: object) -> None:
    sunset = executing(1)
    send_due(LATER)
    assert answer(ExecutorCall.objects.get().key, body).status_code == 400
    assert item_states(sunset) == {"executing": 1}


def test_an_unsigned_answer_and_one_to_an_invented_key_are_refused_alike(
    receiver: Receiver, client: APIClient
) -> None:
    executing(1)
    key = ExecutorCall.objects.get().key
    invented = UUID("0b54c9a5-1f7e-4a44-9d52-2f0c1a9ad0f1")
    answers = [
        client.post(f"{CALLS}{key}/acknowledge/"),
        answer(key, {}, secret="whsec_bm90IHRoZSBzZWNyZXQ="),
        answer(invented, {}),
    ]
    assert {(said.status_code, said.json()["code"]) for said in answers} == {(401, "not_signed")}
    assert len({said.content for said in answers}) == 1


def test_operators_try_again_and_give_up(client: APIClient, receiver: Receiver) -> None:
    sunset = executing(2)
    ids = list(ExecutorCall.objects.values_list("id", flat=True))
    body = {"calls": ids, "reason": "bot retired"}
    assert client.post(f"{CALLS}give-up/", body, format="json").json() == {"calls": 2}
    assert item_states(sunset) == {"failed": 2}
    receiver.manner = always(200)
    # Tasks run at once in tests: what is tried again is sent before the answer.
    body = {"calls": ids, "reason": "bot is back"}
    assert client.post(f"{CALLS}retry/", body, format="json").json() == {"calls": 2}
    assert item_states(sunset) == {"done": 2}
    assert client.post(f"{CALLS}retry/", {"calls": []}, format="json").status_code == 400


def test_the_list_asks_the_same_for_few_calls_and_for_many(
    operator: User, receiver: Receiver
) -> None:
    client = api_client(operator)
    executing(60)
    few = asked(lambda: client.get(CALLS, {"page_size": 2}))
    assert asked(lambda: client.get(CALLS, {"page_size": 100})) == few
