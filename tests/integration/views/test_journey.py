"""Find, why, plan, confirm, gone, restore: by links and forms alone, without JavaScript."""

import pytest
from django.test import Client

from lifecycle.models import AuditEntry, Notice
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    NOW,
    ago,
    deployment,
    execute,
    flagged_platform,
    plan_of,
    resolutions,
    sunset_versions,
    take_in,
    version,
)
from tests.factories.people import person, signed_in
from tests.pages import Page, open_page, press

pytestmark = pytest.mark.django_db
VERSIONS = ["auth 1.0.0", "auth 1.1.0"]


def test_owner_retires_a_line_and_brings_it_back() -> None:
    flagged_platform()
    take_in(version("old-job", "1.0.0", "auth@^1"), version("old-job", "2.0.0"))
    before = resolutions()
    assert before["auth ^1"] == "1.1.0"
    browser = signed_in(person("ana", "identity"), enforce_csrf_checks=True)

    home = open_page(browser, "/")
    assert "auth 1.x can be removed" in home.words
    why = open_page(browser, home.links["auth 1.x can be removed"])
    assert "Yes Nobody has used it for" in why.words

    plan = open_page(browser, why.links["Plan the sunset of 1.x"])
    assert "2 items go, nothing that anybody uses is touched." in plan.words
    assert [row[:3] for row in plan.rows if row[0] in VERSIONS] == [
        ["auth 1.0.0", "version", "identity"],
        ["auth 1.1.0", "version", "identity"],
    ]
    assert sunset_versions() == []

    done = Page(press(browser, plan, "Sunset 2 items", reason="CVE in token parsing"))
    assert "auth 1.x is sunset. It can be restored in one click." in done.words
    assert "CVE in token parsing" in done.words
    assert "2 gone" in done.words
    assert sunset_versions() == VERSIONS
    assert resolutions()["auth ^1"] is None
    gone = open_page(browser, "/modules/platform/auth/?tab=removal&range=1.x")
    assert "All 2 versions are sunset." in gone.words
    lines = open_page(browser, "/modules/platform/auth/")

    sunset = open_page(browser, lines.links["Restore 1.x"])
    back = Page(press(browser, sunset, "Restore everything auth 1.x"))
    assert "auth 1.x is back, every item as it was." in back.words
    assert "ana restored it" in back.words
    assert sunset_versions() == []
    assert resolutions() == before
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["sunset", "restore"]
    assert {entry.actor for entry in AuditEntry.objects.all()} == {"ana"}
    assert not Notice.objects.filter(delivered_at=None).exists()


def test_ticked_findings_are_planned_together_and_all_that_a_filter_shows(
    colleague: Client,
) -> None:
    flagged_platform()
    findings = open_page(colleague, "/findings/")
    assert "2 things can go. Unused range 1 · Outlived its TTL 1" in findings.words
    both = Page(press(colleague, findings, "Plan all 2 that are listed"))
    assert "3 items go" in both.words
    expired = open_page(colleague, "/findings/?rule=expired-deployment")
    ticked = Page(press(colleague, expired, "Plan sunset", finding=plan_ids("tv-home/preview")))
    assert "1 item goes" in ticked.words
    done = Page(press(colleague, ticked, "Sunset 1 item"))
    assert "tv-home/preview is sunset." in done.words
    assert sunset_versions() == []


def plan_ids(label: str) -> list[int]:
    return list(plan_of(label).request.finding_ids)


def test_plan_of_nothing_ticked_leads_back_to_the_findings(owner: Client) -> None:
    flagged_platform()
    findings = open_page(owner, "/findings/")
    response = press(owner, findings, "Plan sunset")
    assert response.redirect_chain == [("/findings/", 302)]


def test_use_that_began_after_the_plan_refuses_on_the_page_and_names_who(owner: Client) -> None:
    flagged_platform()
    plan = open_page(owner, f"/sunsets/plan/?findings={plan_ids('auth 1.x')[0]}")
    take_in(
        version("old-job", "1.0.0", "auth@^1"),
        deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
    )
    response = press(owner, plan, "Sunset 2 items")
    page = Page(response)
    assert response.status_code == 409
    assert "Nothing was sunset. In the way: old-job/prod runs old-job 1.0.0 in prod" in page.words
    assert not any("Sunset 2 items" in form.buttons for form in page.forms)
    assert sunset_versions() == []


