"""Where a line stands, and whether it can go: yes, no or not yet, and who is in the way."""

from datetime import UTC, datetime, timedelta

import pytest

from lineage.exceptions import UnknownLine
from lineage.ingest.bulk import graph_lock
from lineage.lines import LineState, judge
from lineage.selectors.lines import line_facts, vouched_since
from lineage.selectors.removal import Removal, removal_of
from lineage.selectors.versions import version_list
from lineage.services.retirement import sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.platform import NOW, module, platform, version
from tests.queries import asked

pytestmark = pytest.mark.django_db

UNUSED_FOR = timedelta(days=30)
SOMETHING_RUNS = "else/prod runs else 1.0.0 in prod since 2025-01-01"


def removal(line: str, name: str = "auth", ecosystem: str = "platform") -> Removal:
    return removal_of(module(name, ecosystem), line, now=NOW, unused_for=UNUSED_FOR)


def answer(line: str, name: str = "auth", ecosystem: str = "platform") -> tuple[str, LineState]:
    found = removal(line, name, ecosystem)
    return found.verdict, found.line.state


def blockers(line: str) -> list[tuple[str, str, str]]:
    found = removal(line)
    assert found.total_blockers == len(found.blockers)
    return [(blocker.kind, blocker.name, blocker.owner) for blocker in found.blockers]


def test_a_line_nobody_uses_can_go_and_says_since_when() -> None:
    platform("auth 1.0.0 on 2025-01-01", "auth 2.0.0 on 2025-02-01", SOMETHING_RUNS)
    assert answer("1.x") == ("yes", LineState.UNUSED)
    found = removal("1.x")
    assert found.line.since == datetime(2025, 1, 1, tzinfo=UTC)
    assert found.line.free_at == datetime(2025, 1, 31, tzinfo=UTC)
    assert found.sentence.startswith("Yes, auth 1.x can be removed.")
    assert blockers("1.x") == []


def test_the_line_of_the_newest_version_cannot_go_however_unused() -> None:
    platform("auth 1.0.0", "auth 2.0.0 on 2025-02-01", SOMETHING_RUNS)
    assert answer("2.x") == ("no", LineState.NEWEST)
    assert answer("2.0.x") == ("no", LineState.NEWEST)
    assert blockers("2.x") == [("newest", "auth 2.0.0", "")]


def test_a_line_in_use_names_the_deployments_that_run_or_reach_it_production_first() -> None:
    platform(
        """
        auth 1.0.0
        auth 2.0.0
        lib 1.0.0 -> auth@^1
        tv 1.0.0 by media -> lib@*
        tv/test runs tv 1.0.0 in test
        tv/prod runs tv 1.0.0 in prod
        auth/prod runs auth 1.0.0 in prod
        """
    )
    assert answer("1.x") == ("not_yet", LineState.IN_USE)
    assert blockers("1.x") == [
        ("newer_not_deployed", "auth/prod", ""),
        ("live_deployment", "tv/prod", "media"),
        ("live_deployment", "tv/test", "media"),
        ("only_satisfiable_by", "lib 1.0.0", ""),
    ]
    facts = removal("1.x").facts
    assert (facts.live_prod, facts.live_preprod, facts.last_used_at) == (2, 1, NOW)


def test_a_line_is_held_by_a_consumer_that_nothing_else_satisfies() -> None:
    platform(
        "auth 1.0.0\nauth 2.0.0\nlib 1.0.0 by data -> auth@1.x\nany 1.0.0 -> auth@*",
        SOMETHING_RUNS,
    )
    assert answer("1.x") == ("not_yet", LineState.HELD)
    assert blockers("1.x") == [("only_satisfiable_by", "lib 1.0.0", "data")]
    platform("lib 1.1.0 -> auth@^2")
    assert answer("1.x") == ("yes", LineState.UNUSED)


def test_an_optional_dependency_neither_uses_nor_holds() -> None:
    platform(
        "auth 1.0.0\nauth 2.0.0\nlib 1.0.0 -> auth@^1?",
        "lib/prod runs lib 1.0.0 in prod since 2025-01-01",
    )
    assert answer("1.x") == ("yes", LineState.UNUSED)


def test_unknown_is_not_unused_where_no_source_vouches() -> None:
    platform(
        {"ecosystem": "npm", "module": "auth", "version": "1.0.0"},
        {"ecosystem": "npm", "module": "auth", "version": "2.0.0"},
        SOMETHING_RUNS,
    )
    assert answer("1.x", ecosystem="npm") == ("not_yet", LineState.UNKNOWN)
    found = removal("1.x", ecosystem="npm")
    assert [blocker.kind for blocker in found.blockers] == ["unvouched"]
    assert "npm" in found.line.reason
    assert set(vouched_since()) == {"platform"}


