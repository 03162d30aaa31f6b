"""Preferences, webhooks and deliveries in a browser: both themes, wide and narrow; a test sent."""

from collections.abc import Iterator

import pytest
from django.conf import Settings
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from lifecycle.models import Delivery, Webhook
from lifecycle.services.subscriptions import subscribe
from lineage.models import Module
from tests.e2e.test_accessibility import LOOKS, problems_of
from tests.factories.lifecycle import NOW
from tests.factories.messages import hook, notice, spread
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.e2e


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with listening(always(500, "out of order")) as receiver:
        yield receiver


def test_owner_makes_a_webhook_tests_it_and_sends_again_what_was_parked(
    page: Page, receiver: Receiver
) -> None:
    receiver.manner = always(400, "what is this?")
    page.goto("/webhooks/")
    page.get_by_label("Name").fill("bot")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("button", name="Make webhook").click()
    expect(page.get_by_text("Copy it now.")).to_be_visible()
    expect(page.locator("code.secret")).to_have_text(Webhook.objects.get().secret)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("It answered 400.").first).to_be_visible()
    receiver.manner = always(200)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It is sent again.")).to_be_visible()
    assert Delivery.objects.get().state == "delivered"
    assert len(receiver.calls) == 2


def test_inbox_says_by_itself_that_something_arrived(page: Page) -> None:
    page.clock.install()
    page.goto("/notices/")
    notice("identity", "a word to the owners", "auth")
    spread()
    page.clock.run_for(21_000)
    page.get_by_role("link", name="1 new notice: show").click()
    expect(page.get_by_text("a word to the owners").first).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_pages_of_messages_have_no_serious_problem(
    page: Page, owner: User, receiver: Receiver, scheme: str, width: int
) -> None:
    team = owner.memberships.get().team
    row = hook(receiver.url, "a bot with a name that goes on and on", team=team)
    hook("https://b.example/hook", "gone", team=team, is_enabled=False,
         disabled_reason="It answered 410: it wants nothing more.")  # fmt: skip
    subscribe(owner.pk, module=Module.objects.get(name="tv-home"), now=NOW)
    subscribe(owner.pk, kind="version.published", is_muted=True, now=NOW)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/webhooks/{row.pk}/")
    page.get_by_role("button", name="Send a test").click()
    page.wait_for_url("**/deliveries/**")
    delivery = Delivery.objects.get()
    found = {}
    for address in (
        "/notices/", "/notices/preferences/", f"/notices/preferences/?team={team.name}",
        "/webhooks/", f"/webhooks/{row.pk}/", f"/deliveries/{delivery.pk}/",
    ):  # fmt: skip
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        if problems := problems_of(page):
            found[address] = problems
    assert found == {}
