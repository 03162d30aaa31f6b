"""Webhooks are signed as Standard Webhooks says: its vectors, and its library as verifier."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import webhooks
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from lifecycle.outbound import InvalidSecret, new_secret, signed_headers
from tests.shared_data import shared_path


def vectors(name: str) -> list[Any]:
    return json.loads(shared_path("suites/standard-webhooks/vectors.json").read_text())[name]


def test_signatures_are_those_of_the_vectors() -> None:
    for case in vectors("sign"):
        headers = signed_headers(
            [case["secret"]],
            message_id=case["id"],
            at=datetime.fromtimestamp(case["timestamp"], UTC),
            body=case["payload"].encode(),
        )
        assert headers == {
            "webhook-id": case["id"],
            "webhook-timestamp": str(case["timestamp"]),
            "webhook-signature": case["signature"],
        }


def test_forms_of_a_secret_that_are_equal_sign_alike() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for forms in vectors("secret_forms_equal"):
        signed = {
            signed_headers([form], message_id="m", at=at, body=b"{}")["webhook-signature"]
            for form in forms
        }
        assert len(signed) == 1


def test_receiver_that_knows_either_secret_verifies_while_they_rotate() -> None:
    old, new = new_secret(), new_secret()
    body = b'{"type":"ping"}'
    headers = signed_headers([new, old], message_id="msg_1", at=datetime.now(UTC), body=body)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for key in (old, new):
        assert Webhook(key).verify(body, headers) == {"type": "ping"}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_ä"])
def test_secret_that_cannot_sign_is_refused(secret: str) -> None:
    with pytest.raises(InvalidSecret):
        signed_headers([secret], message_id="m", at=datetime.now(UTC), body=b"")


def test_verifier_these_tests_trust_judges_as_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    (signed,) = vectors("sign")
    for case in vectors("verify"):
        at = datetime.fromtimestamp(case["now"], UTC)
        frozen = type("Frozen", (datetime,), {"now": classmethod(lambda cls, tz, at=at: at)})
        monkeypatch.setattr(webhooks, "datetime", frozen)
        try:
            Webhook(signed["secret"]).verify(signed["payload"], case["headers"])
            is_good = True
        except WebhookVerificationError:
            is_good = False
        assert is_good is case["ok"], case["name"]
