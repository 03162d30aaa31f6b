"""Policies: who may make them, what is refused, what they then do to the findings."""

from dataclasses import replace
from typing import Any

import pytest

from lifecycle.exceptions import (
    CannotGoTogether,
    InvalidPolicy,
    Outdated,
    PermissionDenied,
    UnknownThing,
)
from lifecycle.models import AuditEntry, Finding, Policy
from lifecycle.permissions import Actor
from lifecycle.policies.validation import PolicyDraft
from lifecycle.selectors.lines import module_lines
from lifecycle.selectors.policies import policy_by_id, rulebook, terms_for
from lifecycle.selectors.windows import unused_for
from lifecycle.services.policies import create_policy, delete_policy, update_policy
from lifecycle.services.sweep import sweep
from lineage.models import Module, Team
from tests.at_once import at_once
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    deployment,
    finding,
    member,
    open_subjects,
    operator,
    take_in,
)

pytestmark = pytest.mark.django_db
KEEP = PolicyDraft("Keep auth", "unused-range", effect="keep", module_pattern="auth")


def admin() -> Actor:
    return Actor("ada", is_operator=True, scopes=frozenset({"read", "lifecycle", "admin"}))


def made(draft: PolicyDraft) -> Policy:
    return create_policy(draft, actor=admin(), reason="agreed", now=NOW)


@pytest.mark.parametrize("who", ["owner", "operator without admin", "nobody"])
def test_only_operators_with_the_scope_change_policies(who: str) -> None:
    actor = {
        "owner": lambda: member("ida", "identity", scopes=("read", "lifecycle", "admin")),
        "operator without admin": operator,
        "nobody": lambda: Actor(""),
    }[who]()
    row = made(KEEP)
    with pytest.raises(PermissionDenied):
        create_policy(replace(KEEP, name="b"), actor=actor, reason="", now=NOW)
    with pytest.raises(PermissionDenied):
        update_policy(row.pk, KEEP, revision=1, actor=actor, reason="", now=NOW)
    with pytest.raises(PermissionDenied):
        delete_policy(row.pk, revision=1, actor=actor, reason="", now=NOW)
    assert Policy.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"rule": "nonsense"}, "rule"),
        ({"effect": "delete"}, "effect"),
        ({"rule": "far-behind", "effect": "automatic"}, "effect"),
        ({"tier": "prod"}, "tier"),  # lines run nowhere
        ({"rule": "idle-deployment", "tier": "qa"}, "tier"),
        ({"environment": "test"}, "environment"),
        ({"region": "eu"}, "region"),
        ({"owner_id": 987_654}, "owner"),
        ({"settings": {"unused_for_days": -1}}, "settings"),
        ({"settings": {"unused_for_days": "30"}}, "settings"),
        ({"settings": {"unused_for_days": True}}, "settings"),
        ({"settings": {"idle_for_days": 3}}, "settings"),
        ({"settings": ["unused_for_days"]}, "settings"),
        ({"grace_days": -1}, "grace_days"),
        ({"restorable_days": 0}, "restorable_days"),
        ({"batch_size": 0}, "batch_size"),
        ({"daily_cap": -1}, "daily_cap"),
        ({"executor": "teleport"}, "executor"),
        ({"window": {"opens": "25:00"}}, "window"),
        ({"window": {"opens": "17:00", "closes": "09:00"}}, "window"),
        ({"window": {"weekdays": []}}, "window"),
        ({"window": {"weekdays": [7]}}, "window"),
        ({"window": {"weekdays": 3}}, "window"),
        ({"window": {"zone": "Mars/Olympus"}}, "window"),
        ({"window": {"holidays": []}}, "window"),
        ({"window": []}, "window"),
    ],
)
def test_policy_that_makes_no_sense_is_refused_by_field(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        made(replace(KEEP, **changes))
    assert set(refused.value.fields) == {field}
    assert not Policy.objects.exists()


def test_every_fault_is_told_at_once_and_a_name_is_taken_once() -> None:
    with pytest.raises(InvalidPolicy) as refused:
        made(replace(KEEP, name="", batch_size=0, tier="prod"))
    assert set(refused.value.fields) == {"name", "batch_size", "tier"}
    made(KEEP)
    with pytest.raises(InvalidPolicy) as refused:
        made(KEEP)
    assert set(refused.value.fields) == {"name"}


def test_settings_are_stored_whole_and_every_step_is_audited() -> None:
    row = made(replace(KEEP, rule="unused-version", settings={"keep_newest": 9}))
    assert row.settings == {"keep_newest": 9, "unused_for_days": 90}
    changed = replace(KEEP, rule="unused-version", effect="ask", settings={"keep_newest": 3})
    row = update_policy(row.pk, changed, revision=1, actor=admin(), reason="less", now=NOW + DAY)
    assert (row.revision, row.updated_at, row.created_at) == (2, NOW + DAY, NOW)
    delete_policy(row.pk, revision=2, actor=admin(), reason="over", now=NOW + 2 * DAY)
    entries = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in entries] == [
        "create policy", "update policy", "delete policy",
    ]  # fmt: skip
    assert entries[1].before["settings"]["keep_newest"] == 9
    assert entries[1].after["settings"]["keep_newest"] == 3
    assert [entry.reason for entry in entries] == ["agreed", "less", "over"]


