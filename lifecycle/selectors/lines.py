"""The lines of a module with what was decided on each: the table a provider reads first."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.models import Finding, Sunset, SunsetItem
from lifecycle.rules import unused_range
from lifecycle.selectors.windows import unused_for
from lineage.lines import LineFacts, LineVerdict, judge
from lineage.models import Module
from lineage.selectors.lines import line_facts


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, the decision on it, its open finding and the last sunset that can be undone."""

    facts: LineFacts
    verdict: LineVerdict
    finding: Finding | None
    sunset: Sunset | None
    minors: "list[LineRow]" = field(default_factory=list)


def module_lines(module: Module, *, now: datetime) -> list[LineRow]:
    """Major lines, newest first, each with its minor lines."""
    window = unused_for(module)
    facts = line_facts(now=now, module_ids=[module.pk], published_within=window)
    open_findings = Finding.objects.filter(module=module, rule=unused_range.NAME, closed_at=None)
    findings = {finding.line: finding for finding in open_findings}
    sunsets = _sunsets(module, now)
    minors: dict[str, list[LineRow]] = defaultdict(list)
    majors: list[LineRow] = []
    for fact in facts:
        verdict = judge(fact, now=now, unused_for=window)
        row = LineRow(
            fact,
            verdict,
            findings.get(fact.line),
            sunsets.get(fact.line),
            minors[fact.line] if fact.level == "major" else [],
        )
        (majors if fact.level == "major" else minors[fact.parent]).append(row)
    for rows in (majors, *minors.values()):
        rows.reverse()
    return majors


def _sunsets(module: Module, now: datetime) -> dict[str, Sunset]:
    """Line -> the newest sunset of some of its versions that still stands."""
    items = (
        SunsetItem.objects.filter(
            version__module=module,
            state=SunsetItem.State.DONE,
            sunset__state=Sunset.State.DONE,
            version__sunset_at__isnull=False,
        )
        .select_related("sunset", "version")
        .defer("version__metadata", "version__runtime")
        .order_by("sunset_id")
    )
    found: dict[str, Sunset] = {}
    for item in items:
        if item.version is not None:
            found[item.version.major_line] = item.sunset
            found[item.version.minor_line] = item.sunset
    return found
