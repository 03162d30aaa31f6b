"""Rule ``expired-deployment``: what runs past its TTL (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from lifecycle.rules.base import Flag, deployment_subject

NAME = "expired-deployment"


@dataclass(frozen=True, slots=True)
class LiveDeployment:
    """A live deployment as the rule needs it."""

    id: int
    key: str
    module_id: int
    module: str
    version: str
    owner_id: int | None
    environment: str
    tier: str
    started_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def flag_expired_deployments(
    deployments: Iterable[LiveDeployment], *, now: datetime
) -> Iterator[Flag]:
    """Flag every live deployment whose expiry has come."""
    for deployment in deployments:
        if deployment.expires_at is None or deployment.expires_at > now:
            continue
        used = deployment.last_used_at
        after = used is not None and used > deployment.expires_at
        yield Flag(
            rule=NAME,
            subject=deployment_subject(deployment.id),
            module_id=deployment.module_id,
            owner_id=deployment.owner_id,
            since=deployment.expires_at,
            reason=_reason(deployment, now, used_after=after),
            deployment_id=deployment.id,
            evidence={
                "label": deployment.key,
                "module": deployment.module,
                "version": deployment.version,
                "environment": deployment.environment,
                "tier": deployment.tier,
                "started_at": deployment.started_at.isoformat(),
                "expires_at": deployment.expires_at.isoformat(),
                "last_used_at": used.isoformat() if used else None,
                "used_after_expiry": after,
            },
        )


def _reason(deployment: LiveDeployment, now: datetime, *, used_after: bool) -> str:
    assert deployment.expires_at is not None  # noqa: S101 - only expired ones come here
    days = (now - deployment.expires_at).days
    late = f"{days:,} day{'' if days == 1 else 's'}" if days else "less than a day"
    used = " It was used after that." if used_after else ""
    return f"Its TTL ran out {late} ago and it still runs.{used}"
