"""The audit: who, when, why and on which evidence, and nobody rewrites it."""

import csv
import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest

from lifecycle.models import AuditEntry
from lifecycle.models.audit import AppendOnly
from lifecycle.selectors.audit import AuditFilter, audit_list, audit_stream
from lifecycle.selectors.audit_export import as_csv, as_ndjson
from lifecycle.services.audit import Step, record_many
from lifecycle.services.sunsets import restore_sunset
from tests.factories.lifecycle import (
    DAY,
    NOW,
    execute,
    finding,
    flagged_platform,
    member,
    operator,
)

pytestmark = pytest.mark.django_db


def test_execution_leaves_one_entry_with_who_when_why_and_the_evidence() -> None:
    flagged_platform()
    why = "auth 1.x: " + finding("auth 1.x").reason
    sunset = execute("auth 1.x", actor=member("ana", "identity"), reason="CVE in 1.x")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == ("ana", "sunset", "auth 1.x")
    assert (entry.at, entry.reason) == (NOW, "CVE in 1.x")
    assert entry.evidence == {
        "sunset": sunset.pk,
        "plan": sunset.plan_hash,
        "epoch": sunset.epoch,
        "why": [why],
        "items": ["auth 1.0.0", "auth 1.1.0"],
        "executor": "record",
    }
    assert (entry.before, entry.after) == ({"state": "live"}, {"state": "done"})


def test_restore_leaves_one_entry_with_who_when_and_why() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    restore_sunset(sunset.pk, actor=operator(), reason="a script broke", now=NOW + DAY)
    entry = AuditEntry.objects.get(action="restore")
    assert (entry.actor, entry.at, entry.reason) == ("olga", NOW + DAY, "a script broke")
    assert entry.evidence == {"sunset": sunset.pk, "items": ["auth 1.0.0", "auth 1.1.0"]}
    assert (entry.before, entry.after) == ({"state": "done"}, {"state": "restored"})


def test_entries_can_neither_be_changed_nor_removed() -> None:
    flagged_platform()
    execute("auth 1.x")
    entry = AuditEntry.objects.get()
    entry.actor = "somebody else"
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()
    with pytest.raises(AppendOnly):
        AuditEntry.objects.update(actor="somebody else")
    with pytest.raises(AppendOnly):
        AuditEntry.objects.filter(pk=entry.pk).delete()
    assert AuditEntry.objects.get().actor == "olga"


def test_list_is_newest_first_filtered_and_counted() -> None:
    flagged_platform()
    sunset = execute("auth 1.x", actor=member("ana", "identity"))
    restore_sunset(sunset.pk, actor=operator(), reason="", now=NOW + DAY)
    assert [entry.action for entry in audit_list().rows] == ["restore", "sunset"]
    assert [entry.action for entry in audit_list(AuditFilter(actor="ana")).rows] == ["sunset"]
    assert [entry.actor for entry in audit_list(AuditFilter(action="restore")).rows] == ["olga"]
    page = audit_list(page=2, size=1)
    assert ([entry.action for entry in page.rows], page.total, page.pages) == (["sunset"], 2, 2)


def subjects(filter: AuditFilter) -> list[str]:
    part = audit_list(filter)
    streamed = [entry.pk for entry in audit_stream(filter)]
    assert streamed == [entry.pk for entry in part.rows]
    assert part.total == len(streamed)
    return [entry.subject for entry in part.rows]


def some_steps() -> None:
    auth = Step("policy saved", "auth", "tighten", {"module": "auth"})
    other = Step("policy saved", "auth-core 1.x", "rößler asked", {"why": ["CVE-2024-7"]})
    record_many(operator(), [auth, other], at=NOW)
    record_many(member("ana"), [Step("stop", "everything", "CVE")], at=NOW + DAY)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (AuditFilter(), ["everything", "auth-core 1.x", "auth"]),
        (AuditFilter(subject="auth"), ["auth"]),
        (AuditFilter(module="auth"), ["auth"]),
        (AuditFilter(module="auth-core"), ["auth-core 1.x"]),
        (AuditFilter(q="cve"), ["everything", "auth-core 1.x"]),
        (AuditFilter(q="cve-2024 policy"), ["auth-core 1.x"]),
        (AuditFilter(q="100%"), []),
        (AuditFilter(since=NOW + DAY), ["everything"]),
        (AuditFilter(since=NOW + DAY + timedelta(microseconds=1)), []),
        (AuditFilter(until=NOW), ["auth-core 1.x", "auth"]),
        (AuditFilter(since=NOW, until=NOW + DAY, actor="ana"), ["everything"]),
        (AuditFilter(sunset=1), []),
    ],
)
def test_filters_let_through_what_they_say_in_list_and_stream(
    filter: AuditFilter, expected: list[str]
) -> None:
    some_steps()
    assert subjects(filter) == expected


def test_a_modules_entries_are_also_those_of_sunsets_in_which_something_of_it_went() -> None:
    flagged_platform()
    both = execute("auth 1.x", "tv-home/preview")
    assert subjects(AuditFilter(module="tv-home")) == [both.title]
    assert subjects(AuditFilter(sunset=both.pk)) == [both.title]
    assert subjects(AuditFilter(module="tv")) == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


def test_csv_has_the_rows_of_the_list_and_no_formula() -> None:
    steps = [Step("try", text, text, {"a": text}) for text in FORMULAS]
    record_many(replace(operator(), name='=HYPERLINK("x")'), steps, at=NOW)
    rows = list(csv.DictReader(StringIO("".join(as_csv(audit_stream(AuditFilter()))), newline="")))
    assert [row["subject"] for row in rows] == [f"'{text}" for text in reversed(FORMULAS)]
    assert {row["actor"] for row in rows} == {'\'=HYPERLINK("x")'}
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
        assert json.loads(row["evidence"])["a"] == row["reason"].removeprefix("'")


def test_ndjson_has_the_rows_of_the_list_as_they_are() -> None:
    some_steps()
    lines = [json.loads(line) for line in as_ndjson(audit_stream(AuditFilter()))]
    assert [line["subject"] for line in lines] == ["everything", "auth-core 1.x", "auth"]
    assert lines[1]["reason"] == "rößler asked"
    assert lines[1]["evidence"] == {"why": ["CVE-2024-7"]}
    assert lines[0]["at"] == "2024-09-02T12:00:00+00:00"
    assert set(lines[0]) >= {"sequence", "previous_hash", "hash", "seal", "before", "after"}


def test_an_export_of_nothing_is_its_head() -> None:
    assert "".join(as_csv([])).startswith("sequence,at,actor")
    assert list(as_ndjson([])) == []
