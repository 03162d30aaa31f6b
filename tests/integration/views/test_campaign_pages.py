"""Campaign pages: started from the removal tab, watched, reminded, cancelled; and for whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lifecycle.models import Campaign, CampaignReading
from tests.factories.campaigns import platform_to_drain, start
from tests.factories.people import person, signed_in
from tests.pages import open_page, press

pytestmark = pytest.mark.django_db
REMOVAL = "/modules/platform/auth/?tab=removal&range=1.x"


@pytest.fixture(autouse=True)
def _platform(db: None) -> None:
    platform_to_drain()


@pytest.fixture
def owner(db: None) -> Client:
    return signed_in(person("ida", "identity"))


def test_it_is_started_from_the_removal_tab_and_shows_who_is_left_by_name(owner: Client) -> None:
    page = open_page(owner, REMOVAL)
    press(owner, page, "Start the campaign", reason="2.x is safer")
    campaign = Campaign.objects.get()
    found = open_page(owner, f"/campaigns/{campaign.pk}/")
    assert "3 consumers with 4 live deployments are left of 3." in found.words
    assert {row[0] for row in found.rows} >= {"tv-home/prod", "radio/prod", "old-job/prod"}
    assert "tv 3 · radio 2 · nobody 2" in found.words
    assert "No projection yet" in found.words
    assert "drains it, until" in open_page(owner, REMOVAL).words
    assert "auth 1.x" in open_page(owner, "/campaigns/").words


def test_the_burndown_has_a_chart_a_table_and_a_projection(owner: Client) -> None:
    now = timezone.now()
    campaign = start(now=now - timedelta(days=20), days=25)
    CampaignReading.objects.all().delete()
    for day in range(20):
        CampaignReading.objects.create(
            campaign=campaign, at=now - timedelta(days=20 - day), consumers=40 - day, deployments=9
        )
    response = owner.get(f"/campaigns/{campaign.pk}/")
    assert b"burndown-chart" in response.content
    assert "At the pace of the last four weeks" in response.content.decode()
    assert "after the deadline" not in response.content.decode()


def test_a_deadline_that_passed_is_said_plainly(owner: Client) -> None:
    campaign = start(now=timezone.now())
    Campaign.objects.update(deadline=timezone.now() - timedelta(days=3))
    words = open_page(owner, f"/campaigns/{campaign.pk}/").words
    assert "The deadline passed 3 d ago." in words
    assert "Nothing in use is sunset because of that" in words
    assert "Overdue" in open_page(owner, "/campaigns/?state=overdue").words


def test_it_is_reminded_and_cancelled(owner: Client) -> None:
    campaign = start(now=timezone.now())
    address = f"/campaigns/{campaign.pk}/"
    refused = press(owner, open_page(owner, address), "Remind who is left")
    assert "less than an hour ago" in refused.content.decode()
    Campaign.objects.update(reminded_at=timezone.now() - timedelta(days=1))
    done = press(owner, open_page(owner, address), "Remind who is left")
    assert "3 owners reminded." in done.content.decode()
    press(owner, open_page(owner, address), "Cancel the campaign", reason="later")
    words = open_page(owner, address).words
    assert "ida cancelled it" in words
    assert "Remind who is left" not in words


def test_what_can_not_be_drained_says_why_on_the_removal_tab(owner: Client) -> None:
    page = open_page(owner, REMOVAL)
    response = press(owner, page, "Start the campaign", reason="why", deadline="2020-01-01")
    assert "its deadline is past" in response.content.decode()
    assert not Campaign.objects.exists()


def test_consumers_see_it_in_their_upgrades(owner: Client) -> None:
    start(now=timezone.now())
    page = open_page(signed_in(person("tom", "tv")), "/upgrades/?owner=tv")
    assert "campaign for auth 1.x ends" in page.words


def test_outsiders_read_and_change_nothing() -> None:
    campaign = start(now=timezone.now())
    outsider = signed_in(person("zoe"))
    words = open_page(outsider, f"/campaigns/{campaign.pk}/").words
    assert "Remind who is left" not in words
    assert "Start a campaign" not in open_page(outsider, REMOVAL).words
    outsider.post(f"/campaigns/{campaign.pk}/cancel/")
    outsider.post(f"/campaigns/{campaign.pk}/remind/")
    campaign.refresh_from_db()
    assert campaign.state == "draining"
    for address in ("/campaigns/", f"/campaigns/{campaign.pk}/"):
        assert Client().get(address).status_code == 302
    assert outsider.get("/campaigns/999/").status_code == 404
    assert outsider.get(f"/campaigns/{campaign.pk}/cancel/").status_code == 405


def test_no_campaign_is_a_sentence(owner: Client) -> None:
    assert "No campaign is like that." in open_page(owner, "/campaigns/").words
