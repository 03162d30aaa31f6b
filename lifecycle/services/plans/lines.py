"""The part of a plan that is lines: their versions, and who is in the way."""

from collections.abc import Iterator
from datetime import datetime

from lifecycle.models import Finding
from lifecycle.rules.base import line_subject
from lifecycle.services.plans.model import Draft, PlanBlocker, PlanItem, PlanRequest
from lifecycle.services.waits import unused_for
from lineage.lines import LineFacts, LineState, judge
from lineage.models import Version
from lineage.selectors.lines import line_facts
from lineage.selectors.removal import removal_of

MOST_NAMED = 20


def add_lines(
    draft: Draft, request: PlanRequest, findings: list[Finding], *, now: datetime
) -> None:
    """Add the lines that are flagged, or asked for by name."""
    by_line = {(f.module_id, f.line): f for f in findings if f.line}
    wanted = set(by_line)
    if request.module_id is not None:
        wanted.add((request.module_id, request.line))
    if not wanted:
        return
    facts = line_facts(
        now=now, module_ids={module_id for module_id, _ in wanted}, published_within=unused_for()
    )
    for fact in facts:
        key = (fact.module_id, fact.line)
        if key in wanted:
            _add_line(draft, fact, by_line.get(key), is_drained=request.is_drained, now=now)


def _add_line(
    draft: Draft, facts: LineFacts, finding: Finding | None, *, is_drained: bool, now: datetime
) -> None:
    label, subject = f"{facts.module} {facts.line}", line_subject(facts.module_id, facts.line)
    versions = Version.objects.filter(id__in=facts.version_ids, sunset_at=None).select_related(
        "module__owner"
    )
    for version in versions.order_by("-sort_key"):
        draft.add(_item(version, label, subject))
    verdict = judge(facts, now=now, unused_for=unused_for())
    draft.labels.append(label)
    draft.reasons.append(f"{label}: {verdict.reason}")
    draft.concerned[subject] = (label, facts.owner_id, finding)
    allowed = {LineState.UNUSED, LineState.WAITING} if is_drained else {LineState.UNUSED}
    if verdict.state not in allowed:
        draft.blockers += _blockers(facts, verdict.reason, subject, now)
    if finding is None and not is_drained:
        draft.blockers.append(
            PlanBlocker("not_flagged", label, "is not flagged by any rule", subject=subject)
        )


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


def _blockers(facts: LineFacts, reason: str, subject: str, now: datetime) -> Iterator[PlanBlocker]:
    label = f"{facts.module} {facts.line}"
    if not facts.version_ids:
        yield PlanBlocker("gone", label, "is sunset already", subject=subject)
        return
    module = Version.objects.select_related("module").get(pk=facts.version_ids[-1]).module
    removal = removal_of(module, facts.line, now=now, unused_for=unused_for())
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
