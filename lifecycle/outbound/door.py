"""Sends one request to a checked address: bounded in time and size, no redirect followed."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from threading import Event, Timer
from time import monotonic

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from lifecycle.outbound.addresses import (
    Address,
    Allowed,
    Resolve,
    checked_addresses,
    system_resolve,
)
from lifecycle.outbound.errors import CannotConnect, Gone, OutboundError, Refused, TimedOut

AGENT = "Sundial-Webhooks/1"
MOST_RETRY_AFTER = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Limits:
    """What a receiver may take: seconds to connect and in all, bytes of its answer we read."""

    connect: float = 5.0
    total: float = 15.0
    answer_bytes: int = 16_384


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: a status of success and the beginning of its text."""

    status: int
    text: str
    seconds: float
    ip: str


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    allowed: Allowed,
    limits: Limits | None = None,
    resolve: Resolve = system_resolve,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """POST a body once and return the answer, whose status is a success.

    The name is looked up once, its addresses are checked, and the connection goes to one
    of them, so a name that changes its mind changes nothing; TLS is verified by the name.
    Raises an OutboundError: ForbiddenTarget, UnknownHost, CannotConnect, TimedOut, Gone
    for 410, Refused for every other status but 2xx, redirects among them.
    """
    limits = limits or Limits()
    address = checked_addresses(url, allowed=allowed, resolve=resolve)
    began = monotonic()
    connection, ip = _connected(address, limits, trust, began)
    try:
        status, text, wait = _asked(connection, address, body, headers, limits, began)
    finally:
        connection.close()
    if 200 <= status < 300:
        return Answer(status, text, round(monotonic() - began, 3), ip)
    raise Gone(status, text) if status == 410 else Refused(status, text, retry_after=wait)


def _asked(
    connection: HTTPConnection,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    limits: Limits,
    began: float,
) -> tuple[int, str, int | None]:
    late = f"{address.host} took longer than {limits.total:g} s."
    with _closing_in(connection, limits.total - (monotonic() - began)) as ran_out:
        try:
            said = _exchange(connection, address, body, headers, limits)
        except (HTTPError, OSError, ValueError) as error:
            if ran_out.is_set() or isinstance(error, ReadTimeoutError | TimeoutError):
                raise TimedOut(late) from error
            raise CannotConnect(f"{address.host} broke off: {_brief(error)}.") from error
        # Cut off, what came so far may look like a whole answer.
        if ran_out.is_set():
            raise TimedOut(late)
    return said


def _connected(
    address: Address, limits: Limits, trust: ssl.SSLContext | None, began: float
) -> tuple[HTTPConnection, str]:
    """A connection to the first checked address that takes one."""
    failure: OutboundError | None = None
    for ip in address.ips:
        left = min(limits.connect, limits.total - (monotonic() - began))
        if left <= 0:
            break
        connection = _connection(address, ip, left, trust)
        try:
            with _closing_in(connection, left):
                connection.connect()
        except (HTTPError, OSError, ValueError) as error:
            connection.close()
            failure = CannotConnect(f"{address.host} at {ip}: {_brief(error)}.")
            continue
        return connection, ip
    raise failure or TimedOut(f"{address.host} took longer than {limits.total:g} s.")


def _connection(
    address: Address, ip: str, timeout: float, trust: ssl.SSLContext | None
) -> HTTPConnection:
    if address.scheme == "http":
        return HTTPConnection(ip, address.port, timeout=timeout)
    return HTTPSConnection(
        ip,
        address.port,
        timeout=timeout,
        ssl_context=trust or _system_trust(),
        server_hostname=address.host,
        cert_reqs=ssl.CERT_REQUIRED,
    )


@cache
def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _exchange(
    connection: HTTPConnection,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    limits: Limits,
) -> tuple[int, str, int | None]:
    if connection.sock is not None:
        connection.sock.settimeout(limits.total)
    stated = {"Host": address.authority, "User-Agent": AGENT, "Accept-Encoding": "identity"}
    connection.request("POST", address.target, body, {**stated, **headers}, preload_content=False)
    response = connection.getresponse()
    text = response.read(limits.answer_bytes, decode_content=False)
    response.close()
    wait = response.headers.get("Retry-After", "")
    seconds = int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 8 else None
    capped = None if seconds is None else min(seconds, MOST_RETRY_AFTER)
    return response.status, text.decode(errors="replace").replace("\x00", ""), capped


@contextmanager
def _closing_in(connection: HTTPConnection, seconds: float) -> Iterator[Event]:
    """Cut the connection when the time is over: a socket's own timeout begins anew per byte."""
    ran_out = Event()

    def cut() -> None:
        ran_out.set()
        held = connection.sock
        if held is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(seconds, 0.01), cut)
    timer.daemon = True
    timer.start()
    try:
        yield ran_out
    finally:
        timer.cancel()
        if ran_out.is_set():
            connection.close()


def _brief(error: Exception) -> str:
    if isinstance(error, NewConnectionError):
        return "nobody answers"
    return (str(error) or type(error).__name__)[:200].rstrip(".")
