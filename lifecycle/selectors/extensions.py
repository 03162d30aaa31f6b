"""Which deployments somebody may extend, and until when."""

from collections.abc import Iterable
from datetime import datetime

from lifecycle.extension import Allowance, allowance
from lifecycle.permissions import Actor
from lifecycle.policies.precedence import Policies
from lifecycle.policies.selection import Subject
from lifecycle.rules.expired_deployment import NAME, ExpirySettings
from lifecycle.selectors.policies import rulebook
from lineage.models import Deployment, Environment
from lineage.services.deployments import original_expiry

NOT_YOURS = "belongs to another team"


def extensions_for(
    deployments: Iterable[Deployment], *, actor: Actor, now: datetime, days: int | None = None
) -> dict[int, Allowance]:
    """Deployment -> what one click gives, or why nothing; those without a TTL are left out.

    The deployments have version, module and environment at hand. One query.
    """
    limited = [row for row in deployments if row.expires_at is not None]
    if not limited:
        return {}
    policies = rulebook().of(NAME)
    return {row.pk: _allowance(row, policies, actor, now, days) for row in limited}


def _allowance(
    row: Deployment, policies: Policies, actor: Actor, now: datetime, days: int | None
) -> Allowance:
    if row.ended_at is not None:
        return Allowance(None, "has ended")
    if not actor.may_sunset(row.version.module.owner_id):
        return Allowance(None, NOT_YOURS)
    return allowance(
        expires_at=row.expires_at,
        original=original_expiry(row),
        settings=_settings(row, policies),
        is_prod=row.environment.tier == Environment.Tier.PROD,
        is_operator=actor.is_operator,
        now=now,
        days=days,
    )


def _settings(row: Deployment, policies: Policies) -> ExpirySettings:
    module, environment = row.version.module, row.environment
    policy = policies.governing(
        Subject(
            module.ecosystem,
            module.name,
            module.owner_id,
            environment.name,
            environment.tier,
            row.region,
        )
    )
    found = policy.settings if policy is not None else None
    return found if isinstance(found, ExpirySettings) else ExpirySettings()
