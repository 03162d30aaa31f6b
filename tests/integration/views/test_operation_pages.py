"""Overview, deployments, upgrades, findings and sunsets: whose things, which figures."""

import pytest
from django.test import Client

from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    deployment,
    ended,
    execute,
    flagged_platform,
    sweep_and_tell,
    take_in,
    version,
)
from tests.pages import Page, open_page

pytestmark = pytest.mark.django_db


def names(page: Page, but: tuple[str, ...] = ("Deployment", "Consumer", "What", "")) -> list[str]:
    """The first word-bearing cell of every row that is not a heading."""
    return [cells[0] for cells in page.rows if len(cells) > 1 and cells[0] not in but]


def test_overview_shows_each_reader_what_waits_for_them(
    owner: Client, colleague: Client, outsider: Client, operator: Client
) -> None:
    flagged_platform()
    unused, expired = "auth 1.x can be removed", "1 deployment outlived its TTL"
    for client, needs in (
        (owner, {unused}),
        (colleague, {unused, expired}),
        (operator, {unused, expired}),
        (outsider, set()),
    ):
        words = open_page(client, "/").words
        assert {one for one in (unused, expired) if one in words} == needs
        assert ("Nothing needs you." in words) is not bool(needs)


def test_overview_counts_the_fleet(outsider: Client) -> None:
    flagged_platform()
    words = open_page(outsider, "/").words
    for figure in ("2 modules", "4 versions", "2 live", "1 in production", "1 expired"):
        assert figure in words
    assert "100 % of what runs is on its newest major" in words.replace("\xa0", " ")


def test_overview_names_what_dies_and_a_quiet_source(colleague: Client) -> None:
    take_in(
        *PLATFORM,
        {"type": "deprecation", "module": "auth", "range": "2.x", "sunset_at": "2099-01-01"},
        {"type": "source", "name": "pipeline", "cadence": "PT1H"},
    )
    refresh(NOW)
    words = open_page(colleague, "/").words
    assert "auth 2.0.0 dies" in words
    assert "1 module still runs it" in words
    assert "source pipeline is quiet" in words
    assert "Quiet" in open_page(colleague, "/sources/").words
    assert "Source pipeline last spoke" in open_page(colleague, "/findings/").words


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["tv-home/preview", "tv-home/prod"]),
        ("?state=expired", ["tv-home/preview"]),
        ("?state=ended", ["old/prod"]),
        ("?state=all&sort=started", ["old/prod", "tv-home/prod", "tv-home/preview"]),
        ("?tier=prod", ["tv-home/prod"]),
        ("?environment=preview", ["tv-home/preview"]),
        ("?module=auth&state=all", ["old/prod"]),
        ("?owner=identity&state=all", ["old/prod"]),
        ("?q=prev", ["tv-home/preview"]),
        ("?as_of=2024-01-15", ["old/prod"]),
        ("?as_of=2023-01-01", []),
    ],
)
def test_deployments_are_filtered_and_asked_of_a_past_day(
    owner: Client, query: str, keys: list[str]
) -> None:
    take_in(*PLATFORM)
    take_in(
        deployment("old/prod", "auth", "1.0.0", started_at="2024-01-01T00:00:00Z"),
        {"type": "deployment_ended", "deployment": "old/prod", "ended_at": "2024-02-01T00:00:00Z"},
    )
    page = open_page(owner, f"/deployments/{query}")
    assert sorted(names(page)) == sorted(keys)
    assert f"of {len(keys)} deployments" in page.words or not keys


def test_deployments_tell_how_each_ended(owner: Client) -> None:
    flagged_platform()
    execute("tv-home/preview")
    take_in(ended("tv-home/prod", 0))
    page = open_page(owner, "/deployments/?state=all")
    states = {cells[0]: cells[-2] for cells in page.rows}
    assert states["tv-home/preview"] == "Sunset"
    assert states["tv-home/prod"] == "Ended"


def test_upgrades_tell_the_urgent_first_and_what_to_do(colleague: Client) -> None:
    take_in(
        *PLATFORM,
        version("auth", "3.0.0", owner="identity"),
        version("json", "1.0.0"),
        version("app", "1.0.0", "json@^1", "auth@^2", owner="tv"),
        deployment("app/prod", "app", "1.0.0"),
        {"type": "deprecation", "module": "json", "range": "1.x", "sunset_at": "2099-01-01",
         "replacement": "^2"},
    )  # fmt: skip
    refresh(NOW)
    page = open_page(colleague, "/upgrades/")
    assert "1 must be done" in page.words
    assert "What your teams run." in page.words
    assert [cells[0] for cells in page.rows if len(cells) == 1] == ["Dying 1", "Behind 2"]
    rows = [cells for cells in page.rows if len(cells) > 1 and cells[0] != "Consumer"]
    assert [cells[:6] for cells in rows] == [
        ["app 1.0.0", "json", "^1", "–", "1.0.0", "1.0.0"],
        ["app 1.0.0", "auth", "^2", "–", "2.0.0", "3.0.0"],
        ["tv-home 1.0.0", "auth", "^2", "–", "2.0.0", "3.0.0"],
    ]
    assert rows[0][-2] == "declare ^2, nothing is there yet by 1 Jan 2099"
    assert rows[1][-2] == "declare ^3.0.0, takes 3.0.0"
    way = open_page(colleague, "/upgrades/" + page.links["how app 1.0.0 gets to auth 3.0.0"])
    assert "Your own 1 range change does. You let ^2 on auth take 3.0.0" in way.words
    dying = open_page(colleague, "/upgrades/?status=dying")
    assert names(dying) == ["app 1.0.0"]
    assert names(open_page(colleague, "/upgrades/?q=json")) == ["app 1.0.0"]


