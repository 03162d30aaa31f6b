"""Rule ``far-behind``: consumers that run on dependencies long overtaken (pure, advisory)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lifecycle.policies.precedence import Policies, RulePolicy
from lifecycle.policies.selection import Subject
from lifecycle.policies.settings import number
from lifecycle.rules.base import Default, Flag, Rule, SubjectKind, counted, module_subject, under
from lifecycle.rules.facts import Facts, LagFacts, Need

NAME = "far-behind"
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class FarBehindSettings:
    """How far is far: by newer major lines, or by days between the publications."""

    majors_behind: int = number(2, "major lines behind, 0 for never", most=1_000)
    days_behind: int = number(730, "days behind, 0 for never")

    def is_far(self, lag: LagFacts) -> bool:
        """Whether a dependency lags by either."""
        by_majors = bool(self.majors_behind) and lag.majors >= self.majors_behind
        by_days = bool(self.days_behind) and (lag.days or 0) >= self.days_behind
        return by_majors or by_days


def flag_far_behind(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag, a consumer at a time, what runs on dependencies that are far behind."""
    by_module: dict[int, list[LagFacts]] = defaultdict(list)
    for lag in facts.lags:
        by_module[lag.module_id].append(lag)
    for lags in by_module.values():
        first = lags[0]
        policy = policies.flagging(Subject(first.ecosystem, first.module, first.owner_id))
        if policy is None:
            continue
        far = [lag for lag in lags if policy.settings.is_far(lag)]
        if far:
            yield _flag(far, policy, facts.now)


def _flag(far: list[LagFacts], policy: RulePolicy, now: datetime) -> Flag:
    far.sort(key=lambda one: (-one.majors, -(one.days or 0), one.dependency, one.version))
    worst, dependencies = far[0], {lag.dependency_id for lag in far}
    instants = [lag.newest_published_at for lag in far if lag.newest_published_at is not None]
    return Flag(
        rule=NAME,
        subject=module_subject(worst.module_id, "behind"),
        module_id=worst.module_id,
        ecosystem=worst.ecosystem,
        owner_id=worst.owner_id,
        since=min(instants, default=now),
        reason=_reason(worst, len(dependencies) - 1),
        size=len(dependencies),
        evidence={
            "label": worst.module,
            "module": worst.module,
            "dependencies": len(dependencies),
            "majors": worst.majors,
            "days": max((lag.days or 0 for lag in far), default=0),
            "named": [
                f"{lag.version}: {lag.dependency} {lag.current} → {lag.newest}"[:300]
                for lag in far[:MOST_NAMED]
            ],
        },
        **under(policy),
    )


def _reason(worst: LagFacts, others: int) -> str:
    runs_on = f"It runs on {worst.dependency} {worst.current}"
    behind = f"{_distance(worst)} behind {worst.newest}"
    if not others:
        return f"{runs_on}, {behind}."
    more = "1 more dependency is" if others == 1 else f"{others:,} more dependencies are"
    return f"{runs_on}, {behind}, and {more} far behind."


def _distance(lag: LagFacts) -> str:
    if lag.majors:
        return counted(lag.majors, "major line")
    return counted(lag.days or 0, "day")


RULE = Rule(
    name=NAME,
    word="Far behind",
    sentence="runs on dependencies that are long overtaken",
    one="is far behind on what it depends on",
    many="modules are far behind on what they depend on",
    mark="behind",
    place=9,
    subject=SubjectKind.MODULE,
    need=Need.LAGS,
    flags=flag_far_behind,
    settings=FarBehindSettings,
    is_actionable=False,
    defaults=(Default("Far behind"),),
)
