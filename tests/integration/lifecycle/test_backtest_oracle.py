"""A backtest says what a plain day-by-day replay of the same records says."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any

import pytest

from lifecycle.backtest.exempting import ExemptHistory
from lifecycle.backtest.replay import Gone, Outcome, Replay
from lifecycle.policies.precedence import Rulebook
from lifecycle.selectors.policies import rulebook
from lineage.models import Version
from lineage.selectors.window import days_before
from lineage.services.record import read_record
from lineage.services.snapshot import refresh
from lineage.simulation import SOURCE, Scale, simulate
from tests.factories.platform import lines_of, load
from tests.replay_oracle import Plain
from tests.replay_policies import Fate, Plainly, Settings

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DEMO_SIZE = os.environ.get("BACKTEST_AT_DEMO_SIZE")
HASTY = Settings(
    unused_days=3, keep_newest=1, unused_version_days=4, idle_days=12, superseded_days=2,
    expired_grace={"preprod": 2, "prod": 0}, line_grace=2,
)  # fmt: skip


def records_of(scale: Scale) -> Iterator[dict[str, Any]]:
    """A simulated platform, with use reported now and then and old versions that come back."""
    random = Random(scale.seed)
    published: dict[str, list[dict[str, Any]]] = {}
    for number, record in enumerate(simulate(scale)):
        yield record
        if record["type"] == "version":
            published.setdefault(record["module"], []).append(record)
        if record["type"] != "deployment":
            continue
        started = datetime.fromisoformat(record["started_at"])
        if random.random() < 0.3:
            used = started + timedelta(days=random.uniform(0, 40))
            yield {"type": "usage", "deployment": record["id"], "last_used_at": text(used)}
        if random.random() < 0.08:
            old = random.choice(published[record["module"]])
            again = started + timedelta(days=random.uniform(0, 30))
            yield record | {
                "id": f"back-{number}", "version": old["version"], "started_at": text(again),
                "environment": random.choice(("prod", "staging")), "tier": None,
            }  # fmt: skip


def text(at: datetime) -> str:
    return min(at, NOW).replace(microsecond=0).isoformat()


def taken_in(scale: Scale, *, is_plain: bool = False) -> list[dict[str, Any]]:
    records = list(simulate(scale) if is_plain else records_of(scale))
    told = [{k: v for k, v in record.items() if v is not None} for record in records]
    assert load(BytesIO(lines_of(told)), source=SOURCE, now=NOW).rejected == 0
    refresh(NOW)
    return told


def hasty_rulebook() -> Rulebook:
    """The defaults, set as ``HASTY`` has them."""
    days = {
        "unused-range": {"unused_for_days": 3},
        "unused-version": {"keep_newest": 1, "unused_for_days": 4},
        "idle-deployment": {"idle_for_days": 12},
        "superseded-deployment": {"superseded_for_days": 2},
    }
    grace = {"Unused ranges": 2, "Expired in preproduction": 2}
    return Rulebook(
        [
            replace(
                policy,
                settings=replace(policy.settings, **days.get(policy.rule, {})),
                terms=replace(policy.terms, grace=timedelta(days=grace.get(policy.name, 0))),
            )
            for policy in rulebook().policies
        ]
    )


def replayed(book: Rulebook, looks: list[datetime]) -> Outcome:
    replay = Replay(read_record(NOW), book, ExemptHistory(), looks)
    assert list(replay.run()) == list(range(1, len(looks) + 1))
    return replay.outcome


def told_of(outcome: Outcome) -> Counter[Any]:
    words = read_record(NOW).words
    module = {pk: one.name for pk, one in words.modules.items()}
    by_id = {row.id: row for row in read_record(NOW).deployments}
    of_version = dict(versions())

    def fate(gone: Gone) -> Any:
        flag = gone.flag
        if flag.deployment_id is not None:
            row = by_id[flag.deployment_id]
            what: tuple[str, ...] = (row.key, row.started_at.isoformat())
        else:
            what = (module[flag.module_id], flag.line) if flag.line else (module[flag.module_id],)
        again = sorted(
            (u.at, of_version[u.version_id] if u.version_id else ("", ""), u.by.started_at)
            for u in gone.used_again
        )
        went = frozenset(of_version[pk] for pk in gone.version_ids)
        return flag.rule, what, gone.flagged_at, gone.gone_at, went, round(gone.days, 6), *again

    return Counter(fate(gone) for gone in outcome.gone)


def versions() -> Iterator[tuple[int, tuple[str, str]]]:
    for pk, name, number in Version.objects.values_list("id", "module__name", "version"):
        yield pk, (name, number)


def expected(fates: list[Fate]) -> Counter[Any]:
    return Counter(
        (
            fate.rule, fate.what, fate.flagged, fate.gone, fate.versions, round(fate.days, 6),
            *sorted((at, version or ("", ""), started) for at, version, _, started in fate.again),
        )
        for fate in fates
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hasty_policies_take_what_a_plain_replay_takes_and_see_it_used_again(seed: int) -> None:
    records = taken_in(Scale(until=NOW, modules=40, deployments=700, days=60, seed=seed))
    looks = days_before(NOW, 50).ends
    outcome = replayed(hasty_rulebook(), looks)
    plain = expected(Plainly(Plain(records), HASTY).replay(looks))
    assert told_of(outcome) == plain
    assert sum(bool(gone.used_again) for gone in outcome.gone) > 2
    assert {rule for rule, *_ in plain} >= {
        "unused-range", "unused-version", "expired-deployment", "idle-deployment",
        "superseded-deployment",
    }  # fmt: skip


def test_the_default_policies_take_what_a_plain_replay_takes() -> None:
    scale = Scale(until=NOW, modules=60, deployments=1_000, days=180, seed=4)
    records = taken_in(scale)
    looks = days_before(NOW, 180).ends
    outcome = replayed(rulebook(), looks)
    assert told_of(outcome) == expected(Plainly(Plain(records), Settings()).replay(looks))
    assert outcome.announced == len(outcome.gone) + outcome.dropped + outcome.waiting


@pytest.mark.skipif(not DEMO_SIZE, reason="minutes: set BACKTEST_AT_DEMO_SIZE=1")
@pytest.mark.parametrize("is_plain", [True, False])
def test_at_the_size_of_the_demo(is_plain: bool) -> None:
    records = taken_in(Scale(until=NOW), is_plain=is_plain)
    looks = days_before(NOW, 180).ends
    outcome = replayed(rulebook(), looks)
    assert told_of(outcome) == expected(Plainly(Plain(records), Settings()).replay(looks))
