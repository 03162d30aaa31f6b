"""The one door out of Sundial over HTTP: guarded, bounded, signed.

``post`` sends to a checked address and returns the answer or raises an OutboundError that
says whether trying again can help. ``signed_headers`` signs as Standard Webhooks says, and
``is_signed`` checks what comes back.
"""

from lifecycle.outbound.addresses import Address, Allowed, checked_addresses, system_resolve
from lifecycle.outbound.door import Answer, Limits, post
from lifecycle.outbound.errors import (
    CannotConnect,
    ForbiddenTarget,
    Gone,
    OutboundError,
    Refused,
    TimedOut,
    UnknownHost,
)
from lifecycle.outbound.signing import InvalidSecret, is_signed, new_secret, signed_headers

__all__ = [
    "Address",
    "Allowed",
    "Answer",
    "CannotConnect",
    "ForbiddenTarget",
    "Gone",
    "InvalidSecret",
    "Limits",
    "OutboundError",
    "Refused",
    "TimedOut",
    "UnknownHost",
    "checked_addresses",
    "is_signed",
    "new_secret",
    "post",
    "signed_headers",
    "system_resolve",
]
