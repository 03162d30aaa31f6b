"""The audit as it is stored: one chain whoever writes, and a check that nothing escapes."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from lifecycle import migrations
from lifecycle.models import AuditEntry, AuditHead
from lifecycle.permissions import Actor
from lifecycle.selectors.audit_checks import chain_state
from lifecycle.services.audit import Step, record, record_many
from lifecycle.services.audit_chain import chain_entries
from lifecycle.services.audit_check import ChainCheck, check_chain
from tests.at_once import at_once
from tests.factories.lifecycle import DAY, NOW

MIGRATIONS = Path(migrations.__file__).parent
pytestmark = pytest.mark.django_db(transaction=True)
ANA = Actor("ana")
EARLIER = "an-earlier-key-of-the-test-suite-and-nothing-else"


def write(number: int = 6) -> None:
    for place in range(1, number + 1):
        record(
            ANA, "try", f"thing {place}", at=NOW, reason="to see",
            evidence={"sunset": place, "share": 1.0, "of": [1, 0.25, "ä"]}, after={"n": place},
        )  # fmt: skip


def by_hand(sql: str, *values: object) -> None:
    """What somebody does who has the database and not the key."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def kinds(check: ChainCheck) -> set[tuple[str, int]]:
    return {(str(problem.kind), problem.sequence) for problem in check.verdict.problems}


def test_what_is_committed_is_chained_without_a_gap() -> None:
    write()
    rows = AuditEntry.objects.order_by("sequence").values_list("sequence", "subject")
    assert list(rows) == [(place, f"thing {place}") for place in range(1, 7)]
    check = check_chain(NOW)
    assert (check.state, check.verdict.entries) == ("intact", 6)
    assert check.anchor == f"6:{AuditEntry.objects.get(sequence=6).hash}"


def test_what_is_rolled_back_leaves_no_gap() -> None:
    write(2)
    with transaction.atomic():
        write(3)
        transaction.set_rollback(True)
    write(1)
    assert list(AuditEntry.objects.order_by("id").values_list("sequence", flat=True)) == [1, 2, 3]
    assert check_chain(NOW).is_intact


def test_an_entry_of_a_process_that_died_before_chaining_is_chained_by_the_next() -> None:
    write(1)
    with transaction.atomic():
        write(1)
        connection.run_on_commit = []  # the process ends between commit and chaining
    assert AuditEntry.objects.filter(sequence=None).count() == 1
    assert chain_entries() == 1
    assert check_chain(NOW).is_intact


def alter(column: str, value: str) -> Callable[[], None]:
    return lambda: by_hand(
        f"UPDATE lifecycle_auditentry SET {column} = %s WHERE sequence = 3",  # noqa: S608
        value,
    )


def delete(where: str) -> Callable[[], None]:
    return lambda: by_hand(f"DELETE FROM lifecycle_auditentry WHERE {where}")  # noqa: S608


def swap() -> None:
    by_hand("UPDATE lifecycle_auditentry SET sequence = 100 WHERE sequence = 3")
    by_hand("UPDATE lifecycle_auditentry SET sequence = 3 WHERE sequence = 4")
    by_hand("UPDATE lifecycle_auditentry SET sequence = 4 WHERE sequence = 100")


def close_the_gap() -> None:
    delete("sequence = 3")()
    for place in (4, 5, 6):
        by_hand(
            "UPDATE lifecycle_auditentry SET sequence = %s WHERE sequence = %s", place - 1, place
        )
    by_hand("UPDATE lifecycle_audithead SET sequence = 5")


def cut_off_with_the_note() -> None:
    delete("sequence > 4")()
    last = AuditEntry.objects.get(sequence=4).hash
    by_hand("UPDATE lifecycle_audithead SET sequence = 4, hash = %s", last)


def insert(sequence: int | None) -> Callable[[], None]:
    def forge() -> None:
        row = AuditEntry.objects.get(sequence=6)
        named = {"sequence": sequence, "previous_hash": row.hash if sequence else ""}
        copy = AuditEntry(**{
            field.attname: getattr(row, field.attname)
            for field in AuditEntry._meta.concrete_fields
            if field.attname != "id"
        } | {"subject": "invented"} | named)  # fmt: skip
        copy.save(force_insert=True)

    return forge


