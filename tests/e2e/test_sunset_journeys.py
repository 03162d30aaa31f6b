"""A sunset with grace, from its announcement to its end, and one that somebody's new use blocks."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from lifecycle.models import Sunset
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import drive_sunsets
from lineage.models import Version
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import DAY, deployment, take_in, version

pytestmark = pytest.mark.e2e


def announce(page: Page, days: str) -> Sunset:
    """Plan the sunset of auth 1.x and announce it with some days of grace."""
    page.goto("/findings/")
    page.get_by_role("link", name="Sunset auth 1.x").click()
    page.get_by_label("Reason").fill("nobody runs it")
    page.get_by_label("Days of grace").fill(days)
    page.get_by_role("button", name=re.compile("2 items")).click()
    expect(page.get_by_role("status").first).to_contain_text("auth 1.x is announced")
    return Sunset.objects.get()


def gone() -> list[str]:
    rows = Version.objects.filter(sunset_at__isnull=False).order_by("version")
    return [row.version for row in rows]


def test_announced_in_grace_executed_and_restored(page: Page) -> None:
    sunset = announce(page, "3")
    expect(page.get_by_text("Announced: 2 items go once every owner was told.")).to_be_visible()

    deliver_due(timezone.now())
    drive_sunsets(timezone.now() + DAY / 24)
    page.goto(f"/sunsets/{sunset.pk}/")
    expect(page.get_by_text("In grace: 2 items go")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Grace").last).to_have_attribute(
        "aria-current", "step"
    )
    page.get_by_role("button", name=re.compile("Go on now")).click()
    expect(page.get_by_role("status").first).to_contain_text("Not yet")
    assert gone() == []

    drive_sunsets(timezone.now() + 4 * DAY)
    page.goto(f"/sunsets/{sunset.pk}/")
    expect(page.get_by_text("2 items went")).to_be_visible()
    assert gone() == ["1.0.0", "1.1.0"]

    page.get_by_role("checkbox", name="Select auth 1.1.0").check()
    page.get_by_role("button", name="Restore these").click()
    expect(page.get_by_role("status").first).to_contain_text("1 of auth 1.x restored")
    assert gone() == ["1.0.0"]
    page.get_by_role("button", name=re.compile("Restore everything")).click()
    expect(page.get_by_text("It is back.")).to_be_visible()
    assert gone() == []


def test_a_new_user_blocks_it_by_name_and_it_can_be_cancelled(page: Page) -> None:
    sunset = announce(page, "3")
    deliver_due(timezone.now())
    drive_sunsets(timezone.now() + DAY / 24)
    now = timezone.now()
    take_in(
        version("late-app", "1.0.0", "auth@^1", owner="late"),
        deployment("late-app/prod", "late-app", "1.0.0", started_at=now.isoformat()),
        now=now,
    )
    refresh(now)
    drive_sunsets(now + 4 * DAY)

    page.goto(f"/sunsets/{sunset.pk}/")
    expect(page.get_by_text("Blocked: everything it lists is in somebody’s way.")).to_be_visible()
    expect(page.get_by_text("late-app/prod").first).to_be_visible()
    assert gone() == []

    page.get_by_role("button", name=re.compile("Cancel it")).click()
    expect(page.get_by_text("Cancelled: nothing went.")).to_be_visible()
    assert gone() == []
