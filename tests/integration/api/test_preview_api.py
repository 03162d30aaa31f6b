"""The preview over the API and on the module's page."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from lineage.models import Version
from tests.factories.people import person, signed_in
from tests.factories.platform import platform
from tests.pages import open_page

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/publish-preview/"

FACTS = (
    "hub 1.0.0 by data", "json 1.0.0", "json 2.0.0", "app 1.0.0 by tv -> hub@^1, json@^1",
    "old 1.0.0 -> hub@~1.0", "app/prod runs app 1.0.0 in prod",
)  # fmt: skip


def test_who_takes_it_and_what_it_breaks(client: APIClient) -> None:
    platform(*FACTS)
    known = Version.objects.count()
    body = {"module": "hub", "version": "1.1.0", "dependencies": [{"module": "json", "range": "2"}]}
    response = client.post(ADDRESS, body, format="json")
    assert response.status_code == 200, response.content
    found: Any = response.json()
    assert [(t["module"]["name"], t["owner"]) for t in found["takers"]] == [("app", "tv")]
    assert [(b["module"]["name"], b["reason"]) for b in found["behind"]] == [
        ("old", "its range excludes it")
    ]
    assert (found["direct_prod"], found["reached_prod"], found["is_newest"]) == (1, 1, True)
    (conflict,) = found["conflicts"]["consumers"]
    assert conflict["version"] == "app 1.0.0"
    assert conflict["sentences"][-1] == "No version of json satisfies both ^1 and 2."
    assert Version.objects.count() == known


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"module": "hub"}, 400),
        ({"module": "hub", "version": "not one"}, 400),
        ({"module": "hub", "version": "1.0.0"}, 409),
        ({"module": "nobody", "version": "1.0.0"}, 404),
        ({"module": "hub", "version": "1.1.0", "dependencies": [{"module": "a\x00"}]}, 400),
        ({"module": "hub", "version": "1.1.0", "dependencies": [{}]}, 400),
        (
            {"module": "hub", "version": "1.1.0", "dependencies": [{"module": "j", "range": "!!"}]},
            400,
        ),
        ({"module": "hub", "version": "1.1.0", "dependencies": [{"module": "j"}] * 201}, 400),
        ({"module": "hub", "version": "9" * 300}, 400),
    ],
)
def test_what_cannot_be_published_is_refused(
    client: APIClient, body: dict[str, Any], status: int
) -> None:
    platform(*FACTS)
    response = client.post(ADDRESS, body, format="json")
    assert response.status_code == status, response.content
    assert set(response.json()) == {"code", "detail", "fields"}


def test_a_cycle_through_the_new_version_is_drawn(client: APIClient) -> None:
    platform(*FACTS)
    body = {"module": "hub", "version": "1.1.0", "dependencies": [{"module": "app"}]}
    found = client.post(ADDRESS, body, format="json").json()
    assert found["version_cycle"] == ["hub 1.1.0", "app 1.0.0"]
    assert (found["cycle_members"], found["module_cycles"]) == (1, [["hub", "app"]])


def test_the_page_says_the_same_and_keeps_the_question() -> None:
    platform(*FACTS)
    reader = signed_in(person("rita"))
    hub = "/modules/platform/hub/?tab=preview"
    assert "Nothing is published by asking." in open_page(reader, hub).words
    page = open_page(reader, f"{hub}&version=1.1.0&needs=json%202%0Aghost%20%5E1%20optional")
    assert "1 consumer version would take it without doing anything" in page.words
    assert "No version of json satisfies both ^1 and 2." in page.words
    assert "Nobody published ghost." in page.words
    assert "its range excludes it" in page.words
    assert "published already" in open_page(reader, f"{hub}&version=1.0.0").words
    assert "is not a range" in open_page(reader, f"{hub}&version=1.1.0&needs=json+!!").words
    many = "%0A".join(f"m{n}" for n in range(201))
    assert "200 are the most" in open_page(reader, f"{hub}&version=1.1.0&needs={many}").words
