"""The part of a plan that is versions: of lines, and old ones of a module."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from lifecycle.models import Finding
from lifecycle.rules.base import SubjectKind, line_subject
from lifecycle.rules.registry import RULES
from lifecycle.selectors.windows import Windows
from lifecycle.services.plans.model import Draft, PlanBlocker, PlanItem, PlanRequest
from lineage.lines import LineFacts, LineState, judge
from lineage.models import Version
from lineage.selectors.removal import removal_of

MOST_NAMED = 20


def add_lines(
    draft: Draft, request: PlanRequest, findings: list[Finding], *, now: datetime
) -> None:
    """Add the lines that are flagged, or asked for by name."""
    lines = [f for f in findings if RULES[f.rule].subject is SubjectKind.LINE]
    by_line = {(f.module_id, f.line): f for f in lines}
    wanted = set(by_line)
    if request.module_id is not None:
        wanted.add((request.module_id, request.line))
    if not wanted:
        return
    windows = Windows()
    for fact in windows.line_facts({module_id for module_id, _ in wanted}, now=now):
        key = (fact.module_id, fact.line)
        if key in wanted:
            finding, window = by_line.get(key), windows.of_line(fact)
            _add_line(draft, fact, finding, window, is_drained=request.is_drained, now=now)


def add_versions(draft: Draft, findings: list[Finding]) -> None:
    """Add the old versions of modules that are flagged."""
    for finding in findings:
        if RULES[finding.rule].subject is not SubjectKind.VERSIONS:
            continue
        flag = draft.flag_of(finding)
        draft.labels.append(finding.label)
        draft.reasons.append(f"{finding.label}: {(flag or finding).reason}")
        draft.concerned[finding.subject] = (finding.label, finding.module.owner_id, finding)
        if flag is None:
            draft.blockers.append(_cleared(finding.label, finding.subject))
            continue
        for version in _standing(flag.version_ids):
            draft.add(_item(version, finding.label, finding.subject))


def _add_line(
    draft: Draft,
    facts: LineFacts,
    finding: Finding | None,
    window: timedelta,
    *,
    is_drained: bool,
    now: datetime,
) -> None:
    label, subject = f"{facts.module} {facts.line}", line_subject(facts.module_id, facts.line)
    for version in _standing(facts.version_ids):
        draft.add(_item(version, label, subject))
    verdict = judge(facts, now=now, unused_for=window)
    draft.labels.append(label)
    draft.reasons.append(f"{label}: {verdict.reason}")
    draft.concerned[subject] = (label, facts.owner_id, finding)
    if finding is not None and draft.flag_of(finding) is not None:
        return
    if is_drained and verdict.state in (LineState.UNUSED, LineState.WAITING):
        return
    if verdict.state is not LineState.UNUSED:
        draft.blockers += _blockers(facts, verdict.reason, subject, window, now)
    elif finding is not None:
        draft.blockers.append(_cleared(label, subject))
    if finding is None and not is_drained:
        draft.blockers.append(
            PlanBlocker("not_flagged", label, "is not flagged by any rule", subject=subject)
        )


def _standing(version_ids: Collection[int]) -> list[Version]:
    """Those of them that are not sunset, newest first."""
    versions = Version.objects.filter(id__in=version_ids, sunset_at=None)
    return list(versions.select_related("module__owner").order_by("-sort_key"))


def _cleared(label: str, subject: str) -> PlanBlocker:
    """Its rule would not flag it now, whatever the last sweep found."""
    return PlanBlocker("cleared", label, "is no longer flagged", subject=subject)


def _item(version: Version, label: str, subject: str) -> PlanItem:
    module = version.module
    return PlanItem(
        kind="version",
        id=version.pk,
        label=str(version),
        ecosystem=module.ecosystem,
        module=module.name,
        version=version.version,
        owner_id=module.owner_id,
        owner=module.owner.name if module.owner else "",
        detail=label,
        subject=subject,
    )


def _blockers(
    facts: LineFacts, reason: str, subject: str, window: timedelta, now: datetime
) -> Iterator[PlanBlocker]:
    label = f"{facts.module} {facts.line}"
    if not facts.version_ids:
        yield PlanBlocker("gone", label, "is sunset already", subject=subject)
        return
    module = Version.objects.select_related("module").get(pk=facts.version_ids[-1]).module
    removal = removal_of(module, facts.line, now=now, unused_for=window)
    for blocker in removal.blockers[:MOST_NAMED]:
        yield PlanBlocker(
            blocker.kind,
            blocker.name,
            blocker.detail,
            blocker.owner,
            blocker.ecosystem,
            blocker.module,
            blocker.version,
            subject,
        )
    if not removal.blockers:
        yield PlanBlocker("line", label, reason, subject=subject)