def test_changed_plan_is_shown_anew_and_can_be_confirmed(owner: Client) -> None:
    flagged_platform()
    plan = open_page(owner, f"/sunsets/plan/?findings={plan_ids('auth 1.x')[0]}")
    take_in(version("auth", "1.2.0", owner="identity"))
    response = press(owner, plan, "Sunset 2 items")
    assert response.status_code == 409
    again = Page(response)
    assert "The plan no longer holds and nothing was sunset." in again.words
    assert "The plan below is the one that holds now." in again.words
    assert sunset_versions() == []
    done = Page(press(owner, again, "Sunset 3 items"))
    assert "auth 1.x is sunset." in done.words


def test_confirmation_pressed_twice_shows_the_same_sunset(owner: Client) -> None:
    flagged_platform()
    plan = open_page(owner, f"/sunsets/plan/?findings={plan_ids('auth 1.x')[0]}")
    first = press(owner, plan, "Sunset 2 items")
    second = press(owner, plan, "Sunset 2 items")
    assert first.redirect_chain == second.redirect_chain
    assert AuditEntry.objects.count() == 1


def test_outsider_sees_the_plan_without_a_button_and_is_refused(outsider: Client) -> None:
    flagged_platform()
    made = plan_of("auth 1.x")
    ids = ",".join(map(str, made.request.finding_ids))
    page = open_page(outsider, f"/sunsets/plan/?findings={ids}")
    assert "Only members of the owning team and operators can sunset this." in page.words
    assert not any("Sunset 2 items" in form.buttons for form in page.forms)
    response = outsider.post("/sunsets/plan/", {"findings": ids, "hash": made.hash})
    assert response.status_code == 403
    assert "mallory may not sunset or restore auth 1.x." in Page(response).words
    assert sunset_versions() == []


def test_outsider_s_restore_is_refused_in_words(outsider: Client) -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    response = outsider.post(f"/sunsets/{sunset.pk}/restore/", follow=True)
    assert "mallory may not sunset or restore auth 1.x." in Page(response).words
    assert sunset_versions() == VERSIONS


def test_restore_of_what_is_not_there_is_missing(owner: Client) -> None:
    assert owner.post("/sunsets/987654/restore/").status_code == 404


def test_restore_after_its_time_is_refused_in_words_and_has_no_button(owner: Client) -> None:
    flagged_platform()
    sunset = execute("auth 1.x", now=NOW)  # in 2024, so its thirty days are over
    page = open_page(owner, f"/sunsets/{sunset.pk}/")
    assert "The time to take it back is over." in page.words
    assert not any("Restore" in button for form in page.forms for button in form.buttons)
    answer = Page(owner.post(f"/sunsets/{sunset.pk}/restore/", follow=True))
    assert "This sunset cannot be restored: that was possible until 1 Oct 2024." in answer.words
    assert sunset_versions() == VERSIONS


@pytest.mark.parametrize(
    "address", ["/findings/plan/", "/sunsets/plan/", "/sunsets/1/restore/", "/notices/read/",
                "/account/", "/account/tokens/1/revoke/", "/account/theme/", "/logout/"]
)  # fmt: skip
def test_no_post_is_taken_without_its_csrf_token(address: str) -> None:
    browser = signed_in(person("olga", is_staff=True), enforce_csrf_checks=True)
    assert browser.post(address).status_code == 403


@pytest.mark.parametrize(
    "address", ["/findings/plan/", "/sunsets/1/restore/", "/notices/read/",
                "/account/tokens/1/revoke/", "/account/theme/"]
)  # fmt: skip
def test_what_changes_something_is_never_a_get(operator: Client, address: str) -> None:
    refresh(NOW)
    assert operator.get(address).status_code == 405
