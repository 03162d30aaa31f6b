"""Rule ``unused-range``: the coarsest lines that nobody uses (pure)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.policies.precedence import Policies, RulePolicy
from lifecycle.policies.selection import Subject
from lifecycle.policies.settings import number
from lifecycle.rules.base import (
    Default,
    Flag,
    Rule,
    SubjectKind,
    line_subject,
    text_of,
    under,
)
from lifecycle.rules.facts import Facts, Need
from lineage.lines import LineFacts, LineState, LineVerdict, judge

NAME = "unused-range"


@dataclass(frozen=True, slots=True)
class UnusedRangeSettings:
    """How long a line goes unused before it is flagged."""

    unused_for_days: int = number(30, "days without use")


def flag_unused_ranges(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag every wholly unused major line, and the unused minor lines of other majors.

    A line that holds its module's newest version, one in use, one held and one whose
    use nobody vouches for are never flagged (``lineage.lines.judge``).
    """
    majors: dict[int, list[LineFacts]] = defaultdict(list)
    minors: dict[tuple[int, str], list[LineFacts]] = defaultdict(list)
    for line in facts.lines:
        if line.level == "major":
            majors[line.module_id].append(line)
        else:
            minors[line.module_id, line.parent].append(line)
    for module_id, lines in majors.items():
        policy = policies.flagging(_subject(lines[0]))
        if policy is None:
            continue
        for major in lines:
            flag = _judged(major, policy, facts.now)
            if flag is not None:
                yield flag
                continue
            inner = minors.get((module_id, major.line), ())
            flags = (_judged(minor, policy, facts.now) for minor in inner)
            yield from (flag for flag in flags if flag is not None)


def _subject(line: LineFacts) -> Subject:
    return Subject(line.ecosystem, line.module, line.owner_id)


def _judged(line: LineFacts, policy: RulePolicy, now: datetime) -> Flag | None:
    unused_for = timedelta(days=policy.settings.unused_for_days)
    verdict = judge(line, now=now, unused_for=unused_for)
    return _flag(line, verdict, policy) if verdict.state is LineState.UNUSED else None


def _flag(facts: LineFacts, verdict: LineVerdict, policy: RulePolicy) -> Flag:
    assert verdict.since is not None  # noqa: S101 - an unused line always has one
    return Flag(
        rule=NAME,
        subject=line_subject(facts.module_id, facts.line),
        module_id=facts.module_id,
        ecosystem=facts.ecosystem,
        owner_id=facts.owner_id,
        since=verdict.since,
        reason=verdict.reason,
        line=facts.line,
        parent_line=facts.parent,
        version_ids=facts.version_ids,
        size=len(facts.version_ids),
        evidence={
            "label": f"{facts.module} {facts.line}",
            "versions": len(facts.version_ids),
            "newest": facts.newest,
            "newest_published_at": text_of(facts.newest_published_at),
            "last_used_at": text_of(facts.last_used_at),
            "vouched_since": text_of(facts.vouched_since),
            "live": facts.live,
            "held_by": facts.held_by,
        },
        **under(policy),
    )


RULE = Rule(
    name=NAME,
    word="Unused range",
    sentence="in use by nobody and held by nobody",
    one="is unused",
    many="ranges are unused",
    mark="unused",
    place=1,
    subject=SubjectKind.LINE,
    need=Need.LINES,
    flags=flag_unused_ranges,
    settings=UnusedRangeSettings,
    defaults=(
        Default(
            "Unused ranges",
            settings=lambda numbers: UnusedRangeSettings(unused_for_days=numbers.unused_for),
        ),
    ),
)
