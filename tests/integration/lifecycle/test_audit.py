"""The audit: who, when, why and on which evidence, and nobody rewrites it."""

import pytest

from lifecycle.models import AuditEntry
from lifecycle.models.audit import AppendOnly
from lifecycle.selectors.audit import audit_list
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
    assert [entry.action for entry in audit_list(actor="ana").rows] == ["sunset"]
    assert [entry.actor for entry in audit_list(action="restore").rows] == ["olga"]
    page = audit_list(page=2, size=1)
    assert ([entry.action for entry in page.rows], page.total, page.pages) == (["sunset"], 2, 2)
