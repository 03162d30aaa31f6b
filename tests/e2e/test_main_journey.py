"""The main job: find what nobody uses, read why, sunset it, see it gone, bring it back."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lineage.selectors.modules import module_named
from lineage.selectors.resolution import Strategy, Wanted, resolution_of

pytestmark = pytest.mark.e2e


def resolved(range: str) -> str | None:
    wanted = [Wanted(module_named("platform", "auth"), range)]
    found = resolution_of(wanted, strategy=Strategy.NEWEST, now=timezone.now()).results[0].resolved
    return found.version if found else None


def test_from_an_unused_range_to_its_sunset_and_back(page: Page) -> None:
    assert resolved("^1") == "1.1.0"

    page.get_by_role("link", name="Findings").click()
    page.get_by_role("link", name="auth 1.x", exact=True).click()
    expect(page.get_by_role("heading", name="Can auth 1.x be removed?")).to_be_visible()
    expect(page.get_by_text("Nobody has used it")).to_be_visible()

    page.get_by_role("link", name="Plan the sunset of 1.x").click()
    expect(page.get_by_role("row")).to_contain_text(["Item", "auth 1.0.0", "auth 1.1.0"])
    page.get_by_label("Reason").fill("nobody runs it")
    page.get_by_role("button", name="Sunset 2 items").click()

    expect(page.get_by_role("status").first).to_contain_text("auth 1.x is sunset")
    assert resolved("^1") is None
    page.goto("/modules/platform/auth/versions/1.1.0/")
    expect(page.get_by_text("It left resolution")).to_be_visible()
    page.goto("/findings/")
    expect(page.get_by_role("link", name="auth 1.x", exact=True)).to_have_count(0)

    page.goto("/modules/platform/auth/")
    page.get_by_role("link", name="Restore 1.x").click()
    page.get_by_role("button", name=re.compile("Restore everything")).click()
    expect(page.get_by_text("It is back.")).to_be_visible()
    assert resolved("^1") == "1.1.0"
    expect(page.get_by_role("row", name=re.compile("olaf restore"))).to_be_visible()


def test_bulk_selection_is_counted_and_planned(page: Page) -> None:
    page.goto("/findings/")
    boxes = page.locator("#results").get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator(".bulk__count")).to_have_text("2 selected")
    page.get_by_role("button", name="Plan sunset").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 things")


def test_filters_swap_the_rows_and_the_address_follows(page: Page) -> None:
    page.goto("/modules/")
    page.get_by_label("Name", exact=True).fill("tv")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="tv-home")).to_be_visible()
    expect(page.get_by_role("link", name="auth", exact=True)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"q=tv"))
    page.go_back()
    expect(page.get_by_role("link", name="auth", exact=True)).to_be_visible()


def test_the_keyboard_reaches_search_and_content(page: Page) -> None:
    page.goto("/modules/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search modules, owners")).to_be_focused()
