"""Badges: what they say, that they render, and that hostile names stay text."""

import xml.etree.ElementTree as ElementTree

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.selectors.badges import Badge
from platform_ui.feeds.badges import svg_of
from tests.factories.people import signed_in
from tests.factories.platform import platform
from tests.integration.feeds.conftest import DYING

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def client(drawn: None, ana: User) -> Client:
    return signed_in(ana)


def words(data: bytes) -> list[str]:
    root = ElementTree.fromstring(data)  # noqa: S314 our own
    assert root.tag == f"{SVG}svg"
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def said(client: Client, module: str, kind: str) -> list[str]:
    response = client.get(f"/feeds/modules/platform/{module}/badge/{kind}.svg")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("image/svg+xml")
    return words(response.content)


@pytest.mark.parametrize(
    ("module", "kind", "expected"),
    [
        ("json", "dying", ["1.x dies", "2099-06-01"]),
        ("auth", "dying", ["dying", "nothing"]),
        ("auth", "dependencies", ["dependencies", "up to date"]),
        ("tv-home", "dependencies", ["dependencies", "1 must move"]),
        ("json", "dependencies", ["dependencies", "none"]),
        ("auth", "uptake", ["on 2.x", "100 %"]),
        ("json", "uptake", ["on 2.x", "100 %"]),
    ],
)
def test_a_badge_says(client: Client, module: str, kind: str, expected: list[str]) -> None:
    assert said(client, module, kind) == expected


def test_a_range_that_should_be_gone_is_overdue(client: Client) -> None:
    platform({"type": "deprecation", "module": "auth", "range": "2.3.x", "sunset_at": "2026-01-01"})
    assert said(client, "auth", "dying") == ["dying", "2.3.x is overdue"]


def test_an_unknown_badge_is_404(client: Client) -> None:
    assert client.get("/feeds/modules/platform/json/badge/evil.svg").status_code == 404


def test_names_with_slashes_have_badges(client: Client) -> None:
    platform({"type": "version", "ecosystem": "npm", "module": "@acme/ui/kit", "version": "1.0.0"})
    path = "/feeds/modules/npm/@acme/ui/kit/badge/uptake.svg"
    assert words(client.get(path).content) == ["uptake", "nothing runs"]


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "]]>&amp;<", "\x07\u202e", "x" * 500]
)
def test_hostile_words_stay_words(text: str) -> None:
    data = svg_of(Badge(text, text, "good"), is_simulated=True)
    assert b"<script" not in data
    assert all(len(word) <= 60 for word in words(data))


def test_a_badge_is_asked_for_again_at_the_price_of_a_header(client: Client) -> None:
    path = "/feeds/modules/platform/json/badge/dying.svg"
    first = client.get(path)
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    since = client.get(path, headers={"If-Modified-Since": first["Last-Modified"]})
    assert (again.status_code, since.status_code) == (304, 304)
    assert again.content == b""
    platform({**DYING, "deprecated_at": "2026-02-02", "sunset_at": "2099-01-01"})
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, words(changed.content)[1]) == (200, "2099-01-01")
