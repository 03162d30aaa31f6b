"""Ingest, sources, notices, audit and account: what was said, to whom, and by whom."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from lineage.exceptions import UnreadableDocument
from platform_ui.accounts.models import ApiToken
from platform_ui.accounts.services import find_token, issue_token
from tests.factories.lifecycle import (
    NOW,
    PLATFORM,
    execute,
    flagged_platform,
    sweep_and_tell,
    take_in,
    version,
)
from tests.factories.lifecycle import (
    operator as an_operator,
)
from tests.factories.people import api_client
from tests.factories.platform import take_in as take_in_document
from tests.pages import Page, open_page, press

pytestmark = pytest.mark.django_db


def test_runs_are_listed_with_what_they_took_and_refused(owner: Client) -> None:
    take_in(*PLATFORM)
    bad = take_in({"type": "version", "module": ""}, version("auth", "9.0.0"), source="other")
    page = open_page(owner, "/ingest/")
    first, second = page.rows[1], page.rows[2]
    assert (first[1], first[3:5], first[6:]) == ("other", ["1", "1"], ["1", "0", "Done"])
    assert (second[1], second[3], second[6]) == ("pipeline", "6", "0")
    only = open_page(owner, "/ingest/?source=pipeline")
    assert [cells[1] for cells in only.rows[1:]] == ["pipeline"]
    assert page.links["1"] == f"/ingest/{bad.run}/?kind=rejected"


def test_run_shows_each_refused_line_with_field_and_reason(owner: Client) -> None:
    take_in(*PLATFORM)
    run = take_in(
        {"type": "version", "module": "auth", "version": "not a version"},
        version("auth", "1.0.0", "json@^1", owner="identity"),
    ).run
    page = open_page(owner, f"/ingest/{run}/")
    rejected, conflict = page.rows[1], page.rows[2]
    assert rejected[:3] == ["1", "Rejected", "version"]
    assert conflict[:4] == [
        "2", "Conflict", "dependencies", "auth 1.0.0 is known with other dependencies"
    ]  # fmt: skip
    assert "2 in all" in page.words
    only = open_page(owner, f"/ingest/{run}/?kind=conflict")
    assert [cells[1] for cells in only.rows[1:]] == ["Conflict"]


def test_run_shows_what_came_back(owner: Client) -> None:
    flagged_platform()
    execute("auth 1.x")
    run = take_in(PLATFORM[0]).run
    words = open_page(owner, f"/ingest/{run}/").words
    assert "1 came back" in words
    assert "auth 1.0.0 was sunset and is live again: it came back" in words


def test_failed_run_says_why_and_that_nothing_was_kept(owner: Client) -> None:
    with pytest.raises(UnreadableDocument):
        take_in_document(b"\x1f\x8bnot gzip at all")
    runs = open_page(owner, "/ingest/")
    assert runs.rows[1][-1] == "Failed"
    href = next(h for h in runs.links.values() if h.startswith("/ingest/") and h != "/ingest/")
    assert "Nothing of the document was kept." in open_page(owner, href).words


def test_sources_tell_cadence_freshness_and_what_they_vouch_for(owner: Client) -> None:
    take_in(*PLATFORM, {"type": "source", "name": "pipeline", "cadence": "PT1H"}, now=NOW)
    take_in(version("x", "1.0.0"), source="silent")
    rows = {cells[0]: cells for cells in open_page(owner, "/sources/").rows}
    assert rows["pipeline"][3:5] == ["platform", "Quiet"]
    assert rows["silent"][2:5] == ["it does not say", "nothing", "Unknown"]
    take_in(version("y", "1.0.0"), now=timezone.now())
    rows = {cells[0]: cells for cells in open_page(owner, "/sources/").rows}
    assert rows["pipeline"][4] == "Fresh"


def test_each_reader_sees_the_notices_of_their_teams_alone(
    owner: Client, colleague: Client, outsider: Client, operator: Client
) -> None:
    take_in(*PLATFORM, version("relic", "1.0.0"), version("relic", "2.0.0"))
    sweep_and_tell()
    titles = {
        "auth 1.x is unused",
        "tv-home/preview has outlived its TTL",
        "relic 1.x is unused",
    }
    for client, seen in (
        (owner, {"auth 1.x is unused"}),
        (colleague, {"auth 1.x is unused", "tv-home/preview has outlived its TTL"}),
        (outsider, set()),
        (operator, {"relic 1.x is unused"}),
    ):
        words = open_page(client, "/notices/").words
        assert {title for title in titles if title in words} == seen


def test_notice_is_marked_read_by_its_button_and_by_nobody_else(
    owner: Client, outsider: Client
) -> None:
    flagged_platform()
    inbox = open_page(owner, "/notices/?unread=1")
    button = "Mark read auth 1.x is unused"
    pk = inbox.form(button).buttons[button][1]
    outsider.post("/notices/read/", {"notice": pk})
    assert "auth 1.x is unused" in open_page(owner, "/notices/?unread=1").words
    press(owner, inbox, button)
    assert "Nothing was said to you." in open_page(owner, "/notices/?unread=1").words
    assert "auth 1.x is unused" in open_page(owner, "/notices/").words


def test_audit_is_filtered_by_who_and_what(operator: Client) -> None:
    flagged_platform()
    execute("auth 1.x", actor=an_operator(), reason="CVE")
    page = open_page(operator, "/audit/")
    assert page.rows[1][1:5] == ["olga", "sunset", "auth 1.x", "CVE"]
    changed, _, evidence = page.rows[1][5].partition(" Evidence")
    assert changed == "state live → done"
    assert "executor record items auth 1.0.0; auth 1.1.0" in evidence
    assert len(open_page(operator, "/audit/?actor=olga&action=sunset").rows) == 2
    assert "Nothing happened yet." in open_page(operator, "/audit/?actor=ana").words
    assert len(open_page(operator, "/audit/?q=cve&module=auth").rows) == 2
    assert "Nothing happened yet." in open_page(operator, "/audit/?to=2020-01-01").words


def test_audit_is_taken_away_as_files_with_the_rows_of_the_list(operator: Client) -> None:
    flagged_platform()
    execute("auth 1.x", actor=an_operator(), reason="CVE")
    execute("tv-home/preview", actor=an_operator())
    page = open_page(operator, "/audit/?q=cve")
    assert "All 1 as CSV or NDJSON" in page.words
    csv = operator.get(page.links["CSV"])
    assert b"".join(csv).decode().count("olga,sunset,auth 1.x,CVE") == 1
    assert len(b"".join(operator.get(page.links["NDJSON"])).splitlines()) == 1


def test_the_audit_says_whether_it_is_whole(operator: Client) -> None:
    flagged_platform()
    execute("auth 1.x", actor=an_operator())
    assert "Not checked yet" in open_page(operator, "/audit/").words
    press(operator, open_page(operator, "/audit/"), "Check now")
    assert "Intact 1 entry checked now." in open_page(operator, "/audit/").words
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lifecycle_auditentry SET actor = 'bob'")
    press(operator, open_page(operator, "/audit/"), "Check now")
    words = open_page(operator, "/audit/").words
    assert "The audit is not as it was written." in words
    assert "entry 1 says something else than when it was written (altered)" in words


@pytest.mark.parametrize("address", ["/audit/", "/audit/export.csv", "/audit/export.ndjson"])
def test_only_operators_take_the_audit(address: str, operator: Client, owner: Client) -> None:
    assert owner.get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert operator.get(address).status_code == 200
    assert owner.post("/audit/check/").status_code == 403


def test_token_is_shown_once_acts_within_its_scopes_and_ends_when_revoked(owner: Client) -> None:
    form = {"name": "pipeline", "scopes": ["read"], "lifetime": "30"}
    page = Page(press(owner, open_page(owner, "/account/"), "Issue token", **form))
    token = ApiToken.objects.get()
    (secret,) = re.findall(r"sun_[\w-]{40,}", page.words)
    assert find_token(secret, timezone.now()) == token
    again = open_page(owner, "/account/")
    assert secret not in again.words
    assert "pipeline" in again.words
    press(owner, again, "Revoke pipeline")
    assert find_token(secret, timezone.now()) is None
    assert "Revoked" in open_page(owner, "/account/").words


def test_person_is_offered_and_given_only_scopes_they_hold(owner: Client, operator: Client) -> None:
    assert "You may lifecycle, read" in open_page(owner, "/account/").words
    assert "You may admin, ingest, lifecycle, read" in open_page(operator, "/account/").words
    response = owner.post("/account/", {"name": "x", "scopes": ["admin"], "lifetime": ""})
    assert response.status_code == 400
    assert not ApiToken.objects.exists()


def test_nobody_revokes_or_sees_another_s_token(owner: Client, outsider: Client) -> None:
    ana = User.objects.get(username="ana")
    token, _ = issue_token(ana, "mine", ["read"], timezone.now())
    assert outsider.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
    assert "mine" not in [cells[0] for cells in open_page(outsider, "/account/").rows]


def test_token_that_ended_opens_nothing(owner: Client) -> None:
    ana = User.objects.get(username="ana")
    now = timezone.now()
    _, secret = issue_token(ana, "old", ["read"], now, expires_at=now - timedelta(seconds=1))
    assert find_token(secret, now) is None
    assert "Expired" in open_page(owner, "/account/").words
    assert api_client(ana).get("/metrics").status_code == 200
