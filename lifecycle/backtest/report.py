"""What a replay comes to: totals, weeks, rules and owners (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lifecycle.backtest.replay import Gone


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of things that would have gone."""

    gone: int = 0
    automatic: int = 0  # of them without anybody asking
    versions: int = 0
    deployments: int = 0
    deployment_days: float = 0.0
    used_again: int = 0

    @classmethod
    def of(cls, gone: Iterable[Gone]) -> "Tally":
        """The tally of these."""
        every = list(gone)
        return cls(
            gone=len(every),
            automatic=sum(one.flag.is_automatic for one in every),
            versions=sum(len(one.version_ids) for one in every),
            deployments=sum(one.flag.deployment_id is not None for one in every),
            deployment_days=round(sum(one.days for one in every), 1),
            used_again=sum(bool(one.used_again) for one in every),
        )


@dataclass(frozen=True, slots=True)
class Week:
    """What would have gone in the week from Monday on, and how much of it was used again."""

    monday: date
    gone: int
    used_again: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything at a glance; ``owners`` by id, None for what nobody owns."""

    total: Tally
    weeks: list[Week] = field(default_factory=list)
    rules: Mapping[str, Tally] = field(default_factory=dict)
    owners: Mapping[int | None, Tally] = field(default_factory=dict)


def report_of(gone: Sequence[Gone], looks: Sequence[datetime]) -> Report:
    """The report on what went over these looks; weeks in which nothing went are in it."""
    rules, owners = {g.flag.rule for g in gone}, {g.flag.owner_id for g in gone}
    return Report(
        total=Tally.of(gone),
        weeks=_weeks(gone, looks),
        rules={rule: Tally.of(g for g in gone if g.flag.rule == rule) for rule in sorted(rules)},
        owners={pk: Tally.of(g for g in gone if g.flag.owner_id == pk) for pk in owners},
    )


def _weeks(gone: Sequence[Gone], looks: Sequence[datetime]) -> list[Week]:
    went = Counter(_monday(one.gone_at) for one in gone)
    again = Counter(_monday(one.gone_at) for one in gone if one.used_again)
    mondays = sorted({_monday(at) for at in looks})
    return [Week(monday, went[monday], again[monday]) for monday in mondays]


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())