TAMPERINGS: dict[str, tuple[Callable[[], None], set[tuple[str, int]]]] = {
    "the actor": (alter("actor", "bob"), {("altered", 3)}),
    "the instant": (alter("at", "2020-01-01 00:00:00+00:00"), {("altered", 3)}),
    "the action": (alter("action", "other"), {("altered", 3)}),
    "the subject": (alter("subject", "other"), {("altered", 3)}),
    "the reason": (alter("reason", ""), {("altered", 3)}),
    "the evidence": (alter("evidence", "{}"), {("altered", 3)}),
    "before": (alter("before", '{"n": 1}'), {("altered", 3)}),
    "after": (alter("after", "[]"), {("altered", 3)}),
    "the filter's column": (alter("about_sunset", "7"), {("altered", 3)}),
    "the hash": (alter("hash", "0" * 64), {("altered", 3), ("reordered", 4)}),
    "the seal": (alter("seal", "0" * 16), set()),
    "one missing": (delete("sequence = 3"), {("missing", 3)}),
    "two missing": (delete("sequence IN (2, 3)"), {("missing", 2)}),
    "the first missing": (delete("sequence = 1"), {("missing", 1)}),
    "the last missing": (delete("sequence = 6"), {("truncated", 6)}),
    "all missing": (delete("sequence > 0"), {("truncated", 1)}),
    "two swapped": (swap, {("reordered", 3), ("reordered", 4), ("reordered", 5)}),
    "a gap closed": (
        close_the_gap,
        {("reordered", 3), ("altered", 0), ("altered", 4), ("altered", 5)},
    ),
    "the end cut off": (cut_off_with_the_note, {("altered", 0)}),
    "the note of the end removed": (
        lambda: by_hand("DELETE FROM lifecycle_audithead"),
        {("truncated", 0)},
    ),
    "one invented at the end": (insert(7), {("forged", 7)}),
    "one invented to be chained": (insert(None), {("forged", 0)}),
}


@pytest.mark.parametrize("way", TAMPERINGS)
def test_each_way_to_tamper_by_sql_is_found(way: str) -> None:
    tamper, expected = TAMPERINGS[way]
    write()
    tamper()
    check = check_chain(NOW)
    assert kinds(check) == expected
    assert check.state == ("broken" if expected else "intact")


def test_a_seal_removed_in_the_middle_proves_nothing_less_since_a_later_one_vouches() -> None:
    write()
    alter("seal", "")()
    check = check_chain(NOW)
    assert (check.state, check.verdict.vouched) == ("intact", 1)


def test_an_earlier_state_put_back_whole_is_found_by_what_the_last_check_saw() -> None:
    write(3)
    head = AuditHead.objects.get()
    write(2)
    check_chain(NOW)
    delete("sequence > 3")()
    by_hand(
        "UPDATE lifecycle_audithead SET sequence = %s, hash = %s, seal = %s",
        head.sequence, head.hash, head.seal,
    )  # fmt: skip
    assert kinds(check_chain(NOW + DAY)) == {("truncated", 5)}


def test_an_anchor_kept_elsewhere_finds_an_audit_that_was_emptied() -> None:
    write(3)
    sequence, _, hash = check_chain(NOW).anchor.partition(":")
    for table in ("lifecycle_auditentry", "lifecycle_audithead", "lineage_jobrun"):
        by_hand(f"DELETE FROM {table}")  # noqa: S608
    assert check_chain(NOW).is_intact  # nothing inside tells
    by_hand("DELETE FROM lineage_jobrun")
    assert kinds(check_chain(NOW, seen={int(sequence): hash})) == {("truncated", 3)}
    assert chain_state(f"{sequence}:{hash}").is_anchor_there is False


def test_an_invented_entry_is_never_chained() -> None:
    write()
    insert(None)()
    write(1)
    assert not AuditEntry.objects.filter(subject="invented", sequence__gt=0).exists()


def test_after_the_key_changed_the_check_seals_the_end_anew(settings: Settings) -> None:
    newest, settings.SECRET_KEY = settings.SECRET_KEY, EARLIER
    write(3)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = newest, [EARLIER]
    assert check_chain(NOW).state == "intact"
    settings.SECRET_KEY_FALLBACKS = []  # a day later the earlier key is dropped
    check = check_chain(NOW + DAY)
    assert (check.state, check.verdict.vouched, check.verdict.entries) == ("intact", 3, 4)
    alter("reason", "")()
    assert kinds(check_chain(NOW + DAY)) == {("altered", 3)}


def test_without_the_key_of_its_end_the_audit_is_unproven_until_somebody_vouches(
    settings: Settings,
) -> None:
    settings.SECRET_KEY, newest = EARLIER, settings.SECRET_KEY
    write(3)
    settings.SECRET_KEY = newest  # and the earlier key is lost
    write(2)
    check = check_chain(NOW)
    assert (check.state, check.verdict.unproven, check.verdict.entries) == ("unproven", 3, 3)
    assert run()[0] == 2
    code, words = run("--trust", "the key was lost when the server moved")
    assert (code, "intact" in words) == (0, True)
    entry = AuditEntry.objects.get(action="trust audit")
    assert (entry.reason, entry.evidence["unproven"]) == (
        "the key was lost when the server moved",
        3,
    )
    alter("reason", "")()
    assert kinds(check_chain(NOW)) == {("altered", 3)}


