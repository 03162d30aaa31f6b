"""The part of a plan that is deployments."""

from lifecycle.models import Finding
from lifecycle.rules.expired_deployment import NAME as EXPIRED
from lifecycle.rules.registry import RULES
from lifecycle.services.plans.model import Draft, PlanBlocker, PlanItem
from lineage.models import Deployment


def add_deployments(draft: Draft, findings: list[Finding]) -> None:
    """Add the deployments that are flagged."""
    by_id = {f.deployment_id: f for f in findings if f.deployment_id}
    deployments = Deployment.objects.filter(id__in=[pk for pk in by_id if pk]).select_related(
        "version__module__owner", "environment"
    )
    for deployment in deployments.order_by("id"):
        _add(draft, deployment, by_id[deployment.pk])


def _add(draft: Draft, deployment: Deployment, finding: Finding) -> None:
    draft.labels.append(deployment.key)
    draft.reasons.append(f"{deployment.key}: {finding.reason}")
    blocker = _blocker(draft, deployment, finding)
    if blocker is not None:
        draft.blockers.append(blocker)
        if blocker.kind != "cleared":
            return
    module = deployment.version.module
    draft.add(
        PlanItem(
            kind="deployment",
            id=deployment.pk,
            label=deployment.key,
            ecosystem=module.ecosystem,
            module=module.name,
            version=deployment.version.version,
            owner_id=module.owner_id,
            owner=module.owner.name if module.owner else "",
            detail=f"{module.name} {deployment.version.version} in {deployment.environment.name}",
            subject=finding.subject,
        )
    )
    draft.concerned[finding.subject] = (deployment.key, module.owner_id, finding)


def _blocker(draft: Draft, deployment: Deployment, finding: Finding) -> PlanBlocker | None:
    """Why it is no longer to go, if so."""
    key, subject = deployment.key, finding.subject
    if deployment.ended_at is not None:
        return PlanBlocker("ended", key, "has ended by itself meanwhile", subject=subject)
    if draft.flag_of(finding) is not None:
        return None
    if finding.rule == EXPIRED:
        return PlanBlocker("extended", key, "is no longer expired", subject=subject)
    word = RULES[finding.rule].one if finding.rule in RULES else "is flagged"
    return PlanBlocker("cleared", key, f"is no longer so: {word}", subject=subject)
