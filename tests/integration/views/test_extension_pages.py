"""The button that gives more time: where it shows, what it does, and for whom."""

import pytest
from django.test import Client
from django.utils import timezone

from lineage.models import Deployment
from tests.factories.lifecycle import DAY, deployment, flagged_platform, sweep_and_tell, take_in
from tests.factories.people import person, signed_in
from tests.pages import open_page, press

pytestmark = pytest.mark.django_db
KEYS = ("tv-home/p1", "tv-home/p2")


@pytest.fixture(autouse=True)
def _expired_yesterday(db: None) -> None:
    flagged_platform()
    now = timezone.now()
    started = (now - 8 * DAY).isoformat()
    for key in KEYS:
        take_in(deployment(key, "tv-home", "1.0.0", ttl="P7D", started_at=started), now=now)
    sweep_and_tell(now)


@pytest.fixture
def owner(db: None) -> Client:
    return signed_in(person("tom", "tv"))


def extended() -> list[str]:
    rows = Deployment.objects.filter(extended_until__isnull=False)
    return sorted(rows.values_list("key", flat=True))


def test_one_click_on_a_deployment_gives_it_a_week(owner: Client) -> None:
    page = open_page(owner, "/deployments/?state=expired")
    response = press(owner, page, "Extend 7 d tv-home/p1")
    assert "tv-home/p1 runs until" in response.content.decode()
    assert extended() == ["tv-home/p1"]
    again = open_page(owner, "/deployments/?q=p1")
    assert "extended" in again.words
    assert "tv-home/p1" not in open_page(owner, "/deployments/?state=expired").words


def test_one_click_on_a_finding_extends_that_alone(owner: Client) -> None:
    page = open_page(owner, "/findings/?rule=expired-deployment")
    press(owner, page, "Extend 7 d tv-home/p2")
    assert extended() == ["tv-home/p2"]
    assert "tv-home/p2" not in open_page(owner, "/findings/").words


def test_many_findings_are_extended_at_once_and_what_is_refused_is_named(owner: Client) -> None:
    page = open_page(owner, "/findings/?rule=expired-deployment")
    ids = [value for row in page.forms for name, value in row.buttons.values() if name == "only"]
    response = owner.post("/deployments/extend/", {"finding": ids, "next": page.address})
    assert response.url == "/findings/"
    assert extended() == list(KEYS)


def test_outsiders_and_strangers_see_no_button_and_extend_nothing() -> None:
    outsider = signed_in(person("zoe"))
    for address in ("/deployments/?state=expired", "/findings/"):
        assert "Extend" not in open_page(outsider, address).words
    outsider.post("/deployments/extend/", {"deployment": KEYS[0]})
    assert Client().post("/deployments/extend/", {"deployment": KEYS[0]}).status_code == 302
    assert outsider.get("/deployments/extend/").status_code == 405
    assert extended() == []


def test_nothing_named_extends_nothing_and_leads_nowhere_else(owner: Client) -> None:
    response = owner.post("/deployments/extend/", {"next": "https://elsewhere.example/"})
    assert (response.status_code, response.url) == (302, "/deployments/")