def test_what_is_recorded_after_the_end_was_cut_off_does_not_make_it_look_whole() -> None:
    write()
    cut_off_with_the_note()
    write(2)
    assert AuditEntry.objects.filter(sequence=None).count() == 2
    assert kinds(check_chain(NOW)) == {("altered", 0)}
    code, words = run("--trust", "looked into: see incident 7")
    assert (code, "7 entries read" in words) == (0, True)
    entry = AuditEntry.objects.get(action="trust audit")
    assert entry.evidence["problems"] == [
        "altered: the note of where the chain ends was not written by us"
    ]


def test_nothing_is_chained_once_the_note_of_the_end_is_gone() -> None:
    write(3)
    by_hand("DELETE FROM lifecycle_audithead")
    write(1)
    assert kinds(check_chain(NOW)) == {("truncated", 0)}
    assert AuditEntry.objects.filter(sequence=None).count() == 1


def test_many_writers_at_once_make_one_chain() -> None:
    def one(name: str) -> Callable[[], None]:
        def steps() -> None:
            for place in range(10):
                with transaction.atomic():
                    record(Actor(name), "try", f"{name} {place}", at=NOW)
                    if place % 3 == 0:
                        record_many(Actor(name), [Step("more", f"{name} {place}")] * 3, at=NOW)

        return steps

    results = at_once(*(one(name) for name in ("ana", "bob", "cat", "dan")), chain_entries)
    assert not [result for result in results if isinstance(result, Exception)]
    assert chain_entries() == 0
    check = check_chain(NOW)
    assert (check.state, check.verdict.entries) == ("intact", 4 * (10 + 4 * 3))


def test_a_check_among_writers_sees_nothing_wrong() -> None:
    write(3)
    checks = at_once(*[lambda: write(15)] * 3, *[lambda: check_chain(NOW)] * 2)[3:]
    assert [check.state for check in checks] == ["intact", "intact"]


def test_two_transactions_that_write_crosswise_wait_for_each_other_by_rows_alone() -> None:
    """Recording takes no lock, so the order of a service's own locks is all that counts."""

    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, whatever is written")
    with transaction.atomic():
        record(ANA, "long", "thing", at=NOW)
        (entry,) = at_once(lambda: record(ANA, "short", "thing", at=NOW))
        assert isinstance(entry, AuditEntry)  # though the other has not committed
    assert check_chain(NOW).verdict.entries == 2


def test_recording_is_one_insert_and_so_is_a_batch(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with transaction.atomic():
        with django_assert_num_queries(1):
            record(ANA, "try", "thing", at=NOW)
        with django_assert_num_queries(1):
            record_many(ANA, [Step("try", f"thing {place}") for place in range(50)], at=NOW)
        assert record_many(ANA, [], at=NOW) == []


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as exited:
        call_command("check_audit", *arguments, stdout=out)
    return int(exited.value.code or 0), out.getvalue()


def test_the_command_answers_by_its_exit_code() -> None:
    write(3)
    code, words = run()
    assert (code, "3 entries read" in words, "intact" in words) == (0, True, True)
    code, words = run("--json")
    said: dict[str, Any] = json.loads(words)
    assert (code, said["state"], said["entries"], said["problems"]) == (0, "intact", 3, [])
    delete("sequence = 2")()
    code, words = run()
    assert (code, "missing: entry 2 is missing" in words) == (1, True)
    code, words = run("--json")
    assert json.loads(words)["problems"] == [
        {"kind": "missing", "sequence": 2, "detail": "is missing"}
    ]


def test_the_command_takes_an_anchor_and_refuses_what_is_none() -> None:
    write(2)
    good = check_chain(NOW).anchor
    assert run("--anchor", good)[0] == 0
    code, words = run("--anchor", f"9:{'0' * 64}")
    assert (code, "truncated: entry 9 was seen before and is gone" in words) == (1, True)
    with pytest.raises(Exception, match="SEQUENCE:HASH"):
        call_command("check_audit", "--anchor", "x")


def before_the_chain() -> str:
    names = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    (first,) = [place for place, name in enumerate(names) if name.endswith("_audit_chain")]
    return names[first - 1]


def test_the_migration_chains_what_was_recorded_before_there_was_a_chain() -> None:
    write(3)
    subjects = list(AuditEntry.objects.order_by("id").values_list("subject", flat=True))
    call_command("migrate", "lifecycle", before_the_chain(), verbosity=0)
    call_command("migrate", verbosity=0)
    rows = AuditEntry.objects.order_by("sequence").values_list("subject", "about_sunset")
    assert list(rows) == list(zip(subjects, (1, 2, 3), strict=True))
    assert check_chain(NOW).is_intact
    write(1)
    assert check_chain(NOW).verdict.entries == 4
