"""Full inventories: what is listed no more has ended, and what came back has not."""

import io
from datetime import timedelta

import pytest

from lineage.exceptions import UnreadableDocument
from lineage.models import Inventory, Witness
from lineage.services.epoch import current_epoch
from lineage.services.ingest import ingest_document
from tests.factories.inventories import hold, inventory, keys, listed, live, running
from tests.factories.platform import NOW, deployments_of, lines_of, told
from tests.lineage_state import state

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + DAY


def test_what_is_listed_no_more_ends_at_the_instant_of_the_inventory() -> None:
    listed(keys(20))
    summary = listed(keys(18), now=LATER)
    assert (summary.ended, summary.held) == (2, 0)
    assert live() == set(keys(18))
    (gone,) = deployments_of("app/19")
    assert (gone.ended_at, gone.end_reason) == (LATER, "unlisted")
    found = inventory(summary)
    assert (found.state, found.listed, found.vouched, found.missing) == ("taken", 18, 20, 2)


def test_the_header_may_state_the_instant() -> None:
    listed(keys(20))
    listed(keys(19), now=LATER, at="2026-04-01T18:00:00Z")
    assert deployments_of("app/19")[0].ended_at == NOW + timedelta(hours=6)


def test_a_sender_may_say_it_beside_the_document() -> None:
    listed(keys(20))
    data = lines_of(map(running, keys(19)))
    ingest_document(io.BytesIO(data), source="ci", now=LATER, is_inventory=True)
    assert live() == set(keys(19))


def test_a_document_that_is_no_inventory_ends_nothing() -> None:
    told(*map(running, keys(20)))
    told(*map(running, keys(3)), now=LATER)
    assert live() == set(keys(20))
    assert not Inventory.objects.exists()


def test_what_an_inventory_lists_again_runs_after_all() -> None:
    listed(keys(20))
    listed(keys(18), now=LATER)
    listed(keys(20), now=LATER + DAY)
    assert live() == set(keys(20))
    listed(keys(19), now=LATER + 2 * DAY)
    assert deployments_of("app/19")[0].ended_at == LATER + 2 * DAY


def test_the_same_record_again_outside_an_inventory_proves_nothing() -> None:
    listed(keys(20))
    listed(keys(19), now=LATER)
    told(running("app/19"), now=LATER + DAY)
    assert live() == set(keys(19))


def test_an_explicit_end_needs_no_inventory_and_stays_what_it_is() -> None:
    listed(keys(20))
    end = {"type": "deployment_ended", "deployment": "app/19", "ended_at": "2026-04-01"}
    summary = listed(keys(19), end, now=LATER)
    assert (summary.ended, inventory(summary).missing) == (0, 0)
    assert deployments_of("app/19")[0].end_reason == "reported"
    listed(keys(20), now=LATER + DAY)
    assert "app/19" not in live()


def test_the_same_inventory_twice_changes_nothing_more() -> None:
    listed(keys(20))
    listed(keys(18), now=LATER, at="2026-04-02")
    before, epoch = state()["Deployment"], current_epoch().number
    summary = listed(keys(18), now=LATER, at="2026-04-02")
    assert (summary.ended, inventory(summary).state) == (0, "taken")
    assert (state()["Deployment"], current_epoch().number) == (before, epoch)


def test_a_late_inventory_ends_nothing() -> None:
    listed(keys(20), at="2026-03-30")
    late = listed(keys(15), at="2026-03-29")
    assert (late.ended, inventory(late).state) == (0, "late")
    assert live() == set(keys(20))


def test_an_inventory_says_nothing_of_what_started_after_it() -> None:
    listed(keys(20), running("app/new", started_at="2026-03-31"))
    summary = listed(keys(20), now=LATER, at="2026-03-31")
    assert inventory(summary).state == "late"
    told(running("app/newer", started_at="2026-04-02T06:00:00Z"), now=LATER)
    listed([*keys(20), "app/new"], now=LATER, at="2026-04-02")
    assert {"app/new", "app/newer"} <= live()


