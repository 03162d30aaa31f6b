"""Signatures of Standard Webhooks, by its own library."""

import binascii
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

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
