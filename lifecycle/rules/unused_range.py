"""Rule ``unused-range``: the coarsest lines that nobody uses (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from lifecycle.rules.base import Flag, line_subject
from lineage.lines import LineFacts, LineState, LineVerdict, judge

NAME = "unused-range"


def flag_unused_ranges(
    facts: Iterable[LineFacts], *, now: datetime, unused_for: timedelta
) -> Iterator[Flag]:
    """Flag every wholly unused major line, and the unused minor lines of other majors.

    A line that holds its module's newest version, one in use, one held and one whose
    use nobody vouches for are never flagged (``lineage.lines.judge``).
    """
    majors: dict[int, list[LineFacts]] = defaultdict(list)
    minors: dict[tuple[int, str], list[LineFacts]] = defaultdict(list)
    for fact in facts:
        if fact.level == "major":
            majors[fact.module_id].append(fact)
        else:
            minors[fact.module_id, fact.parent].append(fact)
    for module_id, lines in majors.items():
        for major in lines:
            verdict = judge(major, now=now, unused_for=unused_for)
            if verdict.state is LineState.UNUSED:
                yield _flag(major, verdict)
                continue
            for minor in minors[module_id, major.line]:
                inner = judge(minor, now=now, unused_for=unused_for)
                if inner.state is LineState.UNUSED:
                    yield _flag(minor, inner)


def _flag(facts: LineFacts, verdict: LineVerdict) -> Flag:
    assert verdict.since is not None  # noqa: S101 - an unused line always has one
    return Flag(
        rule=NAME,
        subject=line_subject(facts.module_id, facts.line),
        module_id=facts.module_id,
        owner_id=facts.owner_id,
        since=verdict.since,
        reason=verdict.reason,
        line=facts.line,
        size=len(facts.version_ids),
        evidence={
            "label": f"{facts.module} {facts.line}",
            "versions": len(facts.version_ids),
            "newest": facts.newest,
            "newest_published_at": _text(facts.newest_published_at),
            "last_used_at": _text(facts.last_used_at),
            "vouched_since": _text(facts.vouched_since),
            "live": facts.live,
            "held_by": facts.held_by,
        },
    )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
