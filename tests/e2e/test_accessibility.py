"""Every page, both themes, wide and narrow: nothing serious for axe, nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.factories.lifecycle import execute, finding, take_in

pytestmark = pytest.mark.e2e
AUTH = "/modules/platform/auth/"
PAGES = (
    "/", "/modules/", AUTH, f"{AUTH}?open=1.x", f"{AUTH}?tab=versions", f"{AUTH}?tab=dependents",
    f"{AUTH}?tab=dependents&transitive=1", "/modules/platform/tv-home/?tab=dependencies",
    f"{AUTH}?tab=uptake", f"{AUTH}?tab=graph", f"{AUTH}?tab=removal&range=1.x",
    f"{AUTH}?tab=removal&range=2.x", "/modules/platform/auth/versions/2.0.0/", "/deployments/",
    "/upgrades/", "/findings/", "/findings/?state=closed&q=none", "/graph/", "/sunsets/",
    "/changes/", f"{AUTH}?tab=changes&from=2024-01-01", "/cycles/", "/modules/naming/",
    f"{AUTH}?tab=why&from=platform/tv-home", f"{AUTH}?tab=preview&version=9.0.0",
    "/feeds/?module=auth", "/sunsets/calendar/", "/sunsets/reclaimed/", "/upgrades/requests/",
    "/sources/pipeline/", "/sources/", "/ingest/", "/notices/", "/account/", "/nowhere/", "/audit/",
    "/exemptions/",
    "/executor-calls/",
)  # fmt: skip
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
    found = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == ANSWERS.get(address, 200), address
        if problems := problems_of(page):
            found[address] = problems
    assert found == {}


def test_the_sign_in_page_has_no_serious_problem(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/login/")
    assert problems_of(page) == []
