"""Exemptions: who asks, who answers, what they keep, and how they end."""

from dataclasses import replace
from typing import Any

import pytest

from lifecycle.exceptions import CannotExempt, PermissionDenied, UnknownThing
from lifecycle.models import AuditEntry, Exemption, Finding, Notice
from lifecycle.permissions import Actor
from lifecycle.selectors.exemptions import exemptions_of
from lifecycle.services.exemptions import (
    ExemptionRequest,
    approve_exemption,
    decline_exemption,
    end_exemption,
    remind_of_exemptions,
    request_exemption,
)
from lifecycle.services.sweep import sweep
from lineage.models import Module
from tests.at_once import at_once
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    deployment,
    finding,
    flagged_platform,
    member,
    operator,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
UNTIL = NOW + 60 * DAY


def wanted(module: str = "auth", **changes: Any) -> ExemptionRequest:
    request = ExemptionRequest(expires_at=UNTIL, reason="audit still reads it")
    if "deployment_key" not in changes:
        changes["module_id"] = Module.objects.get(name=module).pk
    return replace(request, **changes)


def ask(actor: Actor | None = None, module: str = "auth", **changes: Any) -> Exemption:
    actor = actor or member("ida", "identity")
    return request_exemption(wanted(module, **changes), actor=actor, now=NOW)


def approved(module: str = "auth", **changes: Any) -> Exemption:
    row = ask(operator(), module, **changes)
    return approve_exemption(row.pk, actor=operator(), reason="fine", now=NOW)


def kept() -> set[str]:
    """The open findings that are exempt, by name."""
    return {found.label for found in finding_rows() if found.exemption_id}


def finding_rows() -> Any:
    return Finding.objects.filter(closed_at=None)


def test_request_bites_once_another_member_of_the_team_approved_it() -> None:
    flagged_platform()
    row = ask()
    sweep(NOW)
    assert (row.state, kept()) == ("requested", set())
    with pytest.raises(PermissionDenied):
        approve_exemption(row.pk, actor=member("ida", "identity"), reason="", now=NOW)
    with pytest.raises(PermissionDenied):
        approve_exemption(row.pk, actor=member("tom", "tv"), reason="", now=NOW)
    row = approve_exemption(row.pk, actor=member("ivo", "identity"), reason="yes", now=NOW)
    assert (row.state, row.decided_by) == ("approved", "ivo")
    assert kept() == {"auth 1.x"}  # at once, without a sweep
    sweep(NOW + DAY)
    assert kept() == {"auth 1.x"}
    sweep(UNTIL)
    assert kept() == set()


@pytest.mark.parametrize("who", ["outsider", "nobody", "reader"])
def test_only_who_may_sunset_a_thing_may_ask_to_keep_it(who: str) -> None:
    flagged_platform()
    actor = {
        "outsider": lambda: member("tom", "tv"),
        "nobody": lambda: Actor(""),
        "reader": lambda: member("ida", "identity", scopes=("read",)),
    }[who]()
    with pytest.raises(PermissionDenied):
        ask(actor)
    row = ask()
    for answer in (approve_exemption, decline_exemption, end_exemption):
        with pytest.raises(PermissionDenied):
            answer(row.pk, actor=actor, reason="", now=NOW)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, CannotExempt),
        ({"expires_at": NOW}, CannotExempt),
        ({"expires_at": NOW + 367 * DAY}, CannotExempt),
        ({"rule": "nonsense"}, CannotExempt),
        ({"line": "9.x"}, UnknownThing),
        ({"module_id": 987_654}, UnknownThing),
        ({"module_id": None}, CannotExempt),
        ({"deployment_key": "no/such"}, UnknownThing),
        ({"deployment_key": "tv-home/prod", "line": "1.x"}, CannotExempt),
    ],
)
def test_request_that_says_too_little_or_too_much_is_refused(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    flagged_platform()
    with pytest.raises(error):
        request_exemption(
            replace(wanted(), module_id=None, **changes)
            if "deployment_key" in changes
            else replace(wanted(), **changes),
            actor=operator(),
            now=NOW,
        )
    assert not Exemption.objects.exists()


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({}, {"auth 1.x"}),
        ({"line": "1.x"}, {"auth 1.x"}),
        ({"line": "1.0.x"}, {"auth 1.x"}),  # a part of what would go
        ({"line": "2.x"}, set()),
        ({"rule": "unused-range"}, {"auth 1.x"}),
        ({"rule": "idle-deployment"}, set()),
        ({"module": "tv-home"}, {"tv-home/preview"}),
        ({"deployment_key": "tv-home/preview"}, {"tv-home/preview"}),
        ({"deployment_key": "tv-home/prod"}, set()),
    ],
)
def test_exemption_keeps_what_it_names_from_the_rule_it_names(
    changes: dict[str, Any], labels: set[str]
) -> None:
    flagged_platform()
    module = changes.pop("module", "auth")
    approved(module, **changes)
    assert kept() == labels
    sweep(NOW)
    assert kept() == labels
    rows = list(finding_rows().select_related("module"))
    found = exemptions_of(rows, now=NOW)
    assert {row.label for row in rows if row.pk in found} == labels


