"""Purls at every door that takes a module, and what the doors say of matching."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.factories.people import person, signed_in
from tests.factories.platform import platform

pytestmark = pytest.mark.django_db

SCOPED = {"type": "version", "ecosystem": "npm", "module": "@scope/name", "version": "1.2.3"}
PYTHON = {"type": "version", "ecosystem": "pypi", "module": "Flask_Login", "version": "1.0"}
DEBIAN = {"type": "version", "ecosystem": "deb", "module": "debian/curl", "version": "7.50.3-1"}


@pytest.fixture
def api() -> APIClient:
    platform(SCOPED, PYTHON, DEBIAN)
    client = APIClient()
    client.force_authenticate(person("ana", "identity"))
    return client


@pytest.fixture
def browser() -> Client:
    platform(SCOPED, PYTHON, DEBIAN)
    return signed_in(person("ana", "identity"))


FOUND = [
    ("pkg:npm/%40scope/name@1.2.3", ["@scope/name"]),
    ("pkg:npm/%40scope/name", ["@scope/name"]),
    ("pkg:npm/%40scope/name@9.9.9", []),
    ("pkg:PyPI/flask_login@v1.0", ["flask-login"]),
    ("pkg:deb/debian/curl@7.50.3-1?arch=i386", ["debian/curl"]),
    ("pkg:npm/nobody", []),
]


@pytest.mark.parametrize("parameter", ["purl", "q"])
@pytest.mark.parametrize(("purl", "names"), FOUND)
def test_modules_are_found_by_purl(
    api: APIClient, parameter: str, purl: str, names: list[str]
) -> None:
    answer = api.get("/api/v1/modules/", {parameter: purl}).json()
    assert [row["module"]["name"] for row in answer["results"]] == names
    assert answer["count"] == len(names)


@pytest.mark.parametrize("purl", ["nonsense", "pkg:", "pkg:npm/a%00b", "pkg:npm/" + "x" * 3_000])
def test_what_is_no_purl_is_refused(api: APIClient, purl: str) -> None:
    assert api.get("/api/v1/modules/", {"purl": purl}).status_code == 400
    assert api.get("/api/v1/modules/", {"q": purl[:400]}).status_code == 200


def test_a_range_is_resolved_for_a_purl(api: APIClient) -> None:
    wanted = {"requirements": [{"purl": "pkg:pypi/Flask_Login", "range": ">=0.9"}]}
    answer = api.post("/api/v1/resolve/", wanted, format="json").json()
    assert answer["results"][0]["resolved"] == "1.0"
    both = {"requirements": [{"purl": "pkg:pypi/a", "module": "a", "range": "*"}]}
    assert api.post("/api/v1/resolve/", both, format="json").status_code == 400


def test_module_and_version_say_their_purl_and_how_they_are_matched(api: APIClient) -> None:
    module = api.get("/api/v1/modules/pypi/Flask_Login/").json()["module"]
    assert module["purl"] == "pkg:pypi/flask-login"
    assert (module["scheme"], module["matches_ranges"]) == ("pep440", True)
    debian = api.get("/api/v1/modules/deb/debian/curl/").json()["module"]
    assert (debian["scheme"], debian["matches_ranges"]) == ("exact", False)
    version = api.get("/api/v1/modules/npm/@scope/name/versions/1.2.3/").json()
    assert version["purl"] == "pkg:npm/%40scope/name@1.2.3"
    assert api.get("/api/v1/modules/npm/@scope/name/versions/v1.2.3/").json() == version
    missing = api.get("/api/v1/modules/npm/@scope/name/versions/1.2.4/")
    assert missing.status_code == 404


def test_the_page_s_search_takes_a_purl(browser: Client) -> None:
    page = browser.get("/modules/", {"q": "pkg:npm/%40scope/name@1.2.3"}).content.decode()
    assert "/modules/npm/@scope/name/" in page
    assert "/modules/pypi/flask-login/" not in page


@pytest.mark.parametrize("tab", ["lines", "versions", "dependents"])
def test_a_page_says_where_matching_is_exact(browser: Client, tab: str) -> None:
    exact = browser.get("/modules/deb/debian/curl/", {"tab": tab}).content.decode()
    assert "Exact matching" in exact
    known = browser.get("/modules/pypi/flask-login/", {"tab": tab}).content.decode()
    assert "Exact matching" not in known
    assert (
        "Exact matching"
        in browser.get("/modules/deb/debian/curl/versions/7.50.3-1/").content.decode()
    )
