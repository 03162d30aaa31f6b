"""The pages of policies: precedence shown, tried before they are saved, replayed."""

from typing import Any

import pytest
from django.test import Client

from lifecycle.models import AuditEntry, Backtest, Policy
from lifecycle.services.sweep import sweep
from tests.factories.lifecycle import NOW, PLATFORM, take_in
from tests.factories.people import person, signed_in
from tests.pages import open_page

pytestmark = pytest.mark.django_db

TYPED = {
    "rule": "expired-deployment", "name": "Previews go", "effect": "automatic", "tier": "preprod",
    "is_enabled": "1", "grace_days": "5", "ownerless_wait_days": "7", "restorable_days": "30",
    "batch_size": "100", "daily_cap": "0", "weekdays": ["0", "1"], "opens": "09:00",
    "closes": "17:00", "zone": "Europe/Berlin", "executor": "record", "reason": "tidy",
    "setting_extend_owner_days": "7", "setting_extend_owner_prod_days": "0",
    "setting_extend_operator_days": "7", "setting_extend_most_days": "30",
}  # fmt: skip
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def platform() -> None:
    take_in(*PLATFORM)
    sweep(NOW)


@pytest.fixture
def ana() -> Client:
    return signed_in(person("ana", is_staff=True))


@pytest.fixture
def chris() -> Client:
    return signed_in(person("chris"))


def saved(client: Client, **changes: Any) -> Policy:
    answer = client.post("/policies/new/", TYPED | changes)
    assert answer.status_code == 302, answer.content.decode()
    return Policy.objects.latest("id")


def test_the_list_shows_what_is_asked_first_and_what_is_off(ana: Client) -> None:
    saved(ana, name="Keeps them", effect="keep")
    saved(ana, name="Sleeps", is_enabled="")
    words = open_page(ana, "/policies/").words
    kept, built_in = words.index("Keeps them"), words.index("Expired in preproduction")
    assert kept < built_in < words.index("Sleeps")
    assert "Mon Tue 09:00–17:00 Europe/Berlin" in words


def test_a_draft_is_tried_while_it_is_typed_and_nothing_is_saved(chris: Client) -> None:
    answer = chris.post("/policies/dry-run/", TYPED, **HTMX)
    words = answer.content.decode()
    assert "It flags 1 thing" in words
    assert "1 would go without anybody asking" in words
    assert "<html" not in words
    assert not Policy.objects.exists()


def test_without_scripts_the_whole_editor_comes_back_with_what_was_typed(chris: Client) -> None:
    answer = chris.post("/policies/dry-run/", TYPED)
    words = answer.content.decode()
    assert "It flags 1 thing" in words
    assert 'value="Previews go"' in words


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(ana: Client) -> None:
    for changes, words in (
        ({"grace_days": "soon"}, "It must be a whole number."),
        ({"grace_days": "99999"}, "It must be from 0 to 3,650."),
        ({"name": " "}, "Give it a name."),
        ({"opens": "18:00"}, "it must close after it opens"),
        ({"zone": "Mars"}, "is no time zone"),
        ({"setting_extend_owner_days": "-1"}, "whole number"),
        ({"setting_extend_owner_days": "999999"}, "must be from"),
        ({"tier": "moon"}, "There is preprod and prod."),
    ):
        answer = ana.post("/policies/new/", TYPED | changes)
        assert (answer.status_code, words in answer.content.decode()) == (422, True), changes
        tried = ana.post("/policies/dry-run/", TYPED | changes, **HTMX).content.decode()
        assert "It cannot be tried like this." in tried or not changes["name"].strip()
    assert not Policy.objects.exists()


def test_an_operator_saves_changes_and_takes_away_each_audited(ana: Client) -> None:
    policy = saved(ana)
    assert policy.window == {
        "weekdays": [0, 1], "opens": "09:00", "closes": "17:00", "zone": "Europe/Berlin",
    }  # fmt: skip
    page = f"/policies/{policy.pk}/"
    assert "Previews go" in open_page(ana, page).words
    ana.post(page, TYPED | {"grace_days": "6", "revision": "1"})
    policy.refresh_from_db()
    assert (policy.grace_days, policy.revision) == (6, 2)
    late = ana.post(page, TYPED | {"grace_days": "7", "revision": "1"})
    assert late.status_code == 409
    ana.post(f"{page}delete/", {"revision": "2", "reason": "enough"})
    assert not Policy.objects.exists()
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert [one for one in actions if one.endswith("policy")] == [
        "create policy", "update policy", "delete policy",
    ]  # fmt: skip


