"""The catalogue of events: what can happen, how urgent it is, and what each says (pure)."""

from lifecycle.events.catalogue import KINDS, EventKind, Urgency, kind_named
from lifecycle.events.envelope import SPEC_VERSION, TYPE_PREFIX, envelope

__all__ = [
    "KINDS",
    "SPEC_VERSION",
    "TYPE_PREFIX",
    "EventKind",
    "Urgency",
    "envelope",
    "kind_named",
]
