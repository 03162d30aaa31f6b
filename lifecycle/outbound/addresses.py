"""Which addresses may be called: public ones, and private ones that a setting names."""

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

from lifecycle.outbound.errors import ForbiddenTarget, UnknownHost

Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")
MOST_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class Allowed:
    """Private hosts and networks that may be called all the same."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str]) -> "Allowed":
        """From host names, addresses and CIDR networks; a word that is no network is a host."""
        hosts, networks = set(), []
        for word in words:
            try:
                networks.append(ip_network(word, strict=False))
            except ValueError:
                hosts.add(word.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def has(self, host: str, ip: Ip) -> bool:
        """Whether the setting names this host or a network around this address."""
        return host in self.hosts or any(
            ip.version == network.version and ip in network for network in self.networks
        )


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect: addresses that were looked up once and checked, and the name to verify."""

    scheme: str
    host: str
    port: int
    ips: tuple[str, ...]
    target: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name as the system knows them; raises UnknownHost."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnknownHost(host) from None
    return list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))


def checked_addresses(url: str, *, allowed: Allowed, resolve: Resolve = system_resolve) -> Address:
    """Look the name of a URL up once and check every address it has.

    Raises ForbiddenTarget where any of them is not public and not allowed, where the
    scheme is neither https nor, towards allowed hosts, http, and where the URL carries a
    login; UnknownHost where there is no address.
    """
    scheme, host, port, target = _parts(url)
    ips = _addresses(host, port, resolve)
    is_allowed = all(allowed.has(host, ip) for ip in ips)
    if not is_allowed and any(not is_public(ip) and not allowed.has(host, ip) for ip in ips):
        raise ForbiddenTarget(host, "its address is not a public one")
    if scheme == "http" and not is_allowed:
        raise ForbiddenTarget(host, "only https leaves the private network")
    return Address(scheme, host, port, tuple(str(ip) for ip in ips), target)


def is_public(ip: Ip) -> bool:
    """Whether an address belongs to somebody on the Internet; embedded ones count as themselves."""
    if isinstance(ip, IPv6Address) and (inner := _embedded(ip)):
        return is_public(inner)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.teredo is not None:
        return ip.teredo[1]
    return ip.sixtofour


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ForbiddenTarget(url[:200], "it is no URL") from None
    if parts.scheme not in PORTS or not host or any(ord(letter) <= 32 for letter in url):
        raise ForbiddenTarget(url[:200], "it is no https URL")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenTarget(host, "its URL carries a login")
    try:
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ForbiddenTarget(url[:200], "its host is no name") from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host.lower().rstrip("."), port or PORTS[parts.scheme], target


def _addresses(host: str, port: int, resolve: Resolve) -> list[Ip]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    found = [ip_address(text) for text in list(resolve(host, port))[:MOST_ADDRESSES]]
    if not found:
        raise UnknownHost(host)
    return found
