"""Which addresses a webhook may reach."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from lifecycle.outbound import Allowed, ForbiddenTarget, UnknownHost, checked_addresses
from lifecycle.outbound.addresses import is_public, system_resolve

NOBODY = Allowed()


def names(*ips: str):  # type: ignore[no-untyped-def]
    def resolve(host: str, port: int) -> Sequence[str]:
        return ips

    return resolve


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",  # noqa: S104
        "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_that_are_nobodys_on_the_internet_are_refused(ip: str) -> None:
    assert not is_public(ip_address(ip))
    with pytest.raises(ForbiddenTarget) as refused:
        checked_addresses("https://hooks.example.com/", allowed=NOBODY, resolve=names(ip))
    assert refused.value.is_permanent


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses_are_called(ip: str) -> None:
    found = checked_addresses("https://hooks.example.com/a?b=c", allowed=NOBODY, resolve=names(ip))
    assert (found.host, found.port, found.target) == ("hooks.example.com", 443, "/a?b=c")
    assert found.authority == "hooks.example.com"


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(ForbiddenTarget):
        checked_addresses(
            "https://x.example", allowed=NOBODY, resolve=names("93.184.216.34", "10.0.0.1")
        )


@pytest.mark.parametrize("words", [["hooks.internal"], ["10.20.0.0/16"], ["10.20.3.4"]])
def test_setting_allows_private_hosts_and_networks(words: list[str]) -> None:
    allowed = Allowed.of(words)
    found = checked_addresses(
        "http://hooks.internal:8080/x", allowed=allowed, resolve=names("10.20.3.4")
    )
    assert (found.ips, found.authority) == (("10.20.3.4",), "hooks.internal:8080")
    with pytest.raises(ForbiddenTarget):
        checked_addresses("http://other/", allowed=allowed, resolve=names("10.21.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://93.184.216.34/", "ftp://example.com/", "file:///etc/passwd", "gopher://x/",
        "https:///x", "https://", "example.com", "", "https://me:secret@example.com/",
        "https://exa mple.com/", "https://example.com/\r\nX: y", "https://[::1/", "https://x:99999/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:169.254.169.254]/",
    ],
)  # fmt: skip
def test_urls_that_lead_nowhere_safe_are_refused(url: str) -> None:
    with pytest.raises(ForbiddenTarget):
        checked_addresses(url, allowed=NOBODY, resolve=names("93.184.216.34"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost"])
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises((ForbiddenTarget, UnknownHost)):
        checked_addresses(f"https://{host}/", allowed=NOBODY, resolve=system_resolve)


def test_name_without_an_address_may_have_one_later() -> None:
    with pytest.raises(UnknownHost) as unknown:
        checked_addresses("https://x.example/", allowed=NOBODY, resolve=names())
    assert not unknown.value.is_permanent
