"""Backtests are asked for, run once whoever runs them, and started anew after a kill."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.exceptions import InvalidPolicy, PermissionDenied, TooManyBacktests
from lifecycle.models import Backtest, BacktestItem, Exemption, Policy
from lifecycle.permissions import Actor
from lifecycle.policies.validation import PolicyDraft
from lifecycle.selectors.backtests import backtest_items, latest_backtest
from lifecycle.services import backtest_runs
from lifecycle.services.backtest_runs import LEASE, run_backtest, run_due_backtests
from lifecycle.services.backtests import KEPT, MOST_WAITING, ask_backtest
from tests.every_row import digests
from tests.factories.platform import NOW, module, platform

pytestmark = pytest.mark.django_db

ANA = Actor("ana", scopes=frozenset({"read"}))
DRAFT = PolicyDraft(
    name="Previews", rule="expired-deployment", effect="automatic", tier="preprod", grace_days=2
)
# auth 1.x falls out of use on 10 January and comes back by a rollback in March.
STORY = """
    auth 1.0.0 (library) by identity on 2025-06-01
    auth 2.0.0 (library) by identity on 2025-12-01
    tv 1.0.0 by tv-apps on 2025-12-01 -> auth@^1
    tv 2.0.0 by tv-apps on 2026-01-10 -> auth@^2
    tv runs tv 1.0.0 in prod since 2025-12-02
    tv runs tv 2.0.0 in prod since 2026-01-10
    rollback runs tv 1.0.0 in prod since 2026-03-05T08:00:00Z
    preview runs tv 2.0.0 in test since 2026-02-01 for P7D
