"""The page of feeds: addresses that open, tokens that are shown once and can be revoked."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from platform_ui.accounts.models import FeedToken
from tests.factories.people import person, signed_in
from tests.pages import Page, open_page

pytestmark = pytest.mark.usefixtures("drawn")
TOKEN = re.compile(r"sunf_[\w-]{43}")


def issue(client: Client, address: str, name: str = "calendar") -> str:
    """The secret of a token made on a page of feeds."""
    form = open_page(client, address).form("Make addresses with a token")
    response = client.post(address, {**dict(form.fields), "name": name})
    assert response.status_code == 200
    found = TOKEN.search(response.content.decode())
    assert found
    return found[0]


def paths(client: Client, address: str) -> list[str]:
    links = open_page(client, address).links.values()
    return [link.removeprefix("http://testserver") for link in links if "/feeds/" in link
            and link.endswith((".atom", ".ics", ".svg"))]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "count"),
    [("/feeds/", 1), ("/feeds/?module=json", 5), ("/feeds/?team=identity", 2)],
)
def test_every_address_of_the_page_opens(
    ana: User, nobody: Client, address: str, count: int
) -> None:
    client = signed_in(ana)
    found = paths(client, address)
    assert len(found) == count
    secret = issue(client, address)
    for path in found:
        assert client.get(path).status_code == 200
        assert nobody.get(path).status_code == 401
        assert nobody.get(path, {"token": secret}).status_code == 200


def test_a_token_is_for_what_its_page_was_of(ana: User, nobody: Client) -> None:
    secret = issue(signed_in(ana), "/feeds/?module=json")
    other = "/feeds/modules/platform/auth/feed.atom"
    assert nobody.get(other, {"token": secret}).status_code == 404
    assert FeedToken.objects.get().module.name == "json"


def test_a_secret_is_shown_once(ana: User) -> None:
    client = signed_in(ana)
    secret = issue(client, "/feeds/")
    page = client.get("/feeds/")
    assert secret not in page.content.decode()
    assert secret[:12] in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_token_is_revoked_by_its_owner_and_nobody_else(ana: User, nobody: Client) -> None:
    client, other = signed_in(ana), signed_in(person("mallory", "elsewhere"))
    secret = issue(client, "/feeds/?module=json")
    path = f"/feeds/tokens/{FeedToken.objects.get().pk}/revoke/"
    feed = "/feeds/modules/platform/json/feed.atom"
    assert other.post(path).status_code == 404
    assert nobody.post(path)["Location"].startswith("/login/")
    assert client.get(path).status_code == 405
    assert nobody.get(feed, {"token": secret}).status_code == 200
    assert client.post(path).status_code == 302
    assert nobody.get(feed, {"token": secret}).status_code == 401
    assert "Revoked" in open_page(client, "/feeds/").words


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_token_without_a_name_is_refused_in_words(ana: User, name: str) -> None:
    response = signed_in(ana).post("/feeds/", {"name": name})
    assert response.status_code == 400
    assert "what it is for" in Page(response).words
    assert not FeedToken.objects.exists()


def test_a_stranger_is_sent_to_sign_in(nobody: Client) -> None:
    assert nobody.get("/feeds/")["Location"].startswith("/login/")


def test_module_and_account_lead_to_the_feeds(ana: User) -> None:
    client = signed_in(ana)
    assert open_page(client, "/modules/platform/json/").links["Feeds"].startswith("/feeds/?")
    assert open_page(client, "/account/").links["feed tokens"] == "/feeds/"
    page = client.get("/modules/platform/json/").content.decode()
    assert 'type="application/atom+xml"' in page


@pytest.mark.parametrize("address", ["/feeds/?module=none", "/feeds/?team=none"])
def test_what_is_not_there_is_404(ana: User, address: str) -> None:
    assert signed_in(ana).get(address).status_code == 404
