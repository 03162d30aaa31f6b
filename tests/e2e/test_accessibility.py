"""Every page, both themes, wide and narrow: nothing serious for axe, nothing scrolls sideways."""

from collections.abc import Iterable, Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import PASSWORD
from tests.factories.lifecycle import execute, finding, take_in
from tests.factories.people import person
from tests.integration.views.addresses import ALWAYS

pytestmark = pytest.mark.e2e
AUTH = "/modules/platform/auth/"
# Of what has a number or a name; the pages that are always there come from the page tests.
PARTS = (
    AUTH, f"{AUTH}?open=1.x", f"{AUTH}?tab=versions", f"{AUTH}?tab=dependents",
    f"{AUTH}?tab=dependents&transitive=1", "/modules/platform/tv-home/?tab=dependencies",
    f"{AUTH}?tab=uptake", f"{AUTH}?tab=graph", f"{AUTH}?tab=removal&range=1.x",
    f"{AUTH}?tab=removal&range=2.x", "/modules/platform/auth/versions/2.0.0/",
    "/findings/?state=closed&q=none", f"{AUTH}?tab=changes&from=2024-01-01",
    f"{AUTH}?tab=why&from=platform/tv-home", f"{AUTH}?tab=preview&version=9.0.0",
    "/feeds/?module=auth", "/sources/pipeline/",
)  # fmt: skip
CLOSED = ("/nowhere/", "/audit/", "/executor-calls/")
PAGES = (*ALWAYS, *PARTS, *CLOSED)
OPERATORS = ("/audit/", "/executor-calls/", "/webhooks/", "/sunsets/", "/policies/new/")
ANSWERS = {"/nowhere/": 404, "/audit/": 403, "/executor-calls/": 403}  # the pages that say no
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]


def problems_of(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    problems = [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:  # type: ignore[index]
        problems.append(f"scrolls sideways: {width}")
    return problems


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_no_page_has_a_serious_problem(page: Page, scheme: str, width: int) -> None:
    refused = take_in({"type": "version", "module": "", "version": "1.0.0"})
    done = execute("auth 1.x")
    addresses = [
        *PAGES,
        f"/sunsets/{done.pk}/",
        f"/sunsets/plan/?findings={finding('tv-home/preview').pk}",
        f"/ingest/{refused.run}/",
    ]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    assert problems_at(page, addresses, ANSWERS) == {}


@pytest.mark.parametrize(("scheme", "width"), [LOOKS[0], LOOKS[-1]])
def test_no_page_of_the_operators_has_a_serious_problem(
    page: Page, scheme: str, width: int
) -> None:
    person("olga", is_staff=True)
    execute("auth 1.x")
    page.context.clear_cookies()
    page.goto("/login/")
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    assert problems_at(page, OPERATORS, {}) == {}


def problems_at(
    page: Page, addresses: Iterable[str], answers: Mapping[str, int]
) -> dict[str, list[str]]:
    found = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == answers.get(address, 200), address
        if problems := problems_of(page):
            found[address] = problems
    return found


def test_the_sign_in_page_has_no_serious_problem(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/login/")
    assert problems_of(page) == []