@pytest.mark.parametrize(
    ("records", "since"),
    [
        (["auth 1.0.0 on 2026-03-20"], "2026-03-20"),
        (
            ["auth 1.0.0", "auth/prod runs auth 1.0.0 in prod since 2026-01-01 until 2026-03-25"],
            "2026-03-25",
        ),
        (
            [
                "auth 1.0.0",
                "tv 1.0.0 -> auth@^1",
                "tv 1.1.0 -> auth@^2",
                "tv/prod runs tv 1.0.0 in prod",
                "tv/prod runs tv 1.1.0 in prod since 2026-03-21",
            ],
            "2026-03-21",
        ),
        (
            [
                "auth 1.0.0",
                {"type": "source", "name": "ci", "vouches_since": "2026-03-10"},
            ],
            "2026-03-10",
        ),
    ],
)
def test_the_wait_counts_from_the_latest_of_end_publication_and_vouching(records, since) -> None:
    platform("auth 2.0.0 on 2025-01-01", SOMETHING_RUNS, *records)
    found = removal("1.x")
    assert (found.verdict, found.line.state) == ("not_yet", LineState.WAITING)
    assert found.line.since == datetime.fromisoformat(since).replace(tzinfo=UTC)
    assert found.line.free_at == found.line.since + UNUSED_FOR
    later = removal_of(module("auth"), "1.x", now=found.line.free_at, unused_for=UNUSED_FOR)
    assert later.verdict == "yes"


def test_a_sunset_line_and_one_nobody_published_on_can_go() -> None:
    platform("auth 1.0.0", "auth 2.0.0", SOMETHING_RUNS)
    platform({"type": "yank", "module": "auth", "version": "0.1.0"})
    with graph_lock():
        sunset_versions([version("auth@1.0.0").pk], at=NOW)
    refresh(NOW)
    assert answer("1.x") == ("yes", LineState.SUNSET)
    assert answer("0.x") == ("yes", LineState.EMPTY)


def test_what_was_observed_at_run_time_outranks_resolution() -> None:
    platform(
        "auth 1.0.0\nauth 2.0.0\ntv 1.0.0 -> auth@*",
        "tv/prod runs tv 1.0.0 in prod with auth@1.0.0",
    )
    live = {
        row.version.version: row.live_prod for row in version_list(module("auth"), now=NOW).rows
    }
    assert live == {"1.0.0": 1, "2.0.0": 0}
    assert answer("1.x") == ("not_yet", LineState.IN_USE)
    assert blockers("1.x") == [("observed_use", "tv/prod", "")]


def test_every_line_stands_once_with_distinct_counts() -> None:
    platform(
        """
        auth 1.0.0
        auth 1.1.0
        auth 2.0.0
        tv 1.0.0 -> auth@1.0.x, auth@^1, auth@^2
        tv/prod runs tv 1.0.0 in prod
        """
    )
    facts = {f.line: f for f in line_facts(now=NOW, module_ids=[module("auth").pk])}
    assert {line: (f.level, f.parent, f.live) for line, f in facts.items()} == {
        "1.x": ("major", "", 1),
        "2.x": ("major", "", 1),
        "1.0.x": ("minor", "1.x", 1),
        "1.1.x": ("minor", "1.x", 1),
        "2.0.x": ("minor", "2.x", 1),
    }
    assert {f.consumers for f in facts.values()} == {1}


def test_a_removal_is_the_judgement_of_the_line_it_asks_about() -> None:
    platform("auth 1.0.0", "auth 2.0.0", "auth 3.0.0", "tv 1.0.0 -> auth@^2", SOMETHING_RUNS)
    for facts in line_facts(now=NOW, module_ids=[module("auth").pk], published_within=UNUSED_FOR):
        verdict = judge(facts, now=NOW, unused_for=UNUSED_FOR)
        assert removal(facts.line).line == verdict


def test_a_line_the_module_does_not_have_is_an_error() -> None:
    platform("auth 1.0.0")
    with pytest.raises(UnknownLine, match=r"no line 7\.x"):
        removal("7.x")


def test_lines_and_removal_cost_as_many_queries_for_many_consumers_as_for_few() -> None:
    platform("auth 1.0.0", "auth 2.0.0", "tv 1.0.0 -> auth@^1", "tv/prod runs tv 1.0.0 in prod")
    asks = [lambda: removal("1.x"), lambda: line_facts(now=NOW)]
    few = [asked(ask) for ask in asks]
    platform(
        *(f"app-{n} 1.0.0 by team-{n} -> auth@1.0.x" for n in range(40)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in prod" for n in range(40)),
        *(f"auth 1.{n}.0" for n in range(1, 20)),
    )
    assert removal("1.x").total_blockers > 60
    assert [asked(ask) for ask in asks] == few


def test_of_many_that_hold_a_line_all_shown_are_named_and_all_are_counted() -> None:
    holders = [f"app-{n:03} 1.0.0 -> auth@^1" for n in range(230)]
    platform("auth 1.0.0", "auth 2.0.0", SOMETHING_RUNS, *holders)
    found = removal("1.x")
    assert (found.facts.consumers, found.facts.held_by, found.total_blockers) == (230, 230, 230)
    assert len(found.blockers) == 50
    assert all(blocker.name and "declares ^1" in blocker.detail for blocker in found.blockers)