def test_upgrades_of_who_has_no_team_are_everybody_s(operator: Client, outsider: Client) -> None:
    take_in(*PLATFORM, version("auth", "3.0.0", owner="identity"))
    refresh(NOW)
    everybody = open_page(operator, "/upgrades/")
    assert "What everybody runs." in everybody.words
    assert names(everybody) == ["tv-home 1.0.0"]
    assert names(open_page(outsider, "/upgrades/")) == []
    assert names(open_page(outsider, "/upgrades/?owner=*")) == ["tv-home 1.0.0"]


def test_findings_are_counted_filtered_and_link_to_why_and_plan(owner: Client) -> None:
    flagged_platform()
    page = open_page(owner, "/findings/")
    assert "2 things can go. Unused range 1 · Outlived its TTL 1" in page.words
    assert "Unused means for 30 days, unless a policy says otherwise." in page.words
    assert page.links["auth 1.x"] == "/modules/platform/auth/?tab=removal&range=1.x"
    assert "Sunset auth 1.x" in page.links
    for query, labels in {
        "?rule=unused-range": {"auth 1.x"},
        "?rule=expired-deployment": {"tv-home/preview"},
        "?owner=tv": {"tv-home/preview"},
        "?owner=-": set(),
        "?q=auth": {"auth 1.x"},
        "?tier=preprod": {"tv-home/preview"},
        "?state=closed": set(),
    }.items():
        cells = {cell for row in open_page(owner, f"/findings/{query}").rows for cell in row}
        assert cells & {"auth 1.x", "tv-home/preview"} == labels, query


def test_findings_tell_when_data_was_last_swept(owner: Client) -> None:
    assert "No sweep has run yet" in open_page(owner, "/findings/").words
    take_in(*PLATFORM)
    epoch = sweep_and_tell().epoch
    assert f"on epoch {epoch}." in open_page(owner, "/findings/").words


def test_closed_findings_say_why_they_closed(owner: Client) -> None:
    flagged_platform()
    execute("auth 1.x")
    take_in(ended("tv-home/preview", 0))
    sweep_and_tell(NOW + DAY)
    rows = open_page(owner, "/findings/?state=closed").rows
    reasons = {cells[1]: cells[-1] for cells in rows if len(cells) > 2}
    assert reasons["auth 1.x"] == "Closed sunset"
    assert reasons["tv-home/preview"] == "Closed cleared"


def test_sunsets_are_listed_newest_first_with_items_and_who(owner: Client) -> None:
    flagged_platform()
    execute("auth 1.x", now=NOW)
    execute("tv-home/preview", now=NOW + DAY)
    page = open_page(owner, "/sunsets/")
    assert names(page) == ["tv-home/preview", "auth 1.x"]
    assert next(c for c in page.rows if c[0] == "auth 1.x")[1:3] == ["2", "olga"]
    assert names(open_page(owner, "/sunsets/?state=restored")) == []


def test_sunset_page_shows_items_reason_audit_and_who_was_told(owner: Client) -> None:
    flagged_platform()
    sunset = execute("auth 1.x", reason="CVE in 1.x")
    page = open_page(owner, f"/sunsets/{sunset.pk}/")
    for words in ("CVE in 1.x", "2 gone", "identity sunset, on its way", "olga sunset auth 1.x"):
        assert words in page.words, words
    assert [c[:2] for c in page.rows if c[0].startswith("auth 1.")] == [
        ["auth 1.0.0", "version"],
        ["auth 1.1.0", "version"],
    ]


def test_plan_page_names_every_blocker_and_offers_no_button(owner: Client) -> None:
    flagged_platform()
    take_in(version("old-job", "1.0.0", "auth@^1", owner="jobs"))
    refresh(NOW)
    findings = open_page(owner, "/findings/")
    page = open_page(owner, findings.links["Sunset auth 1.x"])
    assert "Not now: 1 thing stands in the way." in page.words
    assert "old-job 1.0.0 only satisfiable by: declares ^1" in page.words
    assert not any("Sunset" in button for form in page.forms for button in form.buttons)
