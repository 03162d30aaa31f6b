"""Channels: every module here that names a CHANNEL is one; adding one needs nothing else."""

from importlib import import_module
from pkgutil import iter_modules

from lifecycle.channels.base import Channel, DeliveryFailed, InvalidTarget, Outgoing, Receipt

CHANNELS: dict[str, Channel] = {}
for found in iter_modules(__path__):
    channel = getattr(import_module(f"{__name__}.{found.name}"), "CHANNEL", None)
    if channel is not None:
        CHANNELS[channel.name] = channel

__all__ = ["CHANNELS", "Channel", "DeliveryFailed", "InvalidTarget", "Outgoing", "Receipt"]
