"""Sources on pages: where they stand, what is held, and who decides."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lineage.models import Source
from tests.factories.inventories import hold, keys, listed, live
from tests.factories.lifecycle import NOW, take_in, version
from tests.pages import open_page, press

pytestmark = pytest.mark.django_db


def blind() -> str:
    """A source that went blind; the address of its hold."""
    listed(keys(50), at="2026-02-01")
    listed(keys(2), at="2026-02-02")
    return f"/inventories/{hold().pk}/"


def test_a_hold_is_seen_on_every_page_and_leads_to_what_is_missing(operator: Client) -> None:
    address = blind()
    for page in ("/", "/modules/", "/sources/", "/sources/ci/", "/findings/", "/deployments/"):
        assert "held" in open_page(operator, page).words.lower(), page
    sources = open_page(operator, "/sources/")
    assert "ci no longer lists 48 of 50 deployments." in sources.words
    assert sources.links["See what is missing and decide"] == address
    page = open_page(operator, f"{address}?size=200")
    assert len(page.rows) - 1 == 48
    assert "If it is accepted, 48 end" in page.words


def test_an_operator_accepts_a_drop(operator: Client) -> None:
    address = blind()
    button = "Accept: end 48"
    page = open_page(operator, address)
    assert page.form(button).action == f"{address}decide/"
    after = press(operator, page, button, reason="region closed")
    assert "Accepted. 48 deployments have ended." in after.content.decode()
    assert len(live()) == 2
    assert "region closed" in open_page(operator, "/audit/").words
    assert "held" not in open_page(operator, "/modules/").words.lower()


def test_an_operator_dismisses_a_drop(operator: Client) -> None:
    address = blind()
    press(operator, open_page(operator, address), "Dismiss: nothing ends")
    assert len(live()) == 50
    assert "dismissed it" in open_page(operator, address).words
    again = operator.post(f"{address}decide/", {"decision": "accept"}, follow=True)
    assert "it is dismissed" in again.content.decode()
    assert len(live()) == 50


def test_others_read_and_cannot_decide(owner: Client, outsider: Client) -> None:
    address = blind()
    for client in (owner, outsider):
        page = open_page(client, address)
        assert "is for an operator to say" in page.words
        assert not [form for form in page.forms if form.action.endswith("decide/")]
        client.post(f"{address}decide/", {"decision": "accept"})
        client.post("/sources/ci/", {"number": "1", "unit": "days"})
        forms = open_page(client, "/sources/ci/").forms
        assert not [form for form in forms if "Set cadence" in form.buttons]
    assert len(live()) == 50
    assert Source.objects.get().chosen_cadence is None


def test_an_operator_chooses_the_cadence(operator: Client) -> None:
    take_in(version("auth", "1.0.0"), source="ci", now=timezone.now() - timedelta(hours=3))
    page = open_page(operator, "/sources/ci/")
    assert "Unknown" in page.words
    press(operator, page, "Set cadence", number="2", unit="hours")
    assert Source.objects.get().expected_every == 7_200
    assert "ci late" in open_page(operator, "/modules/").words
    press(operator, page, "Set cadence", number="1", unit="hours")
    assert "ci quiet" in open_page(operator, "/modules/").words
    for odd in ("0", "-1", "x", "9" * 30, "1.5"):
        answer = press(operator, page, "Set cadence", number=odd, unit="hours")
        assert "A cadence is a whole number" in answer.content.decode()
    assert Source.objects.get().chosen_cadence == 3_600
    press(operator, page, "Set cadence", number="", unit="hours")
    assert Source.objects.get().chosen_cadence is None


def test_a_source_shows_the_size_of_each_run(owner: Client) -> None:
    for count in (1, 3):
        take_in(*(version("auth", f"1.{count}.{n}") for n in range(count)), now=NOW)
    page = open_page(owner, "/sources/pipeline/")
    assert [cells[2] for cells in page.rows[1:]] == ["3", "1"]
    assert "3 records in its last run" in page.words
    rows = {cells[0]: cells for cells in open_page(owner, "/sources/").rows}
    assert rows["pipeline"][6] == "3"


def test_a_run_says_that_it_was_an_inventory(owner: Client) -> None:
    blind()
    words = open_page(owner, f"/ingest/{hold().run_id}/").words
    assert "48 of 50 deployments are listed no more" in words
