"""Links that stop a channel for one recipient, without signing in."""

from typing import Any

from django.core import signing

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Preference

SALT = "sundial.unsubscribe"


def unsubscribe_token(recipient: str, channel: str) -> str:
    """A token that stands for one recipient and channel, signed and without an end."""
    return signing.Signer(salt=SALT).sign(f"{recipient}:{channel}")


def recipient_of(token: str) -> tuple[str, str]:
    """(recipient, channel) of a token; raises UnknownThing for any other text."""
    try:
        said = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        raise UnknownThing("subscription") from None
    recipient, _, channel = said.rpartition(":")
    return recipient, channel


def unsubscribe(token: str) -> str:
    """Stop the channel for the recipient; returns the channel. A second time changes nothing.

    The inbox goes on: it is where notice is proven. Raises UnknownThing.
    """
    recipient, channel = recipient_of(token)
    kind, _, pk = recipient.partition(":")
    field = "user_id" if kind == "user" else "team_id"
    whose: dict[str, Any] = {field: int(pk), "channel": channel}
    Preference.objects.update_or_create(**whose, defaults={"is_enabled": False})
    return channel