def test_edit_of_an_older_revision_is_refused() -> None:
    row = made(KEEP)
    update_policy(row.pk, KEEP, revision=1, actor=admin(), reason="", now=NOW)
    with pytest.raises(Outdated):
        update_policy(row.pk, KEEP, revision=1, actor=admin(), reason="", now=NOW)
    with pytest.raises(Outdated):
        delete_policy(row.pk, revision=1, actor=admin(), reason="", now=NOW)
    with pytest.raises(UnknownThing):
        delete_policy(row.pk + 1, revision=1, actor=admin(), reason="", now=NOW)
    assert policy_by_id(row.pk).revision == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_is_refused() -> None:
    row = made(KEEP)
    results = at_once(
        *[lambda: update_policy(row.pk, KEEP, revision=1, actor=admin(), reason="", now=NOW)] * 3
    )
    assert sum(isinstance(result, Outdated) for result in results) == 2
    assert AuditEntry.objects.filter(action="update policy").count() == 1


def test_keep_closes_what_was_flagged_and_taking_it_away_flags_it_again() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    assert open_subjects() == ["auth 1.x", "tv-home/preview"]
    row = made(KEEP)
    sweep(NOW + DAY)
    assert open_subjects() == ["tv-home/preview"]
    delete_policy(row.pk, revision=1, actor=admin(), reason="", now=NOW)
    sweep(NOW + 2 * DAY)
    assert open_subjects() == ["auth 1.x", "tv-home/preview"]


def test_policy_that_is_off_counts_for_nothing() -> None:
    take_in(*PLATFORM)
    made(replace(KEEP, is_enabled=False))
    sweep(NOW)
    assert "auth 1.x" in open_subjects()


def test_finding_says_under_which_policy_it_stands_and_follows_it() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    preview, line = finding("tv-home/preview"), finding("auth 1.x")
    assert (preview.policy_name, preview.policy_id) == ("Expired in preproduction", None)
    assert (preview.is_automatic, line.is_automatic) == (True, False)
    assert line.policy_name == "Unused ranges"
    owner = Team.objects.get(name="tv").pk
    row = made(PolicyDraft("Ask tv", "expired-deployment", owner_id=owner))
    sweep(NOW + DAY)
    preview = finding("tv-home/preview")
    assert (preview.policy_id, preview.policy_name) == (row.pk, "Ask tv")
    assert not preview.is_automatic


