"""What the rules of deployments share: how a policy sees one, and how one is flagged (pure)."""

from datetime import datetime
from typing import Any

from lifecycle.policies.precedence import RulePolicy
from lifecycle.policies.selection import Subject
from lifecycle.rules.base import Flag, deployment_subject, text_of, under
from lifecycle.rules.facts import DeploymentFacts


def subject_of(deployment: DeploymentFacts) -> Subject:
    """The deployment as a policy sees it."""
    return Subject(
        deployment.ecosystem,
        deployment.module,
        deployment.owner_id,
        deployment.environment,
        deployment.tier,
        deployment.region,
    )


def flag_of(
    deployment: DeploymentFacts,
    policy: RulePolicy,
    *,
    rule: str,
    since: datetime,
    reason: str,
    **evidence: Any,
) -> Flag:
    """The flag of a deployment, with what is always evidence and what the rule adds."""
    return Flag(
        rule=rule,
        subject=deployment_subject(deployment.id),
        module_id=deployment.module_id,
        ecosystem=deployment.ecosystem,
        owner_id=deployment.owner_id,
        since=since,
        reason=reason,
        deployment_id=deployment.id,
        source_ids=deployment.source_ids,
        evidence={
            "label": deployment.key,
            "module": deployment.module,
            "version": deployment.version,
            "environment": deployment.environment,
            "tier": deployment.tier,
            "region": deployment.region,
            "started_at": text_of(deployment.started_at),
            "expires_at": text_of(deployment.expires_at),
            "last_used_at": text_of(deployment.last_used_at),
            **evidence,
        },
        **under(policy),
    )
