"""A dry run says what a policy would flag and sunset now, and changes nothing."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from lifecycle.exceptions import InvalidPolicy, UnknownThing
from lifecycle.models import Finding, Policy
from lifecycle.policies.validation import PolicyDraft
from lifecycle.selectors.dry_runs import DryRun, dry_run, dry_run_default
from lifecycle.selectors.policies import defaults
from lifecycle.services.sweep import sweep
from lineage.models import Module, Team
from lineage.simulation import Scale, simulate
from tests.every_row import digests
from tests.factories.lifecycle import NOW, PLATFORM, take_in
from tests.factories.platform import lines_of, load

pytestmark = pytest.mark.django_db

RANGES = PolicyDraft(name="Libraries", rule="unused-range", settings={"unused_for_days": 10})
EXPIRED = PolicyDraft(
    name="Previews", rule="expired-deployment", effect="automatic", tier="preprod", grace_days=5
)


def stored(draft: PolicyDraft, **changes: object) -> Policy:
    fields = {name: getattr(draft, name) for name in PolicyDraft.__slots__}
    return Policy.objects.create(
        **(fields | changes), created_by="ana", created_at=NOW, updated_by="ana", updated_at=NOW
    )


def labels(found: DryRun) -> list[str]:
    return [item.label for item in found.items]


def counts(found: DryRun) -> tuple[int, int, int]:
    return found.new, found.same, len(found.closed)


@pytest.fixture(autouse=True)
def platform() -> None:
    take_in(*PLATFORM)


def test_before_any_sweep_everything_it_flags_is_new() -> None:
    found = dry_run(draft=RANGES, now=NOW)
    assert labels(found) == ["auth 1.x"]
    assert counts(found) == (1, 0, 0)
    assert found.decided_by == {"Libraries": 1}
    assert found.first_goes_at is None


def test_what_is_found_already_is_the_same_and_what_it_no_longer_flags_would_close() -> None:
    sweep(NOW)
    assert counts(dry_run(draft=RANGES, now=NOW)) == (0, 1, 0)
    patient = replace(RANGES, settings={"unused_for_days": 3_000})
    found = dry_run(draft=patient, now=NOW)
    assert (counts(found), [f.label for f in found.closed]) == ((0, 0, 1), ["auth 1.x"])


def test_a_policy_that_keeps_flags_nothing_and_closes_what_is_found() -> None:
    sweep(NOW)
    found = dry_run(draft=replace(RANGES, effect="keep"), now=NOW)
    assert counts(found) == (0, 0, 1)


def test_an_automatic_policy_says_what_goes_by_itself_and_when() -> None:
    found = dry_run(draft=EXPIRED, now=NOW)
    (item,) = found.items
    assert (item.label, item.goes_at) == ("tv-home/preview", NOW + timedelta(days=5))
    assert found.first_goes_at == NOW + timedelta(days=5)
    assert len(found.going) == found.things == 1


def test_what_goes_by_itself_waits_for_the_window() -> None:
    # NOW is a Sunday.
    window = {"weekdays": [0], "opens": "09:00", "closes": "17:00"}
    found = dry_run(draft=replace(EXPIRED, grace_days=0, window=window), now=NOW)
    (item,) = found.items
    assert item.goes_at is not None
    assert item.goes_at.isoformat() == "2024-09-02T09:00:00+00:00"


def test_it_is_counted_by_owner() -> None:
    Module.objects.filter(name="auth").update(owner=Team.objects.create(name="identity-2"))
    found = dry_run(draft=RANGES, now=NOW)
    (share,) = found.owners
    assert (share.owner, share.flagged, share.things) == ("identity-2", 1, found.things)


def test_what_outranks_it_still_decides() -> None:
    stored(replace(RANGES, name="Never auth", effect="keep", module_pattern="auth"))
    found = dry_run(draft=RANGES, now=NOW)
    assert labels(found) == []


def test_a_saved_policy_is_tried_as_it_is_or_as_it_is_drafted() -> None:
    policy = stored(replace(RANGES, settings={"unused_for_days": 3_000}), is_enabled=False)
    assert labels(dry_run(policy_id=policy.pk, now=NOW)) == []
    found = dry_run(policy_id=policy.pk, draft=RANGES, now=NOW)
    assert labels(found) == ["auth 1.x"]
    assert found.policy.id == policy.pk


def test_a_built_in_policy_is_tried_by_its_name() -> None:
    found = dry_run_default("Unused ranges", now=NOW)
    assert found is not None
    assert labels(found) == ["auth 1.x"]
    assert dry_run_default("No such", now=NOW) is None


def test_a_draft_with_faults_is_refused_field_by_field() -> None:
    bad = replace(EXPIRED, tier="moon", grace_days=-1, owner_id=99, settings={"x": 1})
    with pytest.raises(InvalidPolicy) as caught:
        dry_run(draft=bad, now=NOW)
    assert set(caught.value.fields) == {"tier", "grace_days", "owner", "settings"}
    with pytest.raises(InvalidPolicy):
        dry_run(now=NOW)
    with pytest.raises(InvalidPolicy, match="not valid"):
        dry_run(draft=replace(RANGES, name="Unused ranges"), now=NOW)
    with pytest.raises(UnknownThing):
        dry_run(policy_id=99, now=NOW)


def test_no_row_of_any_table_changes() -> None:
    scale = Scale(until=NOW, modules=40, deployments=400, days=60)
    load(BytesIO(lines_of(simulate(scale))), source="simulated", now=NOW)
    sweep(NOW)
    policy = stored(EXPIRED)
    before = digests()
    for draft in (RANGES, EXPIRED, replace(RANGES, effect="keep")):
        assert dry_run(draft=draft, now=NOW).decided_by or draft.effect == "keep"
    dry_run(policy_id=policy.pk, now=NOW)
    for default in defaults():
        assert dry_run_default(default.name, now=NOW) is not None
    assert digests() == before
    Finding.objects.filter(pk=Finding.objects.earliest("pk").pk).update(reason="another")
    assert [table for table in before if digests()[table] != before[table]] == ["lifecycle_finding"]
