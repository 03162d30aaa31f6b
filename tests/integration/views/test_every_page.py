"""Every page for everybody: it opens, it varies as it must, and no address breaks it."""

import pytest
from django.test import Client

from tests.integration.views.addresses import ALWAYS, AUTH, THINGS, busy_platform
from tests.pages import Page, open_page

pytestmark = pytest.mark.django_db

VARIES = {"hx-request", "hx-boosted", "hx-history-restore-request"}
FRAGMENTS = (
    "/modules/",
    "/deployments/",
    "/upgrades/",
    "/findings/",
    "/sunsets/",
    "/ingest/",
    "/notices/",
    AUTH,
    f"{AUTH}?tab=versions",
    f"{AUTH}?tab=dependents",
    f"{AUTH}?tab=dependencies",
    f"{AUTH}?tab=uptake",
    f"{AUTH}?tab=graph",
    f"{AUTH}?tab=removal&range=1.x",
    f"{AUTH}?tab=why&from=platform/tv-home",
    f"{AUTH}?tab=preview&version=2.1.0",
    "/modules/platform/auth/versions/1.0.0/",
)


def test_every_page_of_an_empty_platform_opens(reader: Client) -> None:
    for address in ALWAYS:
        assert open_page(reader, address).words, address


def test_empty_pages_say_what_would_fill_them(owner: Client) -> None:
    for address, words in {
        "/": "There is no data yet.",
        "/modules/": "No module is named so.",
        "/deployments/": "No deployment is like that.",
        "/upgrades/": "Nothing can move.",
        "/findings/": "Nothing is flagged here.",
        "/sunsets/": "No sunset here.",
        "/sources/": "Nothing has come in yet.",
        "/ingest/": "Nothing has come in yet.",
        "/notices/": "Nothing was said to you.",
        "/account/": "You have no tokens.",
    }.items():
        assert words in open_page(owner, address).words, address


def test_every_page_of_a_busy_platform_opens(reader: Client) -> None:
    numbered = busy_platform()
    for address in (*ALWAYS, *THINGS, *numbered):
        assert open_page(reader, address).words, address


def test_only_operators_read_the_audit(
    owner: Client, colleague: Client, outsider: Client, operator: Client
) -> None:
    busy_platform()
    assert "tv-home/preview" in open_page(operator, "/audit/").words
    for client in (owner, colleague, outsider):
        response = client.get("/audit/")
        assert response.status_code == 403
        assert "tv-home/preview" not in response.content.decode()


def test_stranger_is_sent_to_sign_in_from_every_page_and_reads_nothing(stranger: Client) -> None:
    numbered = busy_platform()
    for address in (*ALWAYS, *THINGS, *numbered, "/audit/", "/executor-calls/"):
        response = stranger.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/login/?next="), address
        assert not response.content


def test_stranger_s_post_goes_nowhere(stranger: Client) -> None:
    _, sunset, _, held, campaign = busy_platform()
    for address in ("/findings/plan/", "/sunsets/plan/", f"{sunset}restore/", "/notices/read/",
        f"{held}decide/", "/sources/pipeline/", f"{campaign}cancel/", f"{campaign}remind/",
        "/campaigns/start/", "/deployments/extend/", "/audit/check/",
    ):  # fmt: skip
        assert stranger.post(address)["Location"].startswith("/login/?next="), address


@pytest.mark.parametrize("address", FRAGMENTS)
def test_htmx_gets_the_part_and_everybody_else_the_page(owner: Client, address: str) -> None:
    busy_platform()
    page, part = owner.get(address), owner.get(address, headers={"HX-Request": "true"})
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert Page(part).words in Page(page).words
    for response in (page, part):
        assert {name.strip().lower() for name in response["Vary"].split(",")} >= VARIES
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        whole = owner.get(address, headers={"HX-Request": "true", header: "true"})
        assert "<html" in whole.content.decode()


ODD = ("", "-1", "0", "x", "9" * 30, "9" * 5000, "1.x", "\x00", "’%20", "٣", "<script>", "a" * 600)
PARAMETERS = (
    "page", "size", "sort", "q", "kind", "owner", "ecosystem", "tab", "open", "line", "range",
    "version", "environment", "tier", "state", "as_of", "module", "status", "rule", "findings",
    "days", "depth", "direction", "transitive", "include", "unread", "source", "actor", "action",
    "takes_newest", "moves", "operation", "sunset", "path", "deployment",
    "from", "to", "limit", "needs",
)  # fmt: skip
ROBUST = (
    *ALWAYS,
    "/audit/",
    "/executor-calls/",
    "/sunsets/plan/",
    "/modules/platform/auth/versions/1.0.0/",
    *(f"{AUTH}?tab={tab}" for tab in ("lines", "versions", "dependents", "dependencies")),
    *(f"{AUTH}?tab={tab}" for tab in ("uptake", "changes", "graph", "removal", "why")),
    f"{AUTH}?tab=preview",
)


@pytest.mark.parametrize("address", ROBUST)
def test_no_parameter_breaks_a_page(operator: Client, address: str) -> None:
    busy_platform()
    path, _, fixed = address.partition("?")
    stated = dict([fixed.split("=")]) if fixed else {}
    for value in ODD:
        together = dict.fromkeys(PARAMETERS, value) | stated
        assert operator.get(path, together).status_code in {200, 404}, value
    for place, name in enumerate(PARAMETERS):
        value = ODD[place % len(ODD)]
        status = operator.get(path, stated | {name: value}).status_code
        assert status in {200, 404}, (name, value)


def test_no_posted_number_breaks_a_page(operator: Client) -> None:
    busy_platform()
    for value in ODD:
        for address, name in (
            ("/findings/plan/", "finding"),
            ("/sunsets/plan/", "findings"),
            ("/sunsets/plan/", "module"),
            ("/notices/read/", "notice"),
            ("/executor-calls/decide/", "call"),
            ("/executor-calls/decide/", "sunset"),
        ):
            status = operator.post(address, {name: value}).status_code
            assert status in {302, 404, 409}, (address, value)


@pytest.mark.parametrize(
    "address",
    [
        "/modules/platform/nobody/",
        "/modules/npm/auth/",
        "/modules/platform/auth/?tab=removal&range=9.x",
        "/modules/platform/auth/?tab=removal",
        "/modules/platform/auth/?tab=dependencies&version=9.9.9",
        "/modules/platform/auth/versions/9.9.9/",
        "/modules/platform/nobody/versions/1.0.0/",
        "/graph/?module=nobody",
        "/upgrades/?module=nobody",
        "/sunsets/987654/",
        f"/sunsets/{'9' * 30}/",
        "/sunsets/plan/?findings=987654",
        "/ingest/987654/",
        f"/ingest/{'9' * 30}/",
        "/inventories/987654/",
        "/sources/nobody/",
        "/no/such/page/",
    ],
)
def test_what_is_not_there_is_said_to_be_missing(owner: Client, address: str) -> None:
    busy_platform()
    assert owner.get(address).status_code == 404


def test_page_past_the_last_says_so(owner: Client) -> None:
    busy_platform()
    for address in ("/modules/", "/deployments/", "/findings/", "/sunsets/", "/ingest/"):
        assert "past the last of" in open_page(owner, f"{address}?page=99").words, address
