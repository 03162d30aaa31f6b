"""Deprecation and Sunset headers: the forms of the suite, on the API and on the page."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.http import parse_http_date

from lineage.models import Deprecation, Module, Version
from platform_ui.end_headers import end_headers
from tests.factories.people import signed_in
from tests.shared_data import SHARED

SUITE = SHARED / "suites" / "http-headers" / "sunset-deprecation.json"
DEPRECATION = re.compile(r"@-?[0-9]+")
SUNSET = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")


def version(since: datetime | None, sunset_at: datetime | None) -> Version:
    module = Module(ecosystem="npm", name="@acme/a b")
    heard = Deprecation(received_at=since, sunset_at=sunset_at) if since else None
    return Version(module=module, version="1.0.0", deprecation=heard)


@pytest.mark.skipif(not SUITE.exists(), reason="the suites are not here")
def test_the_forms_are_those_of_the_suite() -> None:
    suite: dict[str, Any] = json.loads(SUITE.read_text())
    for form, part, bad in (
        (DEPRECATION, "deprecation", "invalid"),
        (SUNSET, "sunset", "invalid_to_generate"),
    ):
        assert all(form.fullmatch(text) for text in suite[part]["valid"])
        assert not any(form.fullmatch(text) for text in suite[part][bad])


@pytest.mark.parametrize("since", [0, 1, 1_688_169_599, 4_102_444_800])
@pytest.mark.parametrize("sunset", [None, 0, 1_688_169_598, 4_102_444_800])
def test_headers_have_the_forms_and_never_say_a_sunset_before_the_deprecation(
    since: int, sunset: int | None
) -> None:
    at = None if sunset is None else datetime.fromtimestamp(sunset, UTC)
    headers = end_headers(version(datetime.fromtimestamp(since, UTC), at))
    assert DEPRECATION.fullmatch(headers["Deprecation"])
    if sunset is None:
        assert "Sunset" not in headers
    else:
        assert SUNSET.fullmatch(headers["Sunset"])
        assert parse_http_date(headers["Sunset"]) >= int(headers["Deprecation"][1:])


def test_the_link_leads_to_the_page_whatever_the_name() -> None:
    at = datetime(2099, 1, 1, tzinfo=UTC)
    link = end_headers(version(at, at))["Link"]
    assert link == ('</modules/npm/@acme/a%20b/versions/1.0.0/>; rel="deprecation sunset"')


def test_a_version_that_stays_has_none() -> None:
    assert end_headers(version(None, None)) == {}


@pytest.mark.usefixtures("drawn")
def test_page_and_api_say_the_same(ana: User) -> None:
    client: Client = signed_in(ana)
    page = client.get("/modules/platform/json/versions/1.4.0/")
    api = client.get("/api/v1/modules/platform/json/versions/1.4.0/")
    for name in ("Deprecation", "Sunset", "Link"):
        assert page[name] == api[name]
    assert api["Deprecation"] == "@1769904000"
    assert "Sunset" not in client.get("/modules/platform/json/versions/2.0.0/")
