"""The gate's decision: a table of facts, policies and what comes of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.exceptions import LooserPolicy
from lifecycle.gate import KINDS, Facts, GatePolicy, Level, Stricter, fixes, judge, stricter
from lifecycle.gate_fixes import Candidate, Takes, fix_of
from lineage.ingest.manifest import Asked
from lineage.versioning import max_satisfying

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
ASKED = Asked("platform", "json", "^1")
PIN = Asked("platform", "json", "1.4.0")
POLICY = GatePolicy(
    {
        **dict.fromkeys(("sunset", "yanked", "unsatisfiable"), Level.FAIL),
        **dict.fromkeys(("dying", "deprecated", "behind", "unknown"), Level.WARN),
    },
    dying_days=14,
    max_majors=1,
    max_days=365,
)


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def version(text: str = "1.4.0", **more: Any) -> Candidate:
    major, minor, _ = text.split(".", 2)
    place = int(major) * 10_000 + int(minor) * 100
    return Candidate(text, more.pop("place", place), f"{major}.x", f"{major}.{minor}.x", **more)


def taken(**more: Any) -> Facts:
    return Facts(ASKED, taken=version(**more), newest="3.0.0", yanked_because="it breaks\n all.")


CASES: list[tuple[str, Facts, str, list[str]]] = [
    ("sound", taken(), "pass", []),
    ("unknown module", Facts(ASKED, is_module_known=False), "warn", ["unknown"]),
    ("unknown version", Facts(ASKED, is_version_known=False), "warn", ["unknown"]),
    ("nothing satisfies", Facts(ASKED), "fail", ["unsatisfiable"]),
    ("yanked", taken(is_yanked=True), "fail", ["yanked"]),
    ("sunset", taken(is_sunset=True), "fail", ["sunset"]),
    ("deprecated", taken(is_deprecated=True), "warn", ["deprecated"]),
    ("dies far off", taken(is_deprecated=True, dies_at=day(15)), "warn", ["dying"]),
    ("dies on the last day", taken(is_deprecated=True, dies_at=day(14)), "fail", ["dying"]),
    ("should be gone", taken(is_deprecated=True, dies_at=day(-90)), "fail", ["dying"]),
    ("one major behind", taken(majors=1), "pass", []),
    ("two majors behind", taken(majors=2), "warn", ["behind"]),
    ("a year behind", taken(days=365), "pass", []),
    ("more than a year behind", taken(days=366), "warn", ["behind"]),
    ("both at once say it once", taken(days=999, majors=9), "warn", ["behind"]),
    (
        "the worst first",
        taken(is_deprecated=True, is_yanked=True, is_sunset=True, majors=2),
        "fail",
        ["sunset", "yanked", "deprecated", "behind"],
    ),
]


@pytest.mark.parametrize(
    ("facts", "verdict", "kinds"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_verdict_is_that_of_the_worst_reason(
    facts: Facts, verdict: str, kinds: list[str]
) -> None:
    found = judge([facts], POLICY, now=NOW)
    assert (found.level.word, [reason.kind for reason in found.reasons]) == (verdict, kinds)
    assert found.counts == {kind: kinds.count(kind) for kind in KINDS}
    assert all(reason.sentence.endswith(".") for reason in found.reasons)


def test_reasons_are_told_in_one_line() -> None:
    (reason,) = judge([taken(is_yanked=True)], POLICY, now=NOW).reasons
    assert reason.sentence == "json 1.4.0 is yanked: it breaks all."


def test_nothing_wanted_passes() -> None:
    assert judge([], POLICY, now=NOW).level is Level.PASS


@given(st.sets(st.sampled_from(KINDS)), st.sets(st.sampled_from(KINDS)), st.integers(0, 60))
def test_whatever_a_request_asks_no_verdict_gets_milder(
    fail: set[str], warn: set[str], days: int
) -> None:
    asks = Stricter(fail=fail, warn=warn - fail, dying_days=days, max_majors=days, max_days=days)
    try:
        policy = stricter(POLICY, asks)
    except LooserPolicy:
        return
    for _, facts, _, _ in CASES:
        before, after = judge([facts], POLICY, now=NOW), judge([facts], policy, now=NOW)
        assert after.level >= before.level


@pytest.mark.parametrize(
    ("asks", "field"),
    [
        (Stricter(warn=["yanked"]), "warn"),
        (Stricter(fail=["evil"]), "fail"),
        (Stricter(fail=["behind"], warn=["behind"]), "warn"),
        (Stricter(dying_days=13), "dying_days"),
        (Stricter(max_majors=2), "max_majors"),
        (Stricter(max_days=366), "max_days"),
    ],
)
def test_a_looser_policy_is_refused_by_name(asks: Stricter, field: str) -> None:
    with pytest.raises(LooserPolicy) as caught:
        stricter(POLICY, asks)
    assert caught.value.field == field


def test_a_stricter_policy_counts() -> None:
    policy = stricter(POLICY, Stricter(fail=["behind"], max_majors=0, dying_days=30))
    assert judge([taken(majors=1)], policy, now=NOW).level is Level.FAIL
    dying = taken(is_deprecated=True, dies_at=day(29))
    assert judge([dying], policy, now=NOW).level is Level.FAIL


def rows(text: str) -> tuple[Candidate, ...]:
    """Versions as words; ``!`` marks one that is yanked, ``-`` one that is a prerelease."""
    found = []
    for place, word in enumerate(text.split()):
        number = word.rstrip("!")
        is_pre = "-" in number
        found.append(
            version(number, place=place, is_yanked=word.endswith("!"), is_prerelease=is_pre)
        )
    return tuple(found)


def taking(every: tuple[Candidate, ...]) -> Takes:
    """What ranges take among versions that can be taken."""
    standing = [one.version for one in every if not one.is_yanked]
    return lambda range: max_satisfying(standing, range)


FIXES = [
    ("the newest of the same minor line", "1.4.0! 1.4.1 1.4.2 1.5.0 2.0.0", "1.4.2", "patch"),
    ("the newest of the same major line", "1.4.0! 1.5.0 1.6.0 2.0.0", "1.6.0", "minor"),
    ("the next major line, not the last", "1.4.0! 2.0.0 2.1.0 3.0.0", "2.1.0", "major"),
    ("back where nothing later is sound", "1.3.0 1.4.0! 1.5.0!", "1.3.0", "back"),
    ("no prerelease where there is a release", "1.4.0! 1.4.1-a 1.5.0", "1.5.0", "minor"),
    ("a prerelease rather than nothing", "1.4.0! 1.4.1-a", "1.4.1-a", "patch"),
    ("nothing where nothing is sound", "1.4.0! 1.5.0!", None, None),
]


@pytest.mark.parametrize(
    ("versions", "to", "step"), [case[1:] for case in FIXES], ids=[case[0] for case in FIXES]
)
def test_the_smallest_fix(versions: str, to: str | None, step: str | None) -> None:
    every = rows(versions)
    start = next(one for one in every if one.version == "1.4.0")
    fix = fix_of(PIN, start, every, taking(every))
    assert (fix and fix.version, fix and fix.step) == (to, step)


def test_what_the_provider_asks_people_to_move_to_comes_first() -> None:
    every = rows("1.4.0! 1.4.1 2.0.0 2.3.0 3.0.0")
    fix = fix_of(ASKED, every[0], every, taking(every), "^2.3")
    assert fix is not None
    assert (fix.version, fix.range) == ("2.3.0", "^2.3.0")
    no_range = fix_of(PIN, every[0], every, taking(every), "see the wiki!")
    assert no_range is not None
    assert no_range.version == "1.4.1"


def test_a_locked_version_is_replaced_by_a_version() -> None:
    every = rows("1.4.0! 1.4.1")
    fix = fix_of(Asked("platform", "json", version="1.4.0"), every[0], every, taking(every))
    assert fix is not None
    assert (fix.range, fix.sentence) == ("", "Take json 1.4.1.")


def test_what_is_too_far_behind_is_moved_far_enough() -> None:
    facts = taken(majors=3)
    every = (
        version("1.4.0", majors=3),
        version("2.0.0", majors=2),
        version("3.0.0", majors=1),
        version("4.0.0"),
    )
    verdict = judge([facts], POLICY, now=NOW)
    (fix,) = fixes(verdict, POLICY, {ASKED: facts}, {("platform", "json"): (every, taking(every))})
    assert (fix.version, fix.sentence) == ("3.0.0", "Declare json ^3.0.0: it takes 3.0.0.")


def test_a_range_that_would_take_the_bad_version_again_is_not_suggested() -> None:
    every = (version("1.3.0"), version("1.4.0", is_deprecated=True))
    fix = fix_of(ASKED, every[1], every, taking(every))
    assert fix is not None
    assert (fix.version, fix.range, fix.step) == ("1.3.0", "1.3.0", "back")
