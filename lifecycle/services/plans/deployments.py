"""The part of a plan that is deployments."""

from datetime import datetime

from lifecycle.models import Finding
from lifecycle.services.plans.model import Draft, PlanBlocker, PlanItem
from lineage.models import Deployment


def add_deployments(draft: Draft, findings: list[Finding], *, now: datetime) -> None:
    """Add the deployments that are flagged."""
    by_id = {f.deployment_id: f for f in findings if f.deployment_id}
    deployments = Deployment.objects.filter(id__in=[pk for pk in by_id if pk]).select_related(
        "version__module__owner", "environment"
    )
    for deployment in deployments.order_by("id"):
        _add(draft, deployment, by_id[deployment.pk], now)


def _add(draft: Draft, deployment: Deployment, finding: Finding, now: datetime) -> None:
    draft.labels.append(deployment.key)
    draft.reasons.append(f"{deployment.key}: {finding.reason}")
    problem = _problem(deployment, now)
    if problem is not None:
        kind, detail = problem
        draft.blockers.append(PlanBlocker(kind, deployment.key, detail, subject=finding.subject))
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


def _problem(deployment: Deployment, now: datetime) -> tuple[str, str] | None:
    """Why it is no longer to go: the kind of blocker and the words."""
    if deployment.ended_at is not None:
        return "ended", "has ended by itself meanwhile"
    if deployment.expires_at is None or deployment.expires_at > now:
        return "extended", "is no longer expired"
    return None