def test_policy_sets_the_window_of_what_it_selects_and_of_nothing_else() -> None:
    take_in(*PLATFORM)
    made(replace(KEEP, effect="ask", settings={"unused_for_days": 400}))
    sweep(NOW)
    assert "auth 1.x" not in open_subjects()
    policy = Policy.objects.get()
    other = replace(KEEP, effect="ask", module_pattern="b*", settings={"unused_for_days": 400})
    update_policy(policy.pk, other, revision=1, actor=admin(), reason="", now=NOW)
    sweep(NOW)
    assert "auth 1.x" in open_subjects()


def test_terms_are_the_strictest_of_what_goes_together() -> None:
    take_in(*PLATFORM, deployment("tv-home/dev", "tv-home", "1.0.0", ttl="P7D"))
    made(
        PolicyDraft(
            "Dev", "expired-deployment", environment="dev", grace_days=2, restorable_days=90,
            ownerless_wait_days=1, batch_size=10, daily_cap=0,
            window={"weekdays": [0, 1, 2], "opens": "09:00"},
        )
    )  # fmt: skip
    sweep(NOW)
    dev, preview = finding("tv-home/dev"), finding("tv-home/preview")
    terms = terms_for([dev, preview])
    assert (terms.grace.days, terms.restorable_for.days, terms.ownerless_wait.days) == (2, 90, 7)
    assert (terms.batch_size, terms.daily_cap) == (10, 5_000)
    assert terms.window.weekdays == (0, 1, 2)
    # The grace of an automatic policy binds what goes by itself, not who confirms a plan.
    assert terms_for([preview]).grace.days == 0
    assert terms_for([preview], is_automatic=True).grace.days == 3
    Policy.objects.all().delete()
    assert terms_for([Finding.objects.get(pk=dev.pk)], is_automatic=True).grace.days == 3


def test_policies_that_contradict_each_other_cannot_go_together() -> None:
    take_in(*PLATFORM, deployment("tv-home/dev", "tv-home", "1.0.0", ttl="P7D"))
    made(PolicyDraft("Dev", "expired-deployment", environment="dev", window={"closes": "09:00"}))
    made(PolicyDraft("Pre", "expired-deployment", environment="preview", window={"opens": "09:00"}))
    sweep(NOW)
    with pytest.raises(CannotGoTogether, match="windows"):
        terms_for([finding("tv-home/dev"), finding("tv-home/preview")])


def test_draft_stands_in_a_rulebook_without_being_saved() -> None:
    row = made(KEEP)
    book = rulebook(draft=replace(KEEP, effect="ask"), without=row.pk)
    assert [p.effect for p in book.of("unused-range").ranked if not p.is_default] == ["ask"]
    assert rulebook().of("unused-range").ranked[0].effect == "keep"


def test_page_plan_and_removal_judge_by_the_same_window_as_the_rule() -> None:
    take_in(*PLATFORM)
    auth = Module.objects.get(name="auth")
    short = replace(KEEP, name="short", effect="ask", settings={"unused_for_days": 10})
    long = replace(short, name="long", settings={"unused_for_days": 155})
    row = made(long)
    assert unused_for(auth).days == 155
    sweep(NOW)
    assert "auth 1.x" not in open_subjects()
    (line,) = (one for one in module_lines(auth, now=NOW) if one.facts.line == "1.x")
    assert (line.verdict.state, line.finding) == ("waiting", None)
    update_policy(row.pk, short, revision=1, actor=admin(), reason="", now=NOW)
    sweep(NOW - 138 * DAY)  # twelve days after the source began to vouch
    (line,) = (one for one in module_lines(auth, now=NOW - 138 * DAY) if one.facts.line == "1.x")
    assert line.verdict.state == "unused"
    assert line.finding is not None


def test_module_that_is_kept_is_shown_as_it_stands() -> None:
    take_in(*PLATFORM)
    made(KEEP)
    made(replace(KEEP, name="long", effect="ask", settings={"unused_for_days": 155}))
    assert unused_for(Module.objects.get(name="auth")).days == 155
    assert unused_for(Module.objects.get(name="tv-home")).days == 30
