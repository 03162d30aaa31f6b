"""Notices: written with their cause, delivered once, read by those they are for."""

import pytest

from lifecycle.models import Finding, Notice
from lifecycle.selectors.notices import inbox, unread_count
from lifecycle.services import sweep as sweep_service
from lifecycle.services.notices import deliver_due, mark_read, notices_of_findings, write_notices
from lifecycle.services.sunsets import restore_sunset
from lifecycle.services.sweep import sweep
from lineage.models import Team
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    execute,
    finding,
    flagged_platform,
    operator,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db


def team(name: str) -> Team:
    return Team.objects.get(name=name)


def titles(name: str) -> list[str]:
    return [notice.title for notice in inbox([team(name).pk], is_operator=False).rows]


def test_owner_is_told_of_what_was_flagged_subject_by_subject() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    notice = Notice.objects.get(team=team("identity"))
    assert (notice.title, notice.kind) == ("auth 1.x is unused", Notice.Kind.FINDINGS)
    found = finding("auth 1.x")
    assert notice.items == [{"subject": found.subject, "label": "auth 1.x", "detail": found.reason}]
    assert (notice.created_at, notice.delivered_at) == (NOW, None)
    assert Notice.objects.get(team=team("tv")).title == "tv-home/preview has outlived its TTL"


def test_many_findings_of_one_owner_make_one_digest_that_lists_them_all() -> None:
    take_in(
        *PLATFORM,
        *(version("jwt", number, owner="identity") for number in ("1.0.0", "2.0.0", "3.0.0")),
    )
    sweep(NOW)
    notice = Notice.objects.get(team=team("identity"))
    assert notice.title == "3 ranges are unused"
    assert sorted(item["label"] for item in notice.items) == ["auth 1.x", "jwt 1.x", "jwt 2.x"]


def test_what_nobody_owns_goes_to_the_operators() -> None:
    take_in(*PLATFORM, version("relic", "1.0.0"), version("relic", "2.0.0"))
    sweep_and_tell()
    for_operators = inbox([], is_operator=True).rows
    assert [notice.title for notice in for_operators] == ["relic 1.x is unused"]
    assert inbox([], is_operator=False).rows == []
    assert "relic 1.x is unused" not in titles("identity")


def test_notices_are_written_in_the_transaction_of_their_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(findings: object, *, now: object) -> list[Notice]:
        raise RuntimeError("cannot tell")

    take_in(*PLATFORM)
    monkeypatch.setattr(sweep_service, "notices_of_findings", broken)
    with pytest.raises(RuntimeError):
        sweep(NOW)
    assert not Finding.objects.exists()


def test_notice_with_a_known_dedupe_key_is_already_there() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    again = notices_of_findings(list(Finding.objects.select_related("module")), now=NOW + DAY)
    before = Notice.objects.count()
    write_notices(again)
    assert Notice.objects.count() == before


def test_each_notice_is_delivered_once() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    assert titles("identity") == []
    assert deliver_due(NOW) == 2
    assert deliver_due(NOW + DAY) == 0
    assert set(Notice.objects.values_list("delivered_at", flat=True)) == {NOW}
    assert titles("identity") == ["auth 1.x is unused"]


def test_delivery_takes_more_than_one_batch() -> None:
    rows = [Notice(title=str(n), dedupe_key=str(n), created_at=NOW) for n in range(501)]
    write_notices(rows)
    assert deliver_due(NOW) == 501


def test_every_owner_concerned_is_told_of_a_sunset_and_of_its_return() -> None:
    flagged_platform()
    sunset = execute("auth 1.x", "tv-home/preview")
    deliver_due(NOW)
    restore_sunset(sunset.pk, actor=operator(), reason="needed", now=NOW + DAY)
    deliver_due(NOW + DAY)
    kinds = Notice.objects.filter(sunset=sunset)
    told = sorted((n.team.name, n.kind, len(n.items)) for n in kinds.select_related("team"))
    assert told == [
        ("identity", "restored", 2),
        ("identity", "sunset", 2),
        ("tv", "restored", 1),
        ("tv", "sunset", 1),
    ]
    assert Notice.objects.get(team=team("tv"), kind="restored").body == "By olga. needed"


def test_reading_marks_ones_own_notices_and_no_others() -> None:
    take_in(*PLATFORM, version("relic", "1.0.0"), version("relic", "2.0.0"))
    sweep_and_tell()
    every = list(Notice.objects.values_list("pk", flat=True))
    mine = [team("identity").pk]
    assert unread_count(mine, is_operator=False) == 1
    assert mark_read(every, team_ids=mine, is_operator=False, now=NOW) == 1
    assert mark_read(every, team_ids=mine, is_operator=False, now=NOW) == 0
    assert unread_count(mine, is_operator=False) == 0
    assert unread_count([team("tv").pk], is_operator=False) == 1
    assert mark_read(every, team_ids=[], is_operator=True, now=NOW) == 1
    assert Notice.objects.get(team=team("tv")).read_at is None


def test_inbox_filters_by_kind_and_unread_and_counts_all_pages() -> None:
    flagged_platform()
    execute("auth 1.x")
    deliver_due(NOW)
    mine = [team("identity").pk]
    assert inbox(mine, is_operator=False).total == 2
    assert [n.kind for n in inbox(mine, is_operator=False, kind="sunset").rows] == ["sunset"]
    page = inbox(mine, is_operator=False, page=2, size=1)
    assert (len(page.rows), page.total, page.pages) == (1, 2, 2)
    mark_read([page.rows[0].pk], team_ids=mine, is_operator=False, now=NOW)
    assert inbox(mine, is_operator=False, unread=True).total == 1
