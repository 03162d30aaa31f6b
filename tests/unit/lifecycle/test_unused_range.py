"""Rule unused-range: which lines it flags, since when, and what it never flags."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.rules.base import Flag
from lifecycle.rules.facts import Facts
from lifecycle.rules.unused_range import NAME, flag_unused_ranges
from lineage.lines import LineFacts, LineState, judge
from tests.unit.lifecycle.line_facts import NOW, UNUSED_FOR, ago, line
from tests.unit.lifecycle.rule_policies import policies

SECOND = timedelta(seconds=1)


def flags(*facts: LineFacts, unused_for: timedelta = UNUSED_FOR) -> list[Flag]:
    known = Facts(NOW, lines=facts)
    return list(flag_unused_ranges(known, policies(NAME, unused_for_days=unused_for.days)))


def flagged(*facts: LineFacts, unused_for: timedelta = UNUSED_FOR) -> list[str]:
    return [flag.line for flag in flags(*facts, unused_for=unused_for)]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, LineState.UNUSED),
        ({"holds_newest": True}, LineState.NEWEST),
        ({"is_in_use": True, "live_prod": 1}, LineState.IN_USE),
        ({"held_by": 1, "consumers": 1}, LineState.HELD),
        ({"consumers": 5}, LineState.UNUSED),  # they can all move elsewhere
        ({"vouched_since": None}, LineState.UNKNOWN),
        ({"last_used_at": ago(days=29)}, LineState.WAITING),
        ({"newest_published_at": ago(days=29)}, LineState.WAITING),
        ({"vouched_since": ago(days=29)}, LineState.WAITING),
        ({"last_used_at": None}, LineState.UNUSED),
        ({"last_used_at": None, "newest_published_at": None}, LineState.UNUSED),
        ({"version_ids": (), "sunset_count": 2}, LineState.SUNSET),
        ({"version_ids": ()}, LineState.EMPTY),
    ],
)
def test_line_stands_where_its_facts_put_it_and_only_unused_ones_are_flagged(
    changes: dict[str, object], state: LineState
) -> None:
    facts = line(**changes)
    assert judge(facts, now=NOW, unused_for=UNUSED_FOR).state is state
    assert flagged(facts) == (["1.x"] if state is LineState.UNUSED else [])


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ({"holds_newest": True}, {"is_in_use": True, "live_prod": 1}),
        ({"is_in_use": True, "live_prod": 1}, {"held_by": 1}),
        ({"held_by": 1}, {"vouched_since": None}),
        ({"vouched_since": None}, {"last_used_at": ago(days=1)}),
        ({"version_ids": (), "sunset_count": 1}, {"holds_newest": True}),
    ],
)
def test_state_that_outranks_another_is_the_one_told(
    stronger: dict[str, object], weaker: dict[str, object]
) -> None:
    alone = judge(line(**stronger), now=NOW, unused_for=UNUSED_FOR)
    both = judge(line(**(weaker | stronger)), now=NOW, unused_for=UNUSED_FOR)
    assert both.state is alone.state


@pytest.mark.parametrize("field", ["last_used_at", "newest_published_at", "vouched_since"])
@pytest.mark.parametrize(
    ("at", "is_flagged"),
    [
        (NOW - UNUSED_FOR - SECOND, True),
        (NOW - UNUSED_FOR, True),
        (NOW - UNUSED_FOR + SECOND, False),
    ],
)
def test_wait_is_over_at_the_very_instant_it_ends(
    field: str, at: datetime, is_flagged: bool
) -> None:
    assert flagged(line(**{field: at})) == (["1.x"] if is_flagged else [])


def test_wait_of_no_days_flags_what_fell_out_of_use_now() -> None:
    assert flagged(line(last_used_at=NOW), unused_for=timedelta()) == ["1.x"]


def test_waiting_line_says_from_when_on_it_may_go() -> None:
    verdict = judge(line(last_used_at=ago(days=10)), now=NOW, unused_for=UNUSED_FOR)
    assert verdict.since == ago(days=10)
    assert verdict.free_at == ago(days=10) + UNUSED_FOR
    assert "only 10 days have passed since its last use" in verdict.reason


@pytest.mark.parametrize(
    ("latest", "words"),
    [
        ({"last_used_at": ago(days=40)}, "its last use"),
        ({"newest_published_at": ago(days=40)}, "the publication of its newest version"),
        ({"vouched_since": ago(days=40)}, "the day its source began to vouch"),
    ],
)
def test_unused_time_counts_from_the_latest_cause_and_names_it(
    latest: dict[str, object], words: str
) -> None:
    (flag,) = flags(line(**latest))
    assert flag.since == ago(days=40)
    assert flag.reason == f"Nobody has used it for 40 days, counted from {words}."


def test_wholly_unused_major_is_flagged_in_place_of_its_minors() -> None:
    assert flagged(line("1.x"), line("1.0.x"), line("1.4.x")) == ["1.x"]


def test_unused_minors_are_flagged_where_their_major_is_not() -> None:
    used = {"is_in_use": True, "live_prod": 1}
    assert flagged(
        line("1.x", **used), line("1.0.x"), line("1.3.x", held_by=1), line("1.4.x", **used)
    ) == ["1.0.x"]


def test_unused_minor_of_the_newest_major_is_flagged_but_never_the_newest_minor() -> None:
    newest = {"holds_newest": True}
    assert flagged(line("2.x", **newest), line("2.0.x"), line("2.1.x", **newest)) == ["2.0.x"]


def test_minors_are_those_of_their_own_module() -> None:
    other = line("1.0.x", module_id=8, module="jobs")
    parent = line("1.x", module_id=8, module="jobs", held_by=1)
    found = flags(line("1.x"), parent, other)
    assert [(flag.module_id, flag.line) for flag in found] == [(7, "1.x"), (8, "1.0.x")]


def test_flag_carries_owner_subject_and_the_evidence_it_rests_on() -> None:
    (flag,) = flags(line("1.x", consumers=2))
    assert (flag.rule, flag.subject, flag.owner_id) == (NAME, "module:7:line:1.x", 3)
    assert (flag.version_ids, flag.policy_name, flag.is_automatic) == ((1, 2), "all", False)
    assert flag.evidence == {
        "label": "auth 1.x",
        "versions": 2,
        "newest": "1.4.2",
        "newest_published_at": ago(days=200).isoformat(),
        "last_used_at": ago(days=90).isoformat(),
        "vouched_since": ago(days=300).isoformat(),
        "live": 0,
        "held_by": 0,
    }


instants = st.one_of(st.none(), st.integers(0, 120).map(lambda days: ago(days=days)))
use = st.sampled_from([0, 0, 0, 1])
minors = st.fixed_dictionaries(
    {
        "last_used_at": instants,
        "newest_published_at": instants,
        "held_by": use,
        "live_prod": use,
        "version_ids": st.sampled_from([(), (1,), (1, 2)]),
    }
)


@st.composite
def modules(draw: st.DrawFn) -> list[LineFacts]:
    """The lines of one module: majors that sum up their minors, the newest in the last."""
    vouched = draw(instants)
    found: list[LineFacts] = []
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    for major, count in enumerate(shape):
        parts = []
        for minor in range(count):
            stated = draw(minors)
            is_last = (major, minor) == (len(shape) - 1, count - 1)
            stated["holds_newest"] = is_last and bool(stated["version_ids"])
            stated["is_in_use"] = bool(stated["live_prod"] and stated["version_ids"])
            parts.append(line(f"{major}.{minor}.x", vouched_since=vouched, **stated))
        found += [_sum_of(f"{major}.x", parts), *parts]
    return found


def _sum_of(name: str, parts: list[LineFacts]) -> LineFacts:
    def latest(field: str) -> datetime | None:
        return max(filter(None, (getattr(part, field) for part in parts)), default=None)

    return line(
        name,
        version_ids=tuple(pk for part in parts for pk in part.version_ids),
        live_prod=sum(part.live_prod for part in parts),
        is_in_use=any(part.is_in_use for part in parts),
        held_by=sum(part.held_by for part in parts),
        holds_newest=any(part.holds_newest for part in parts),
        last_used_at=latest("last_used_at"),
        newest_published_at=latest("newest_published_at"),
        vouched_since=parts[0].vouched_since,
    )


def _may_go(facts: LineFacts) -> bool:
    """The vocabulary's words, one condition after the other."""
    instants = (facts.last_used_at, facts.newest_published_at, facts.vouched_since)
    return (
        bool(facts.version_ids)
        and not facts.holds_newest
        and not facts.is_in_use
        and not facts.held_by
        and facts.vouched_since is not None
        and all(at is None or at <= NOW - UNUSED_FOR for at in instants)
    )


@given(modules())
def test_flags_are_exactly_the_coarsest_lines_that_may_go(facts: list[LineFacts]) -> None:
    may_go = {fact.line for fact in facts if _may_go(fact)}
    coarsest = {fact.line for fact in facts if fact.line in may_go and fact.parent not in may_go}
    found = flagged(*facts)
    assert set(found) == coarsest
    assert len(found) == len(coarsest)


@given(modules(), st.integers(0, 60))
def test_longer_wait_never_frees_another_version(facts: list[LineFacts], days: int) -> None:
    def versions_under(names: list[str]) -> set[str]:
        minor_lines = (fact for fact in facts if fact.level == "minor" and fact.version_ids)
        return {f.line for f in minor_lines if f.line in names or f.parent in names}

    shorter = flagged(*facts, unused_for=timedelta(days=days))
    longer = flagged(*facts, unused_for=timedelta(days=days + 1))
    assert versions_under(longer) <= versions_under(shorter)