"""


def clock(*instants: datetime) -> "Ticking":
    return Ticking(list(instants) or [NOW])


class Ticking:
    """A clock that stands, or tells these instants and then the last of them."""

    def __init__(self, instants: list[datetime]) -> None:
        self.instants = instants

    def __call__(self) -> datetime:
        return self.instants.pop(0) if len(self.instants) > 1 else self.instants[0]


def stored(draft: PolicyDraft = DRAFT) -> Policy:
    fields = {name: getattr(draft, name) for name in PolicyDraft.__slots__}
    return Policy.objects.create(
        **fields, created_by="ana", created_at=NOW, updated_by="ana", updated_at=NOW
    )


def done(**asked: object) -> Backtest:
    backtest = ask_backtest(actor=ANA, now=NOW, **asked)  # type: ignore[arg-type]
    assert run_due_backtests(clock()) == 1
    backtest.refresh_from_db()
    assert (backtest.state, backtest.error) == ("done", "")
    return backtest


def gone(backtest: Backtest) -> dict[str, BacktestItem]:
    return {item.label: item for item in backtest_items(backtest, size=200).rows}


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.fixture
def story() -> None:
    platform(STORY)


@pytest.mark.usefixtures("story")
def test_it_says_what_would_have_gone_when_and_who_used_it_again() -> None:
    items = gone(done(days=80))
    line = items["auth 1.x"]
    assert (line.flagged_at, line.gone_at) == (day(2, 9), day(2, 9))
    assert line.used_again_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert line.used_again == [
        {
            "at": "2026-03-05T08:00:00+00:00",
            "deployment": "rollback",
            "environment": "prod",
            "version": "auth 1.0.0",
        }
    ]
    assert (line.versions, line.uses, line.is_automatic) == (1, 1, False)
    preview = items["preview"]
    assert (preview.flagged_at, preview.gone_at) == (day(2, 8), day(2, 11))
    assert (preview.is_automatic, preview.used_again_at) == (True, None)
    assert preview.deployment_days == pytest.approx(
        (NOW - day(2, 11)) / timedelta(days=1), abs=0.01
    )


@pytest.mark.usefixtures("story")
def test_its_totals_and_weeks_are_those_of_its_items() -> None:
    backtest = done(days=80)
    rows = list(BacktestItem.objects.filter(backtest=backtest))
    total = backtest.result["total"]
    assert total["gone"] == len(rows) > 2
    assert total["used_again"] == sum(row.used_again_at is not None for row in rows) == 2
    assert total["versions"] == sum(row.versions for row in rows)
    assert sum(week["gone"] for week in backtest.result["weeks"]) == len(rows)
    assert sum(week["used_again"] for week in backtest.result["weeks"]) == 2
    assert sum(rule["gone"] for rule in backtest.result["rules"]) == len(rows)
    assert sum(owner["gone"] for owner in backtest.result["owners"]) == len(rows)
    assert backtest.result["announced"] >= len(rows)
    assert (backtest.done, backtest.total) == (81, 81)


@pytest.mark.usefixtures("story")
def test_of_a_policy_only_what_it_decides_on_is_told() -> None:
    saved = stored(replace(DRAFT, name="Saved", grace_days=0))
    assert {(i.label, i.policy_name) for i in gone(done(policy_id=saved.pk, days=80)).values()} == {
        ("preview", "Saved")
    }
    drafted = done(policy_id=saved.pk, draft=replace(DRAFT, name="Saved"), days=80)
    assert gone(drafted)["preview"].gone_at == day(2, 10)
    assert latest_backtest(saved.pk) == drafted
    alone = done(draft=DRAFT, days=80)
    assert gone(alone)["preview"].policy_name == "Previews"  # the later of two equal policies


@pytest.mark.usefixtures("story")
def test_what_was_exempt_on_the_day_would_not_have_gone() -> None:
    Exemption.objects.create(
        state="approved", module=module("auth"), line="1.x", reason="r", requested_by="a",
        requested_at=NOW, decided_by="b", decided_at=datetime(2026, 1, 1, tzinfo=UTC),
        expires_at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    assert gone(done(days=80))["auth 1.x"].flagged_at == day(3, 1)


def test_with_nothing_recorded_nothing_would_have_gone() -> None:
    backtest = done(days=10)
    assert (backtest.result["total"]["gone"], gone(backtest)) == (0, {})


@pytest.mark.usefixtures("story")
def test_the_same_question_is_asked_once_while_it_waits() -> None:
    first = ask_backtest(actor=ANA, now=NOW, days=30)
    assert ask_backtest(actor=ANA, now=NOW, days=30) == first
    assert ask_backtest(actor=ANA, now=NOW, days=31) != first
    assert ask_backtest(actor=ANA, now=NOW, days=30, draft=DRAFT) != first
    assert run_due_backtests(clock()) == 3
    assert ask_backtest(actor=ANA, now=NOW, days=30) != first


def test_who_may_not_read_may_not_ask_and_days_have_bounds() -> None:
    with pytest.raises(PermissionDenied):
        ask_backtest(actor=Actor(""), now=NOW)
    for days in (0, 366):
        with pytest.raises(InvalidPolicy):
            ask_backtest(actor=ANA, now=NOW, days=days)


def test_not_everything_can_be_asked_at_once_and_only_the_newest_are_kept() -> None:
    for number in range(MOST_WAITING):
        ask_backtest(actor=ANA, now=NOW, days=number + 1)
    with pytest.raises(TooManyBacktests):
        ask_backtest(actor=ANA, now=NOW, days=99)
    Backtest.objects.update(state="done")
    for number in range(KEPT):
        ask_backtest(actor=ANA, now=NOW + timedelta(hours=number + 1), days=1)
        Backtest.objects.update(state="done")
    assert Backtest.objects.count() == KEPT + 1


@pytest.mark.usefixtures("story")
def test_one_that_runs_is_left_to_its_worker_until_its_lease_is_over() -> None:
    backtest = ask_backtest(actor=ANA, now=NOW, days=5)
    Backtest.objects.update(state="running", claims=1, claimed_until=NOW + LEASE)
    assert run_due_backtests(clock()) == 0
    late = NOW + LEASE + timedelta(seconds=1)
    assert run_due_backtests(clock(late)) == 1
    backtest.refresh_from_db()
    assert (backtest.state, backtest.claims) == ("done", 2)


@pytest.mark.usefixtures("story")
def test_a_worker_killed_on_the_way_leaves_nothing_and_another_starts_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = gone(done(days=80))
    backtest = ask_backtest(actor=ANA, now=NOW, days=80)
    kill = Killed(after=40)
    with pytest.raises(SystemExit):
        run_backtest(backtest.pk, kill)
    backtest.refresh_from_db()
    assert (backtest.state, backtest.done) == ("running", 38)
    assert not backtest.items.exists()
    assert run_due_backtests(clock(NOW + 2 * LEASE)) == 1
    again = gone(backtest)
    assert {label: item.gone_at for label, item in again.items()} == {
        label: item.gone_at for label, item in whole.items()
    }


class Killed(Ticking):
    """A clock on which the process dies."""

    def __init__(self, *, after: int) -> None:
        super().__init__([NOW])
        self.left = after

    def __call__(self) -> datetime:
        self.left -= 1
        if not self.left:
            raise SystemExit
        return NOW


@pytest.mark.usefixtures("story")
def test_a_worker_that_lost_its_claim_keeps_nothing() -> None:
    backtest = ask_backtest(actor=ANA, now=NOW, days=5)

    class Overtaken(Ticking):
        def __call__(self) -> datetime:
            Backtest.objects.filter(state="running").update(claims=7)
            return NOW

    assert not run_backtest(backtest.pk, Overtaken([NOW]))
    backtest.refresh_from_db()
    assert (backtest.state, backtest.items.count()) == ("running", 0)


def test_what_fails_says_so_and_what_kills_its_workers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backtest = ask_backtest(actor=ANA, now=NOW, days=5)
    Backtest.objects.update(state="running", claims=3, claimed_until=NOW - LEASE)
    assert run_due_backtests(clock()) == 0
    backtest.refresh_from_db()
    assert (backtest.state, backtest.error) == ("failed", "3 workers died of it.")
    other = ask_backtest(actor=ANA, now=NOW, days=6, draft=DRAFT)
    Backtest.objects.filter(pk=other.pk).update(draft={"name": "x", "rule": "no such rule"})
    assert run_due_backtests(clock()) == 0
    other.refresh_from_db()
    assert other.state == "failed"
    assert "no such rule" in other.error


@pytest.mark.usefixtures("story")
def test_a_run_changes_no_row_but_its_own() -> None:
    ask_backtest(actor=ANA, now=NOW, days=80)
    before = digests()
    assert backtest_runs.run_due_backtests(clock()) == 1
    after = digests()
    assert {table for table in before if before[table] != after[table]} == {
        "lifecycle_backtest", "lifecycle_backtestitem",
    }  # fmt: skip
