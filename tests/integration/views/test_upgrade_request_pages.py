"""Asking owners to move, from the removal tab to the list of requests."""

import pytest
from django.test import Client

from lifecycle.models import Campaign, UpgradeRequest
from lineage.models import Module
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import DAY, NOW, deployment, take_in, version
from tests.pages import open_page

pytestmark = pytest.mark.django_db
REMOVAL = "/modules/platform/auth/?tab=removal&range=1.x"
ASK = "/modules/platform/auth/ask/"


@pytest.fixture(autouse=True)
def _platform(db: None) -> None:
    take_in(
        version("auth", "1.0.0", owner="identity"),
        version("auth", "2.0.0", owner="identity"),
        version("tv-home", "1.0.0", "auth@^1", owner="tv"),
        deployment("tv-home/prod", "tv-home", "1.0.0"),
    )
    refresh(NOW)


def form() -> dict[str, object]:
    consumer = Module.objects.get(name="tv-home").pk
    return {"consumer": [consumer], "wanted_range": "^2.0.0", "reason": "1.x goes", "deadline": ""}


def test_the_provider_asks_from_the_removal_tab_and_sees_what_was_asked(owner: Client) -> None:
    page = open_page(owner, REMOVAL)
    assert "Ask 1 owner to move" in page.words
    assert owner.post(ASK, form()).status_code == 302
    listed = open_page(owner, "/upgrades/requests/?dependency=auth")
    assert "tv-home" in listed.words
    assert "1.x goes" in listed.words
    assert "Take back that tv-home takes auth ^2.0.0" in listed.words
    assert "Acknowledge" not in listed.words
    request = UpgradeRequest.objects.get()
    owner.post(f"/upgrades/requests/{request.pk}/", {"cancel": "1"})
    assert "Nothing is asked here" in open_page(owner, "/upgrades/requests/").words


def test_the_consumer_acknowledges_and_the_outsider_only_reads(
    owner: Client, colleague: Client, outsider: Client
) -> None:
    owner.post(ASK, form())
    request = UpgradeRequest.objects.get()
    seen = open_page(outsider, "/upgrades/requests/").words
    assert "Acknowledge that" not in seen
    assert "Take back" not in seen
    outsider.post(f"/upgrades/requests/{request.pk}/", {})
    request.refresh_from_db()
    assert request.state == "requested"
    outsider.post(ASK, form())
    assert "Ask 1 owner" not in open_page(outsider, REMOVAL).words
    colleague.post(f"/upgrades/requests/{request.pk}/", {"reference": "pulls/7"})
    request.refresh_from_db()
    assert (request.state, request.reference) == ("acknowledged", "pulls/7")


def test_what_is_asked_while_a_campaign_drains_the_line_belongs_to_it(owner: Client) -> None:
    campaign = Campaign.objects.create(
        module=Module.objects.get(name="auth"),
        line="1.x",
        reason="old",
        deadline=NOW + 9_999 * DAY,
        started_by="ana",
        started_at=NOW,
    )
    owner.post(ASK, form() | {"line": "1.x"})
    page = open_page(owner, f"/campaigns/{campaign.pk}/")
    assert "Upgrades asked for" in page.words
    address = f"/upgrades/requests/?campaign={campaign.pk}&state=requested"
    assert address in page.links.values()
    assert "tv-home" in open_page(owner, address).words


def test_what_cannot_be_asked_says_why(owner: Client) -> None:
    answer = owner.post(ASK, form() | {"wanted_range": "^9"}, follow=True)
    assert "No version of auth satisfies ^9." in answer.content.decode()
    assert not UpgradeRequest.objects.exists()
    assert owner.post("/upgrades/requests/99/", {}).status_code == 404
