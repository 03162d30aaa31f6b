"""Keeps a library that opens its own connections to the addresses the settings allow."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from ipaddress import ip_address
from typing import Any

from lifecycle.outbound.addresses import Allowed, is_public

_guarding: ContextVar[Allowed | None] = ContextVar("guarding", default=None)
WATCHED = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class ForbiddenConnection(PermissionError):
    """Somebody tried to connect where Sundial does not go."""


@contextmanager
def guarded(allowed: Allowed) -> Iterator[None]:
    """Within, this thread connects to public and allowed addresses only.

    It is the interpreter that asks, at the moment of connecting and about the very address,
    so redirects and names that change their mind lead nowhere else.
    """
    _installed()
    token = _guarding.set(allowed)
    try:
        yield
    finally:
        _guarding.reset(token)


@cache
def _installed() -> bool:
    sys.addaudithook(_check)
    return True


def _check(event: str, args: tuple[Any, ...]) -> None:
    if event not in WATCHED:
        return
    allowed = _guarding.get()
    if allowed is None:
        return
    address = args[1]
    host = address[0] if isinstance(address, tuple) and address else None
    try:
        ip = ip_address(str(host).partition("%")[0])
    except ValueError:
        # A name would be looked up behind our back, a path is a socket of this machine.
        raise ForbiddenConnection(f"{address!r} is no address that was checked") from None
    if not is_public(ip) and not allowed.has(str(ip), ip):
        raise ForbiddenConnection(f"{ip} is not a public address")
