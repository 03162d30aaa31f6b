"""Tells owners of deployments that are about to expire, and notes those that have."""

from collections import defaultdict
from datetime import datetime, timedelta

from lifecycle.events.data import DeploymentExpiry, DeploymentRef
from lifecycle.models import Event, Finding, Notice
from lifecycle.rules import expired_deployment
from lifecycle.services.events import event, module_ref, write_events
from lifecycle.services.notices import write_notices
from lifecycle.services.standing import newly_so
from lineage.models import Deployment

AHEAD = timedelta(days=1)
RELATED = ("version__module__owner", "environment")


def tell_of_expiring(now: datetime) -> int:
    """One notice per owner about what expires within a day."""
    rows = Deployment.objects.live().filter(expires_at__gt=now, expires_at__lte=now + AHEAD)
    by_key = {f"{row.pk}:{row.expires_at}": row for row in rows.select_related(*RELATED)}
    fresh = newly_so("expiring", by_key.keys(), now)
    events, groups = [], defaultdict(list)
    for key in sorted(fresh):
        events.append(_expiry("deployment.expiring", by_key[key], key, now))
        groups[by_key[key].version.module.owner_id].append(by_key[key])
    write_events(events)
    notices = [_notice(owner_id, group, now) for owner_id, group in groups.items()]
    write_notices(notices)
    return len(notices)


def tell_of_expired(now: datetime) -> int:
    """An event for each deployment that was found to have outlived its TTL.

    Its owner hears of it by the finding's own notice.
    """
    rows = Finding.objects.filter(
        rule=expired_deployment.NAME, closed_at=None, deployment__expires_at__isnull=False
    ).select_related(*(f"deployment__{name}" for name in RELATED))
    by_key = {str(row.pk): row for row in rows}
    fresh = newly_so("expired", by_key.keys(), now)
    expired = [(key, by_key[key].deployment) for key in sorted(fresh)]
    write_events([_expiry("deployment.expired", row, key, now) for key, row in expired if row])
    return 0


def _expiry(kind: str, row: Deployment, key: str, now: datetime) -> Event:
    module = row.version.module
    data = DeploymentExpiry(
        deployment=DeploymentRef(
            key=row.key,
            module=module_ref(module),
            version=row.version.version,
            environment=row.environment.name,
        ),
        expires_at=row.expires_at or now,
    )
    verb = "expires soon" if kind == "deployment.expiring" else "has outlived its TTL"
    return event(
        kind, data, key=key, title=f"{row.key[:250]} {verb}", now=now, module=module,
        environment=row.environment.name, audience=[module.owner_id],
    )  # fmt: skip


def _notice(owner_id: int | None, group: list[Deployment], now: datetime) -> Notice:
    first = group[0]
    title = f"{first.key[:250]} expires {first.expires_at:%-d %b %Y %H:%M} UTC"
    if len(group) > 1:
        title = f"{len(group):,} deployments are about to expire"
    keys = min(row.pk for row in group), max(row.pk for row in group), len(group)
    return Notice(
        team_id=owner_id,
        kind=Notice.Kind.EXPIRING,
        title=title,
        body="Deploy again or end it; afterwards it is flagged.",
        items=[
            {
                "subject": f"deployment:{row.pk}",
                "label": row.key,
                "detail": f"{row.version} in {row.environment.name}, "
                f"until {row.expires_at:%-d %b %Y %H:%M} UTC",
                "module": row.version.module_id,
            }
            for row in group
        ],
        module=first.version.module if len(group) == 1 else None,
        dedupe_key=f"expiring:{owner_id or 0}:{now.isoformat()}:{keys}",
        created_at=now,
    )
