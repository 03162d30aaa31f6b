"""A sunset with grace, from its announcement to its end, and one that somebody's new use blocks."""

import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from lifecycle.models import Sunset
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import drive_sunsets
from lineage.models import Deployment, Team, Version
from lineage.services.snapshot import refresh
from platform_ui.accounts.models import Membership
from tests.factories.lifecycle import DAY, deployment, sweep_and_tell, take_in, version

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


def test_all_that_outlived_its_ttl_goes_at_once(page: Page) -> None:
    tv = Team.objects.get(name="tv")
    Membership.objects.create(user=User.objects.get(username="olaf"), team=tv)
    now = timezone.now()
    keys = [f"tv-home/preview-{number}" for number in range(12)]
    take_in(*(deployment(key, "tv-home", "1.0.0", ttl="P7D") for key in keys), now=now)
    sweep_and_tell(now)
    page.goto("/findings/?rule=expired-deployment")
    page.get_by_role("button", name=re.compile("Plan all 13")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("13 things")
    page.get_by_role("button", name="Sunset 13 items").click()
    expect(page.get_by_text("13 items went")).to_be_visible()
    gone = Deployment.objects.filter(end_reason="sunset").values_list("key", flat=True)
    assert set(gone) == {*keys, "tv-home/preview"}
    page.goto("/findings/?rule=expired-deployment")
    expect(page.get_by_text("Nothing is flagged here.")).to_be_visible()
