"""Calling a webhook: signed, guarded by the settings, its breaker kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import Settings
from standardwebhooks.webhooks import Webhook as Verifier

from lifecycle.models import Webhook
from lifecycle.outbound import ForbiddenTarget, Gone, OutboundError, new_secret
from lifecycle.services.webhook_calls import FAILURES_UNTIL_OPEN, call_webhook
from tests.factories.lifecycle import NOW
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.WEBHOOK_TIMEOUT_SECONDS = 1
    with listening() as receiver:
        yield receiver


def webhook(receiver: Receiver, **stated: object) -> Webhook:
    stated = {"url": receiver.url, "secret": new_secret(), **stated}
    return Webhook.objects.create(name="bot", created_by="olga", created_at=NOW, **stated)


def call(hook: Webhook, **options: object) -> int:
    options = {"message_id": "msg_1", "body": b'{"a": 1}', "now": NOW, **options}
    return call_webhook(hook, **options).status  # type: ignore[arg-type]


def test_message_is_signed_by_the_secret_and_while_it_rotates_by_the_one_before(
    receiver: Receiver,
) -> None:
    until = NOW + timedelta(hours=1)
    hook = webhook(receiver, previous_secret=new_secret(), previous_until=until)
    assert call(hook) == 200
    assert call(hook, now=until) == 200
    during, after = (c.headers["webhook-signature"].split(" ") for c in receiver.calls)
    assert (len(during), len(after)) == (2, 1)
    stated = receiver.calls[0].headers | {"webhook-timestamp": str(int(NOW.timestamp()))}
    signed = Verifier(hook.previous_secret).sign("msg_1", NOW, '{"a": 1}')
    assert signed in stated["webhook-signature"]


def test_410_disables_and_says_why(receiver: Receiver) -> None:
    receiver.manner = always(410)
    hook = webhook(receiver)
    with pytest.raises(Gone):
        call(hook)
    hook.refresh_from_db()
    assert (hook.is_enabled, hook.disabled_reason) == (
        False,
        "It answered 410: it wants nothing more.",
    )


def test_breaker_opens_after_failures_in_a_row_for_longer_each_time_and_success_closes_it(
    receiver: Receiver,
) -> None:
    receiver.manner = always(500)
    hook = webhook(receiver)
    waits = []
    for _ in range(FAILURES_UNTIL_OPEN + 2):
        with pytest.raises(OutboundError):
            call(hook)
        hook.refresh_from_db()
        waits.append(hook.open_until)
    assert waits[: FAILURES_UNTIL_OPEN - 1] == [None] * (FAILURES_UNTIL_OPEN - 1)
    assert waits[-3:] == [NOW + timedelta(minutes=m) for m in (1, 2, 4)]
    assert hook.is_open(NOW)
    receiver.manner = always(200)
    call(hook, now=NOW + timedelta(minutes=5))
    hook.refresh_from_db()
    assert (hook.failures, hook.open_until) == (0, None)


def test_private_address_is_refused_unless_the_setting_names_it(
    receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []
    with pytest.raises(ForbiddenTarget):
        call(webhook(receiver))
    assert receiver.calls == []