def test_minor_line_of_an_exempt_major_line_is_kept_too() -> None:
    take_in(
        *PLATFORM,
        version("old-job", "1.0.0", "auth@1.1.x"),
        deployment("old-job/prod", "old-job", "1.0.0"),
    )
    sweep(NOW)
    assert finding("auth 1.0.x").exemption_id is None
    approved(line="1.x")
    sweep(NOW)
    assert finding("auth 1.0.x").exemption_id is not None


def test_versions_of_an_exempt_line_are_not_among_the_unused() -> None:
    numbers = [f"1.0.{n}" for n in range(8)] + [f"2.0.{n}" for n in range(8)]
    take_in(
        *(version("lib", number, owner="identity") for number in numbers),
        version("app", "1.0.0", "lib@1.0.7", "lib@2.0.7"),
        deployment("app/prod", "app", "1.0.0"),
        version("lib", "3.0.0", owner="identity"),
    )
    sweep(NOW)
    assert finding("lib: 6 old versions").exemption_id is None
    approved("lib", line="1.0.x")
    sweep(NOW)
    found = finding("lib: 3 old versions")
    assert found.evidence["named"] == ["2.0.0", "2.0.1", "2.0.2"]
    assert found.exemption_id is None


def test_owner_is_told_of_what_was_exempt_before_it_can_go() -> None:
    take_in(*PLATFORM)
    row = approved()
    sweep(NOW)
    flagged = Notice.objects.filter(kind=Notice.Kind.FINDINGS)
    assert {notice.team.name for notice in flagged if notice.team} == {"tv"}
    end_exemption(row.pk, actor=operator(), reason="migrated", now=NOW + DAY)
    assert kept() == {"auth 1.x"}  # until a sweep has told its owner
    sweep(NOW + DAY)
    assert kept() == set()
    assert {notice.team.name for notice in flagged.all() if notice.team} == {"tv", "identity"}


def test_exemption_that_runs_out_reminds_its_owner_once() -> None:
    flagged_platform()
    approved()
    assert remind_of_exemptions(UNTIL - 8 * DAY) == 0
    assert remind_of_exemptions(UNTIL - 7 * DAY) == 1
    assert remind_of_exemptions(UNTIL - 6 * DAY) == 0
    notice = Notice.objects.get(title="auth: exemption about to run out")
    assert notice.team is not None
    assert (notice.team.name, notice.kind) == ("identity", "exemption")


def test_operators_hear_of_a_request_and_the_owner_of_the_answer() -> None:
    flagged_platform()
    row = ask()
    asked = Notice.objects.get(title="auth: exemption asked for")
    assert (asked.team, asked.body) == (
        None, "ida asks to keep it until 31 Oct 2024: audit still reads it",
    )  # fmt: skip
    decline_exemption(row.pk, actor=operator(), reason="move on", now=NOW)
    answered = Notice.objects.get(title="auth: exemption declined")
    assert answered.team is not None
    assert (answered.team.name, answered.body) == ("identity", "olga declined it. move on")
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == [
        "request exemption", "decline exemption",
    ]  # fmt: skip


def test_answer_comes_once_and_not_after_the_end() -> None:
    flagged_platform()
    row = ask()
    with pytest.raises(CannotExempt):
        approve_exemption(row.pk, actor=operator(), reason="", now=UNTIL)
    decline_exemption(row.pk, actor=operator(), reason="", now=NOW)
    for answer in (approve_exemption, decline_exemption, end_exemption):
        with pytest.raises(CannotExempt):
            answer(row.pk, actor=operator(), reason="", now=NOW)
    with pytest.raises(UnknownThing):
        end_exemption(row.pk + 1, actor=operator(), reason="", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts() -> None:
    flagged_platform()
    row = ask()

    def answer(decide: Any) -> Any:
        return lambda: decide(row.pk, actor=operator(), reason="", now=NOW)

    results = at_once(answer(approve_exemption), answer(decline_exemption))
    assert sum(isinstance(result, CannotExempt) for result in results) == 1
    assert AuditEntry.objects.exclude(action="request exemption").count() == 1
