"""Atom feeds: read back by feedparser, of a module and of a team, steady and safe."""

import warnings
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lineage.models import Team, Version
from platform_ui.feeds.validated import graph_changed_at
from tests.factories.lifecycle import NOW as FLAGGED_NOW
from tests.factories.lifecycle import execute, flagged_platform
from tests.factories.people import signed_in
from tests.factories.platform import NOW, module, platform
from tests.integration.feeds.conftest import token_for
from tests.queries import asked

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own dependencies, while they are imported
    import feedparser

JSON = "/feeds/modules/platform/json/feed.atom"


def read(client: Client, path: str, **params: str) -> Any:
    response = client.get(path, params)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(response.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def said(found: Any) -> list[tuple[str, str]]:
    return [(entry.tags[0].term, entry.title) for entry in found.entries]


@pytest.mark.usefixtures("drawn")
def test_a_module_s_feed_tells_what_was_published_and_deprecated(ana: User) -> None:
    found = read(signed_in(ana), JSON)
    assert said(found) == [
        ("deprecated", "json 1.x deprecated"),
        ("published", "json 2.0.0 published"),
        ("published", "json 1.4.0 published"),
        ("published", "json 1.0.0 published"),
    ]
    first = found.entries[0]
    assert first.summary == "leave it It dies on 2099-06-01."
    assert first.updated == "2026-02-01T00:00:00+00:00"
    assert found.entries[1].link == "http://testserver/modules/platform/json/versions/2.0.0/"
    assert found.feed.title == "Sundial: json"
    assert found.feed.updated == first.updated


@pytest.mark.usefixtures("drawn")
def test_a_team_s_feed_tells_what_its_consumers_must_leave(ana: User) -> None:
    found = read(signed_in(ana), "/feeds/teams/tv/feed.atom")
    assert ("upgrade", "tv-home 4.2.0 must leave json 1.4.0") in said(found)
    (needed,) = [entry for entry in found.entries if entry.tags[0].term == "upgrade"]
    assert needed.summary == "It is dying. It dies on 2099-06-01. Declare ^2.0.0."


@pytest.mark.django_db
def test_sunsets_and_restores_are_told(ana: User) -> None:
    flagged_platform()
    execute("auth 1.x", now=FLAGGED_NOW + timedelta(days=1))
    found = read(signed_in(ana), "/feeds/modules/platform/auth/feed.atom")
    assert "sunset" in {kind for kind, _ in said(found)}
    (entry,) = [entry for entry in found.entries if entry.tags[0].term == "sunset"]
    assert "/sunsets/" in entry.link
    assert "It can be restored until" in entry.summary


@pytest.mark.usefixtures("drawn")
def test_an_entry_has_one_id_wherever_and_by_whomever_it_is_read(ana: User, nobody: Client) -> None:
    one = read(signed_in(ana), JSON)
    team = Team.objects.get(name="data")
    two = read(nobody, "/feeds/teams/data/feed.atom", token=token_for(ana, team=team))
    ids = [entry.id for entry in one.entries]
    assert ids == [entry.id for entry in two.entries]
    assert len(set(ids)) == len(ids)
    assert all(id.startswith("urn:uuid:") for id in ids)


@pytest.mark.usefixtures("drawn")
def test_no_token_is_copied_into_the_document(ana: User, nobody: Client) -> None:
    secret = token_for(ana)
    assert secret.encode() not in nobody.get(JSON, {"token": secret}).content


@pytest.mark.usefixtures("drawn")
def test_the_same_is_said_the_same_and_costs_a_header(ana: User) -> None:
    client = signed_in(ana)
    for path in (JSON, "/feeds/modules/platform/tv-home/feed.atom", "/feeds/teams/tv/feed.atom"):
        first = client.get(path)
        assert client.get(path).content == first.content
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
        since = {"If-Modified-Since": first["Last-Modified"]}
        assert client.get(path, headers=since).status_code == 304
        assert client.head(path)["ETag"] == first["ETag"]
    before = client.get(JSON)
    platform("json 2.1.0 (library) by data on 2026-03-01", now=NOW + timedelta(hours=1))
    after = client.get(
        JSON,
        headers={"If-None-Match": before["ETag"], "If-Modified-Since": before["Last-Modified"]},
    )
    assert after.status_code == 200
    assert graph_changed_at(NOW) > NOW


def test_hostile_words_stay_words(ana: User) -> None:
    name = '"><script>&amp;]]>'
    platform(
        {"type": "version", "module": name, "version": "1.0.0", "published_at": "2026-01-01"},
        {"type": "deprecation", "module": name, "range": "*",
         "message": "a\x01b <b>bold</b>\nnext\u0085line"},
    )  # fmt: skip
    client = signed_in(ana)
    path = f"/feeds/modules/platform/{module(name).name}/feed.atom"
    found = read(client, path.replace("%", "%25").replace('"', "%22"))
    assert found.feed.title_detail.value.startswith('Sundial: "&gt;') or name in found.feed.title
    assert b"<script>" not in client.get(path).content


@pytest.mark.usefixtures("drawn")
def test_a_feed_without_entries_is_one(ana: User) -> None:
    Team.objects.create(name="new/team")
    found = read(signed_in(ana), "/feeds/teams/new/team/feed.atom")
    assert found.entries == []


@pytest.mark.usefixtures("drawn")
def test_a_feed_is_cut_to_its_newest_entries(ana: User) -> None:
    platform("\n".join(f"big 1.{n}.0 (library) by data on 2026-01-01" for n in range(130)))
    found = read(signed_in(ana), "/feeds/modules/platform/big/feed.atom")
    assert len(found.entries) == 100
    assert "The newest 100 at most." in found.feed.subtitle
    assert Version.objects.filter(module__name="big").count() == 130


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("kind", ["feed.atom", "calendar.ics"])
def test_a_feed_takes_the_same_few_queries_whatever_its_size(ana: User, kind: str) -> None:
    client = signed_in(ana)
    path = f"/feeds/teams/tv/{kind}"
    few = asked(lambda: client.get(path))
    platform(
        "\n".join(
            f"app-{n} 1.0.0 (script) by tv on 2026-01-01 -> json@^1\n"
            f"app-{n}/prod runs app-{n} 1.0.0 in prod for P900D"
            for n in range(40)
        )
    )
    assert asked(lambda: client.get(path)) == few < 30
