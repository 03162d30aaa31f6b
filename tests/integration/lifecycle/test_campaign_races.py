"""Two drivers at once: one reading a day, one reminder, one sunset, one entry each."""

import pytest

from lifecycle.models import AuditEntry, Campaign, CampaignReading, Notice, Sunset
from lifecycle.services.audit_check import check_chain
from lifecycle.services.campaigns import drive_campaigns
from lineage.services.snapshot import refresh
from tests.at_once import at_once
from tests.factories.campaigns import moves, platform_to_drain, start
from tests.factories.lifecycle import DAY, NOW

pytestmark = pytest.mark.django_db(transaction=True)


def together(days: float) -> None:
    at = NOW + days * DAY
    results = at_once(*[lambda: drive_campaigns(at)] * 3)
    assert not [result for result in results if isinstance(result, Exception)]


def test_drivers_at_once_take_every_step_of_a_campaign_once() -> None:
    platform_to_drain()
    campaign = start(remind_every_days=2)
    together(1)
    together(2)
    assert CampaignReading.objects.count() == 3
    assert AuditEntry.objects.filter(action="remind campaign").count() == 1
    assert Notice.objects.filter(kind="campaign").count() == 6
    at = NOW + 3 * DAY
    moves("tv-home", "tv-home/prod", "tv-home/test", now=at, owner="tv")
    moves("radio", "radio/prod", now=at, owner="radio")
    moves("old-job", "old-job/prod", now=at)
    refresh(at)
    together(3)
    campaign.refresh_from_db()
    if campaign.state == "draining":  # all of them stood in each other's way
        together(3.1)
        campaign.refresh_from_db()
    assert (campaign.state, campaign.sunset) == ("sunsetting", Sunset.objects.get())
    assert AuditEntry.objects.filter(action="campaign drained").count() == 1
    assert Campaign.objects.count() == 1
    assert check_chain(at).is_intact


def test_two_starts_at_once_make_one_campaign() -> None:
    platform_to_drain()
    results = at_once(start, start)
    assert sorted(type(result).__name__ for result in results) == ["Campaign", "CannotCampaign"]
    assert Campaign.objects.count() == 1
