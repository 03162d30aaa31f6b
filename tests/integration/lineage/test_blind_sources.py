"""A source that suddenly lists far less ends nothing until an operator says so."""

import io
from datetime import timedelta

import pytest

from lineage.exceptions import NotHeld, UnknownInventory
from lineage.models import Inventory, UnlistedDeployment
from lineage.services.epoch import current_epoch
from lineage.services.ingest import ingest_document
from lineage.services.inventories import accept_drop, dismiss_drop
from tests.at_once import at_once
from tests.factories.inventories import hold, inventory, keys, listed, live, running
from tests.factories.platform import NOW, deployments_of, told

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + DAY


def test_five_thousand_that_become_forty_end_nothing_until_accepted() -> None:
    listed(keys(5_000))
    epoch = current_epoch().number
    summary = listed(keys(40), now=LATER)
    assert (summary.ended, summary.held) == (0, 4_960)
    assert len(live()) == 5_000
    assert current_epoch().number == epoch
    held = hold()
    assert (held.reason, held.vouched, held.missing, held.ending) == ("share", 5_000, 4_960, 4_960)
    assert (held.held_since, held.unlisted.count()) == (LATER, 4_960)

    done = accept_drop(held.pk, by="olga", reason="region closed", now=LATER + DAY)

    assert (done.state, done.ended, done.decided_by) == ("accepted", 4_960, "olga")
    assert live() == set(keys(40))
    assert deployments_of("app/4999")[0].ended_at == LATER
    assert current_epoch().number == epoch + 1
    assert listed(keys(40), now=LATER + 2 * DAY).held == 0


def test_an_empty_inventory_is_held() -> None:
    listed(keys(1))
    assert listed([], now=LATER).held == 1
    assert hold().reason == "empty"
    ingest_document(io.BytesIO(b"[]"), source="ci", now=LATER + DAY, is_inventory=True)
    assert (hold().reason, live()) == ("empty", set(keys(1)))


def test_an_inventory_shorter_than_it_says_is_held() -> None:
    listed(keys(20))
    assert listed(keys(19), now=LATER, count=20).held == 1
    assert hold().reason == "incomplete"
    assert listed(keys(19), now=LATER + DAY, count=19).ended == 1


def test_a_complete_inventory_clears_the_hold_by_itself() -> None:
    listed(keys(50))
    blind = inventory(listed(keys(2), now=LATER))
    whole = inventory(listed(keys(49), now=LATER + DAY))
    blind.refresh_from_db()
    assert (blind.state, whole.state, whole.ended) == ("cleared", "taken", 1)
    assert live() == set(keys(49))
    assert not UnlistedDeployment.objects.exists()


def test_a_source_that_stays_blind_has_one_hold_since_the_first() -> None:
    listed(keys(50))
    first = inventory(listed(keys(2), now=LATER))
    second = inventory(listed(keys(3), now=LATER + DAY))
    first.refresh_from_db()
    assert (first.state, second.state, second.held_since) == ("superseded", "held", LATER)
    assert UnlistedDeployment.objects.count() == second.missing == 47


def test_a_dismissed_drop_ends_nothing_and_the_next_one_is_held_anew() -> None:
    listed(keys(50))
    listed(keys(2), now=LATER)
    dismiss_drop(hold().pk, by="olga", reason="export was broken", now=LATER)
    assert not Inventory.objects.filter(state="held").exists()
    assert len(live()) == 50
    listed(keys(2), now=LATER + DAY)
    assert hold().held_since == LATER + DAY


def test_what_came_back_or_was_replaced_meanwhile_is_not_ended_by_accepting() -> None:
    listed(keys(50))
    listed(keys(2), now=LATER)
    told(running("app/49", started_at="2026-04-02T13:00:00Z"), now=LATER + DAY)
    listed(keys(1, first=48), source="other", now=LATER + DAY)
    done = accept_drop(hold().pk, by="olga", reason="", now=LATER + DAY)
    assert done.ended == 46
    assert live() == {"app/0", "app/1", "app/48", "app/49"}


def test_an_inventory_of_all_clears_the_hold_of_one_environment_but_not_the_other_way() -> None:
    listed(keys(50))
    listed(keys(2), now=LATER, environment="prod")
    listed(keys(3), now=LATER)
    assert Inventory.objects.filter(state="held").count() == 2
    listed(keys(50), now=LATER + DAY, environment="prod")
    assert hold().environment == ""
    listed(keys(2), now=LATER + 2 * DAY, environment="prod")
    listed(keys(50), now=LATER + 3 * DAY)
    assert not Inventory.objects.filter(state="held").exists()


def test_only_what_is_held_can_be_decided() -> None:
    whole = inventory(listed(keys(50)))
    for decide in (accept_drop, dismiss_drop):
        with pytest.raises(NotHeld):
            decide(whole.pk, by="olga", reason="", now=NOW)
        with pytest.raises(UnknownInventory):
            decide(987_654, by="olga", reason="", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_at_once_end_it_once() -> None:
    listed(keys(50))
    listed(keys(2), now=LATER)
    epoch, pk = current_epoch().number, hold().pk
    results = at_once(*[lambda: accept_drop(pk, by="olga", reason="", now=LATER)] * 3)
    assert sum(isinstance(result, NotHeld) for result in results) == 2
    assert current_epoch().number == epoch + 1
    assert len(live()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_blind_inventories_at_once_leave_one_hold() -> None:
    listed(keys(50))
    found = at_once(*[lambda: listed(keys(2), now=LATER)] * 3)
    assert [summary.held for summary in found] == [48, 48, 48]
    assert UnlistedDeployment.objects.count() == hold().missing == 48
    assert Inventory.objects.filter(state="superseded").count() == 2


def test_a_failure_at_the_last_step_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(keys(50))

    def break_off(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lineage.services.ingest._close", break_off)
    for names in (keys(49), keys(2)):
        with pytest.raises(KeyboardInterrupt):
            listed(names, now=LATER)
    assert len(live()) == 50
    assert Inventory.objects.count() == 1
    assert not UnlistedDeployment.objects.exists()
