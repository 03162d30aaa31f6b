"""Sunsets: a confirmed plan on its way, carried out under the graph lock, taken back."""

from lifecycle.services.sunsets.announcing import (
    Force,
    Origin,
    announce_sunset,
    execute_plan,
)
from lifecycle.services.sunsets.control import cancel_sunset, execute_sunset
from lifecycle.services.sunsets.driving import Driven, drive_sunsets
from lifecycle.services.sunsets.restoring import restore_sunset
from lifecycle.services.sunsets.reviving import mark_revived

__all__ = [
    "Driven",
    "Force",
    "Origin",
    "announce_sunset",
    "cancel_sunset",
    "drive_sunsets",
    "execute_plan",
    "execute_sunset",
    "mark_revived",
    "restore_sunset",
]
