"""Signatures of Standard Webhooks, by its own library."""

import binascii
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from lifecycle.exceptions import LifecycleError

PREFIX = "whsec_"
SECRET_BYTES = 32


class InvalidSecret(LifecycleError):
    """A secret that cannot sign."""

    code = "invalid_secret"

    def __init__(self) -> None:
        super().__init__("A webhook secret is base64, by custom after whsec_.")


def new_secret() -> str:
    """A fresh secret of 256 random bits."""
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(
    keys: Sequence[str], *, message_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks; one signature per secret, newest first.

    A receiver that knows any of the secrets can verify, so secrets rotate without a gap.
    Raises InvalidSecret.
    """
    try:
        signers = [Webhook(key) for key in keys]
    except (binascii.Error, EmptyWebhookSecretError, ValueError):
        raise InvalidSecret from None
    if not signers:
        raise InvalidSecret
    text = body.decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(
            signer.sign(msg_id=message_id, timestamp=at, data=text) for signer in signers
        ),
    }


def is_signed(keys: Sequence[str], *, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the secrets signed this body a few minutes ago at most."""
    stated = {name.lower(): value for name, value in headers.items()}
    for key in keys:
        # Whatever a stranger may write in the headers or the body is a ValueError.
        with suppress(WebhookVerificationError, ValueError):
            Webhook(key).verify(body, stated, json_parse=False)
            return True
    return False