def test_who_is_no_operator_sees_everything_and_saves_nothing(ana: Client, chris: Client) -> None:
    policy = saved(ana)
    assert "Only operators save policies" in open_page(chris, f"/policies/{policy.pk}/").words
    assert chris.post("/policies/new/", TYPED | {"name": "Mine"}).status_code == 403
    changed = chris.post(f"/policies/{policy.pk}/", TYPED | {"revision": "1", "grace_days": "9"})
    assert changed.status_code == 403
    chris.post(f"/policies/{policy.pk}/delete/", {"revision": "1"})
    policy.refresh_from_db()
    assert (Policy.objects.count(), policy.grace_days) == (1, 5)


def test_nobody_unknown_opens_or_tries_anything() -> None:
    nobody = Client()
    for address in ("/policies/", "/policies/new/", "/policies/backtests/"):
        assert nobody.get(address).status_code == 302
    assert nobody.post("/policies/dry-run/", TYPED).status_code == 302
    assert not Backtest.objects.exists()


def test_a_built_in_policy_is_shown_with_what_it_does_and_can_be_made_ones_own(ana: Client) -> None:
    words = open_page(ana, "/policies/built-in/Unused ranges/").words
    assert "It flags 1 thing" in words
    assert "None goes before somebody says so." in words
    copy = open_page(ana, "/policies/new/?like=Unused ranges").words
    assert "Unused range: in use by nobody" in copy
    assert ana.get("/policies/built-in/No such/").status_code == 404
    assert ana.get("/policies/999/").status_code == 404
    assert "Of which rule?" in open_page(ana, "/policies/new/").words


def test_a_backtest_is_asked_for_watched_and_read(chris: Client) -> None:
    answer = chris.post("/policies/backtests/", {"days": "60"})
    backtest = Backtest.objects.get()
    page = f"/policies/backtests/{backtest.pk}/"
    assert answer.headers["Location"] == page
    Backtest.objects.update(state="queued")
    assert "It waits for a worker." in open_page(chris, page).words
    Backtest.objects.update(state="running", done=7)
    progress = chris.get(f"{page}progress/", **HTMX)
    assert "Day 7 of 61." in progress.content.decode()
    assert "HX-Refresh" not in progress.headers
    Backtest.objects.update(state="done")
    assert chris.get(f"{page}progress/", **HTMX).headers["HX-Refresh"] == "true"
    words = open_page(chris, page).words
    assert "would have gone" in words
    assert "auth 1.x" in words
    assert "tv-home/preview" in words
    assert "Nothing is like that." in open_page(chris, f"{page}?used=1").words
    assert "All policies in force" in open_page(chris, "/policies/backtests/").words


def test_a_draft_is_replayed_from_the_editor_without_being_saved(chris: Client) -> None:
    answer = chris.post("/policies/backtests/draft/", TYPED | {"days": "5"})
    backtest = Backtest.objects.get()
    assert answer.headers["Location"] == f"/policies/backtests/{backtest.pk}/"
    assert (backtest.name, backtest.days, backtest.draft["grace_days"]) == ("Previews go", 5, 5)
    assert not Policy.objects.exists()
    for changes in ({"grace_days": "x"}, {"name": ""}, {"days": "999"}):
        chris.post("/policies/backtests/draft/", TYPED | changes)
    assert Backtest.objects.count() == 1


def test_one_that_failed_says_so(chris: Client) -> None:
    chris.post("/policies/backtests/", {"days": "5"})
    Backtest.objects.update(state="failed", error="3 workers died of it.")
    words = open_page(chris, f"/policies/backtests/{Backtest.objects.get().pk}/").words
    assert "3 workers died of it." in words