def test_an_inventory_of_one_environment_leaves_the_others_alone() -> None:
    tests = [running(f"test/{n}", environment="test") for n in range(5)]
    listed(keys(20), *tests)
    summary = listed(keys(19), now=LATER, environment="prod")
    assert inventory(summary).vouched == 20
    assert live() == {*keys(19), *(f"test/{n}" for n in range(5))}
    listed(keys(1), now=LATER + DAY, environment="nowhere")
    assert len(live()) == 24


def test_another_source_s_deployments_are_not_touched() -> None:
    listed(keys(20))
    listed(keys(20, first=20), source="other")
    listed(keys(19), now=LATER)
    assert live() == {*keys(19), *keys(20, first=20)}


@pytest.mark.parametrize("dropping", ["ci", "other"])
def test_what_another_source_still_vouches_for_goes_on(dropping: str) -> None:
    listed(keys(20))
    listed(keys(20), source="other")
    staying = {"ci": "other", "other": "ci"}[dropping]
    summary = listed(keys(19), source=dropping, now=LATER)
    assert (inventory(summary).missing, inventory(summary).ending, summary.ended) == (1, 0, 0)
    assert live() == set(keys(20))
    assert deployments_of("app/19")[0].source.name == staying
    assert listed(keys(19), source=staying, now=LATER + DAY).ended == 1
    assert live() == set(keys(19))


def test_who_reports_it_otherwise_is_a_witness_too() -> None:
    listed(keys(20))
    listed(keys(19), running("app/19", region="us"), source="other")
    assert deployments_of("app/19")[0].source.name == "other"
    assert listed(keys(19), source="other", now=LATER).ended == 0
    assert listed(keys(19), source="ci", now=LATER).ended == 1


def test_a_witness_is_noted_once() -> None:
    for _ in range(2):
        listed(keys(3))
        listed(keys(3), source="other")
    assert Witness.objects.count() == 3


def test_a_bad_line_does_not_end_the_deployment_it_meant() -> None:
    listed(keys(20))
    bad = [
        running("app/18", environment=7),
        running("app/19", version="not a version"),
        running("app/17", version="2.0.0"),  # runs another version by what is known: a conflict
        {"type": "version", "module": ""},
    ]
    summary = listed(keys(16), *bad, now=LATER)
    assert (summary.rejected, summary.conflicts, summary.ended) == (3, 1, 1)
    assert live() == set(keys(20)) - {"app/16"}


@pytest.mark.parametrize(
    "line",
    [
        b"{not json\n",
        b'{"type":"deployment","module":"app"}\n',
        b'{"type":"deploiment"}\n',
        b"[1]\n",
    ],
)
def test_a_line_that_might_have_been_any_deployment_holds_the_drop(line: bytes) -> None:
    listed(keys(20))
    data = lines_of([{"type": "inventory"}, *map(running, keys(19))]) + line
    summary = ingest_document(io.BytesIO(data), source="ci", now=LATER)
    assert (summary.ended, summary.held, hold().reason) == (0, 1, "unreadable")
    assert live() == set(keys(20))


def test_a_header_that_cannot_be_followed_ends_nothing() -> None:
    listed(keys(20))
    for place, header in enumerate(
        ({"at": "2027-01-01"}, {"at": "yesterday"}, {"scope": "modules"}, {"environment": ""})
    ):
        listed(keys(19), now=LATER, **header)
        assert Inventory.objects.count() == 1, place
    records = [*map(running, keys(3)), {"type": "inventory", "environment": "prod"}]
    told(*records, now=LATER)
    assert live() == set(keys(20))
    data = lines_of(records)
    ingest_document(io.BytesIO(data), source="ci", now=LATER, is_inventory=True)
    assert hold().reason == "unreadable"
    assert live() == set(keys(20))


def test_an_sbom_is_no_inventory() -> None:
    component = {"type": "application", "name": "a", "version": "1"}
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": component}}
    with pytest.raises(UnreadableDocument, match="Only native records"):
        ingest_document(io.BytesIO(lines_of([sbom])), source="ci", now=NOW, is_inventory=True)
