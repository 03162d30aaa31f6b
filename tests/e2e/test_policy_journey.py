"""A policy is tried while it is typed, saved when it does what it should, and replayed."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from lifecycle.models import Policy
from tests.e2e.test_accessibility import LOOKS, problems_of

pytestmark = pytest.mark.e2e


def test_a_policy_is_tried_before_it_is_saved_and_replayed_after(page: Page) -> None:
    User.objects.filter(username="olaf").update(is_staff=True)
    page.goto("/policies/")
    page.get_by_role("link", name="New policy").first.click()
    page.get_by_role("link", name="Unused range").click()

    trial = page.locator("#trial")
    page.get_by_label("Name").fill("Patient with libraries")
    page.get_by_label("Days without use").fill("36000")
    expect(trial).to_contain_text("It flags nothing now.")
    page.get_by_label("Days without use").fill("60000")
    expect(trial).to_contain_text("It cannot be tried like this.")
    page.get_by_label("Days without use").fill("10")
    expect(trial).to_contain_text("It flags 1 thing")
    expect(trial).to_contain_text("auth 1.x")
    assert not Policy.objects.exists()

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Patient with libraries is saved")
    assert Policy.objects.get().settings == {"unused_for_days": 10}
    page.goto("/policies/")
    expect(page.get_by_role("row", name="Patient with libraries")).to_contain_text("1")

    page.get_by_role("link", name="Patient with libraries").click()
    page.get_by_label("the last").fill("30")
    page.get_by_role("button", name="Backtest").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Had Patient with libraries")
    expect(page.locator(".answer")).to_contain_text("would have gone")


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_the_pages_of_policies_have_no_serious_problem(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/policies/")
    page.get_by_role("button", name="Backtest").click()
    replayed = page.url
    found = {}
    for address in (
        "/policies/",
        "/policies/new/",
        "/policies/new/?rule=expired-deployment",
        "/policies/new/?rule=runtime-end-of-life",
        "/policies/built-in/Unused ranges/",
        "/policies/backtests/",
        replayed,
    ):
        page.goto(address)
        if "new" in address and "rule" in address:
            expect(page.locator("#trial .answer")).to_be_visible()
        if problems := problems_of(page):
            found[address] = problems
    assert found == {}
