"""Sources, their cadence and their held inventories over the API."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from lifecycle.models import AuditEntry
from tests.factories.inventories import hold, keys, listed, live
from tests.factories.people import api_client, person
from tests.factories.platform import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def test_a_held_inventory_is_seen_with_its_source_and_accepted(client: APIClient) -> None:
    listed(keys(50))
    listed(keys(2), now=LATER)
    (source,) = client.get("/api/v1/sources/").json()
    assert (source["state"], source["holds"]) == ("held", [hold().pk])
    assert source["last_rows"] == 3
    page = client.get("/api/v1/inventories/?state=held&source=ci").json()
    assert page["count"] == len(page["results"]) == 1
    held = page["results"][0]
    assert (held["vouched"], held["missing"], held["ending"]) == (50, 48, 48)
    address = f"/api/v1/inventories/{held['id']}/"
    assert client.get(address).json() == held
    missing = client.get(f"{address}unlisted/?page_size=5").json()
    assert (missing["count"], len(missing["results"])) == (48, 5)

    done = client.post(f"{address}accept/", {"reason": "moved away"}, format="json").json()

    assert (done["state"], done["ended"], done["decided_by"]) == ("accepted", 48, "olga")
    assert len(live()) == 2
    entry = AuditEntry.objects.get(action="accept drop")
    assert (entry.actor, entry.subject, entry.reason) == ("olga", "ci", "moved away")
    again = client.post(f"{address}accept/")
    assert (again.status_code, again.json()["code"]) == (409, "not_held")
    assert AuditEntry.objects.count() == 1


def test_a_held_inventory_can_be_dismissed(client: APIClient) -> None:
    listed(keys(50))
    listed([], now=LATER)
    done = client.post(f"/api/v1/inventories/{hold().pk}/dismiss/").json()
    assert (done["state"], done["ended"]) == ("dismissed", 0)
    assert len(live()) == 50
    assert AuditEntry.objects.get().action == "dismiss drop"


def test_only_operators_decide_and_choose_a_cadence(operator: User) -> None:
    listed(keys(50))
    listed(keys(2), now=LATER)
    address = f"/api/v1/inventories/{hold().pk}/"
    for user in (person("ana", "identity"), person("mallory", "elsewhere")):
        member = APIClient()
        member.force_login(user)
        for client in (member, api_client(operator, "read", "lifecycle")):
            assert client.post(f"{address}accept/").status_code == 403
            assert client.post(f"{address}dismiss/").status_code == 403
            answer = client.patch("/api/v1/sources/ci/", {"cadence": 60}, format="json")
            assert answer.status_code == 403
        assert member.get(address).status_code == 200
    assert hold().state == "held"
    assert not AuditEntry.objects.exists()


def test_a_chosen_cadence_outranks_what_the_source_says(client: APIClient) -> None:
    listed([], {"type": "source", "name": "ci", "cadence": "P1D"})
    address = "/api/v1/sources/ci/"
    found = client.patch(address, {"cadence": 3_600}, format="json").json()
    assert (found["cadence"], found["stated_cadence"]) == (3_600, 86_400)
    assert found == client.get(address).json()
    listed([], {"type": "source", "name": "ci", "cadence": "P2D"}, now=LATER)
    assert client.get(address).json()["cadence"] == 3_600
    found = client.patch(address, {"cadence": None}, format="json").json()
    assert found["cadence"] == 2 * 86_400
    client.patch(address, {"cadence": None}, format="json")
    assert AuditEntry.objects.filter(action="choose cadence").count() == 2


@pytest.mark.parametrize("value", [0, -1, "", "x", 10**12, [], {}, 1.5, "\x00"])
def test_a_cadence_must_be_a_number_of_seconds(client: APIClient, value: object) -> None:
    listed([])
    answer = client.patch("/api/v1/sources/ci/", {"cadence": value}, format="json")
    assert answer.status_code == 400
    assert client.patch("/api/v1/sources/ci/", {}, format="json").status_code == 400


def test_what_is_not_there_is_not_found(client: APIClient) -> None:
    for address in ("sources/nobody/", "inventories/1/", "inventories/1/unlisted/"):
        assert client.get(f"/api/v1/{address}").status_code == 404
    answer = client.patch("/api/v1/sources/nobody/", {"cadence": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_source")
    assert client.post("/api/v1/inventories/1/accept/").json()["code"] == "unknown_inventory"


def test_a_name_may_hold_slashes(client: APIClient) -> None:
    listed([], source="ci/eu/main")
    assert client.get("/api/v1/sources/ci/eu/main/").json()["name"] == "ci/eu/main"


def test_an_inventory_comes_in_over_the_api(client: APIClient) -> None:
    listed(keys(20), source="api")
    answer = client.post(
        "/api/v1/ingest/?inventory=true", b"[]", content_type="application/octet-stream"
    )
    assert (answer.status_code, answer.json()["held"]) == (201, 20)
