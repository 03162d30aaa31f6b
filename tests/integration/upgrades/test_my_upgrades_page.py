"""The page: sections, groups, what to do, snoozing by hand, and the downloads of its rows."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from lifecycle.models import UpgradeSnooze
from lifecycle.permissions import Actor
from tests.factories.people import api_client, person
from tests.factories.platform import platform
from tests.integration.upgrades.test_snoozes import put_aside
from tests.pages import open_page

UNTIL = "2027-01-31"


def csv_of(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/upgrades/upgrades.csv{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def json_of(client: Client, query: str = "") -> Any:
    return client.get(f"/upgrades/upgrades.json{query}").json()


def test_what_must_be_done_stands_apart_from_what_comes_by_itself(owner: Client) -> None:
    page = open_page(owner, "/upgrades/")
    must, _, free = page.words.partition("Do nothing and you get 1;")
    assert "You must act 3;" in must
    groups = [cells[0] for cells in page.rows if len(cells) == 1]
    assert groups == ["Dying 1", "Fix available 1", "Behind 1"]
    rows = {cells[1]: cells for cells in page.rows if len(cells) == 10}
    assert rows["old"][8] == "declare ^2.0.0, takes 2.0.0 by 1 Jun 2099"
    assert rows["json"][3:6] == ["–", "1.4.0", "2.0.0"]
    assert rows["json"][8] == "declare 1.4.1"
    assert rows["xml"][3:6] == ["1.0.0 observed", "1.1.0", "1.1.0"]
    assert "redeploy" in free


def test_an_upgrade_is_snoozed_and_woken_by_hand(owner: Client) -> None:
    page = open_page(owner, "/upgrades/")
    form = open_page(owner, "/upgrades/" + page.links["snooze tv-home 4.2.0 on yaml"]).form(
        "Snooze"
    )
    fields = {**dict(form.fields), "until": UNTIL, "reason": "after the launch"}
    done = owner.post(form.action, fields, follow=True)
    assert b"Snoozed until" in done.content
    after = open_page(owner, "/upgrades/")
    assert "Snoozed 1" in after.words
    assert "yaml" not in {cells[1] for cells in after.rows if len(cells) == 10}
    only = open_page(owner, "/upgrades/?snoozed=only")
    assert "by tina: after the launch" in only.words
    wake = only.form("Wake yaml")
    assert owner.post(wake.action, dict(wake.fields)).status_code == 302
    assert "Snoozed 1" not in open_page(owner, "/upgrades/").words


@pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01", "2999-01-01"])
def test_an_odd_day_is_refused_in_words(owner: Client, until: str) -> None:
    fields = {
        "ecosystem": "platform", "module": "tv-home", "dependency_ecosystem": "platform",
        "dependency": "yaml", "until": until, "reason": "later", "next": "https://evil.example/",
    }  # fmt: skip
    done = owner.post("/upgrades/snooze/", fields, follow=True)
    assert b"This cannot be snoozed" in done.content
    assert done.redirect_chain == [("/upgrades/", 302)]
    assert not UpgradeSnooze.objects.exists()


def test_outsiders_and_strangers_change_nothing(
    outsider: Client, stranger: Client, tina: Actor
) -> None:
    made = put_aside(tina)
    page = open_page(outsider, "/upgrades/?owner=*&snoozed=show")
    assert not {"snooze tv-home 4.2.0 on json"} & set(page.links)
    assert not any(b.startswith("Wake") for form in page.forms for b in form.buttons)
    fields = {
        "ecosystem": "platform", "module": "tv-home", "dependency_ecosystem": "platform",
        "dependency": "json", "until": UNTIL, "reason": "mine now",
    }  # fmt: skip
    denied = outsider.post("/upgrades/snooze/", fields, follow=True)
    assert b"may not snooze" in denied.content
    outsider.post(f"/upgrades/snooze/{made.pk}/wake/")
    for path in ("/upgrades/snooze/", f"/upgrades/snooze/{made.pk}/wake/"):
        assert stranger.post(path, fields)["Location"].startswith("/login/")
        assert outsider.get(path).status_code == 405
    for path in ("/upgrades/upgrades.csv", "/upgrades/upgrades.json"):
        assert stranger.get(path)["Location"].startswith("/login/")
    assert list(UpgradeSnooze.objects.values_list("pk", "ended_at")) == [(made.pk, None)]


@pytest.mark.parametrize(
    "query",
    ["", "?owner=tv", "?owner=*&q=json", "?moves=by_itself", "?snoozed=only", "?status=fix"],
)
def test_the_downloads_have_the_rows_of_the_page(owner: Client, tina: Actor, query: str) -> None:
    put_aside(tina)
    page = open_page(owner, f"/upgrades/{query}")
    shown = [cells[1] for cells in page.rows if len(cells) == 10 and cells[1] != "It uses"]
    found = json_of(owner, query)
    assert shown
    assert [row["dependency"]["name"] for row in found["results"]] == shown
    assert [row["dependency"] for row in csv_of(owner, query)] == shown
    assert found["count"] == found["shown"] == len(shown)


def test_a_row_says_the_same_in_csv_in_json_and_over_the_api(owner: Client, tina: Actor) -> None:
    put_aside(tina)
    (line,) = csv_of(owner, "?snoozed=only")
    (row,) = json_of(owner, "?snoozed=only")["results"]
    client = api_client(person("otto"), "read")
    over_api = client.get("/api/v1/upgrades/", {"module": "tv-home", "snoozed": "only"}).json()
    assert over_api["results"] == [row]
    assert over_api["snoozed"] == 1
    assert line == {
        "consumer_ecosystem": "platform", "consumer": "tv-home", "version": "4.2.0",
        "owner": "tv", "dependency_ecosystem": "platform", "dependency": "yaml",
        "declared": "^1", "runs": "", "current": "1.0.0", "newest": "2.0.0",
        "status": "behind", "dies_at": "", "moves": "must_act", "target": "2.0.0",
        "change": "^2.0.0", "distance": "1 major", "days_behind": "151", "live_prod": "1",
        "live_preprod": "0", "snoozed_until": row["snooze"]["until"],
        "snoozed_because": "after the launch",
    }  # fmt: skip


def test_no_cell_is_a_formula(owner: Client) -> None:
    platform(
        {"type": "version", "ecosystem": "npm", "module": "@acme/ui", "version": "1.0.0"},
        {"type": "version", "ecosystem": "npm", "module": "@acme/ui", "version": "2.0.0"},
        {"type": "version", "ecosystem": "npm", "module": "=cmd|'/c calc'!a0",
         "version": "1.0.0", "owner": "tv",
         "dependencies": [{"module": "@acme/ui", "range": "=1.0.0"}]},
    )  # fmt: skip
    (line,) = csv_of(owner, "?q=acme")
    assert (line["consumer"], line["dependency"], line["declared"]) == (
        "'=cmd|'/c calc'!a0", "'@acme/ui", "'=1.0.0",
    )  # fmt: skip
    (row,) = json_of(owner, "?q=acme")["results"]
    assert (row["dependency"]["name"], row["declared"]) == ("@acme/ui", "=1.0.0")


def test_snoozes_over_the_api(consumers: None) -> None:
    client = api_client(person("tom", "tv"), "read", "lifecycle")
    wish = {"module": "tv-home", "dependency": "yaml", "until": UNTIL, "reason": "later"}
    made = client.post("/api/v1/upgrades/snoozes/", wish, format="json")
    assert made.status_code == 201
    assert (made.json()["made_by"], made.json()["status"]) == ("tom", "behind")
    assert made.json()["until"] == f"{UNTIL}T23:59:59.999999Z"
    listed = client.get("/api/v1/upgrades/snoozes/", {"owner": "tv"}).json()
    assert [row["id"] for row in listed["results"]] == [made.json()["id"]]
    assert client.get("/api/v1/upgrades/snoozes/", {"owner": "none"}).status_code == 404
    mallory = api_client(person("mallory", "elsewhere"), "read", "lifecycle")
    path = f"/api/v1/upgrades/snoozes/{made.json()['id']}/wake/"
    assert mallory.post("/api/v1/upgrades/snoozes/", wish, format="json").status_code == 403
    assert mallory.post(path).status_code == 403
    assert client.post(path).json()["ended_at"]
    odd = client.post("/api/v1/upgrades/snoozes/", {**wish, "reason": " "}, format="json")
    assert json.loads(odd.content)["code"] == "invalid"
