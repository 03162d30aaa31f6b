"""How long what is flagged waits, and how much of it goes in a day."""

from datetime import UTC, datetime, time, timedelta

from lifecycle.backtest.waiting import Waiting, within_caps
from lifecycle.policies.precedence import RulePolicy
from lifecycle.policies.terms import Terms, Window
from lifecycle.rules.base import Flag

SUNDAY = datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)
DAY = timedelta(days=1)


def flag(subject: str = "module:1:line:1.x", *, owner: int | None = 1, **changes: object) -> Flag:
    stated: dict[str, object] = {
        "rule": "unused-range", "subject": subject, "module_id": 1, "ecosystem": "platform",
        "owner_id": owner, "since": SUNDAY, "reason": "", "version_ids": (1, 2), "size": 2,
    }  # fmt: skip
    return Flag(**(stated | changes))  # type: ignore[arg-type]


def under(**terms: object) -> RulePolicy:
    return RulePolicy(name="p", rule="unused-range", terms=Terms(**terms))  # type: ignore[arg-type]


def goes_after(policy: RulePolicy, one: Flag, days: int = 12) -> int | None:
    """How many days after it was flagged it goes."""
    waiting = Waiting()
    for day in range(days):
        if waiting.look([(one, policy)], SUNDAY + day * DAY):
            return day
    return None


def test_without_grace_it_goes_at_the_look_that_flags_it() -> None:
    assert goes_after(under(), flag()) == 0


def test_it_goes_when_its_grace_is_over() -> None:
    assert goes_after(under(grace=3 * DAY), flag()) == 3


def test_what_nobody_owns_waits_the_longer_of_the_two() -> None:
    assert goes_after(under(ownerless_wait=7 * DAY), flag(owner=None)) == 7
    assert goes_after(under(ownerless_wait=7 * DAY, grace=9 * DAY), flag(owner=None)) == 9


def test_it_waits_for_a_day_on_which_its_window_opens() -> None:
    wednesdays = Window(weekdays=(2,), opens=time(9), closes=time(17))
    assert goes_after(under(window=wednesdays), flag()) == 3
    # Over by the end of Wednesday, when the window is closed: the next one counts.
    assert goes_after(under(window=wednesdays, grace=3 * DAY), flag()) == 10


def test_a_window_without_an_end_is_open_to_the_last_instant() -> None:
    assert Window().is_open(SUNDAY)
    assert not Window(closes=time(17)).is_open(SUNDAY)


def test_a_flag_that_breaks_off_starts_anew_and_is_counted_as_dropped() -> None:
    waiting, policy = Waiting(), under(grace=3 * DAY)
    assert waiting.look([(flag(), policy)], SUNDAY) == []
    assert waiting.look([], SUNDAY + DAY) == []
    assert waiting.look([(flag(), policy)], SUNDAY + 2 * DAY) == []
    assert waiting.look([(flag(), policy)], SUNDAY + 4 * DAY) == []
    (due,) = waiting.look([(flag(), policy)], SUNDAY + 5 * DAY)
    assert due.flagged_at == SUNDAY + 2 * DAY
    assert (waiting.announced, waiting.dropped, waiting.standing) == (2, 1, 1)


def test_only_what_was_listed_when_it_was_flagged_goes() -> None:
    waiting, policy = Waiting(), under(grace=DAY)
    waiting.look([(flag(version_ids=(1, 2)), policy)], SUNDAY)
    (due,) = waiting.look([(flag(version_ids=(2, 3)), policy)], SUNDAY + DAY)
    assert due.version_ids == (2,)


def test_a_daily_cap_lets_the_longest_unused_go_first() -> None:
    old, new = flag("a", since=SUNDAY - DAY), flag("b")
    due = Waiting().look([(one, under(daily_cap=3)) for one in (new, old)], SUNDAY)
    assert [one.flag.subject for one in within_caps(due)] == ["a"]
    due = Waiting().look([(one, under(daily_cap=4)) for one in (new, old)], SUNDAY)
    assert [one.flag.subject for one in within_caps(due)] == ["a", "b"]


def test_what_is_larger_than_the_cap_goes_alone_and_no_cap_caps_nothing() -> None:
    due = Waiting().look([(flag(size=9), under(daily_cap=3))], SUNDAY)
    assert len(list(within_caps(due))) == 1
    flags = [(flag(str(number), size=9), under(daily_cap=0)) for number in range(5)]
    assert len(list(within_caps(Waiting().look(flags, SUNDAY)))) == 5
