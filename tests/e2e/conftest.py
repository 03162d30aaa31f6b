"""A real browser against a real server."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.factories.lifecycle import flagged_platform
from tests.factories.people import person

# Playwright's loop runs in this thread, and Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "a quiet evening"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail("BROWSER_REQUIRED is set and there is no Chromium")
        pytest.skip("no Chromium on this machine: apt install chromium")
    with sync_playwright() as driver:
        # A container has no user namespaces for the sandbox, and only our own pages are opened.
        chromium = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def owner(transactional_db: None) -> User:
    """A member of the team that owns what is unused."""
    flagged_platform()
    return person("olaf", "identity")


@pytest.fixture
def page(browser: Browser, live_server: object, owner: User) -> Iterator[Page]:
    """A tab, signed in as the owner; a page that breaks a rule of the browser fails the test."""
    context = browser.new_context(base_url=str(live_server))
    tab = context.new_page()
    problems: list[str] = []
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("console", lambda message: problems.append(_told(message)))
    tab.goto("/login/")
    tab.get_by_label("Name").fill("olaf")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url("**/")
    yield tab
    context.close()
    assert list(filter(None, problems)) == []


def _told(message: ConsoleMessage) -> str:
    """What the console says is wrong; that a page itself answered 404 is for its test to judge."""
    is_page = message.location["url"].endswith("/") or "?" in message.location["url"]
    is_load = message.text.startswith("Failed to load resource")
    # htmx tells of a request that a later one of the same form replaced.
    is_replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
    is_wrong = message.type == "error" and not is_replaced and not (is_load and is_page)
    return message.text if is_wrong else ""
