"""Recording: versions leave resolution and deployments end in our own records, and come back.

Nothing is deleted. Everything here runs under the graph lock.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from lifecycle.models import SunsetItem
from lifecycle.states import ItemState
from lineage.models import Deployment
from lineage.services.deployments import end_deployments, restore_deployments
from lineage.services.retirement import restore_versions, sunset_versions


def record_gone(rows: Sequence[SunsetItem], *, at: datetime) -> None:
    """Record that items are gone; what each was is kept in its row."""
    for row in rows:
        row.before = before_of(row)
    SunsetItem.objects.bulk_update(rows, ["before"], batch_size=500)
    versions, deployments = _ids(rows)
    sunset_versions(versions, at=at)
    end_deployments(deployments, at=at)


def take_back(rows: Sequence[SunsetItem], *, at: datetime) -> None:
    """Bring items back that are still gone on account of their own sunset."""
    versions, deployments = _ids(rows)
    restore_versions(versions, at=at)
    restore_deployments(deployments, at=at)


def came_back(item_ids: Collection[int] | None = None) -> list[SunsetItem]:
    """The items that are recorded as gone and are not: something was ingested again.

    A deployment whose key runs anew is back as well: an executor knows it by its key.
    """
    gone = SunsetItem.objects.filter(state__in=(ItemState.DONE, ItemState.EXECUTING))
    if item_ids is not None:
        gone = gone.filter(pk__in=item_ids)
    again = (
        Q(version__sunset_at=None)
        | Q(version__sunset_at__gt=F("executed_at"))
        | Q(version__sunset_at__lt=F("executed_at"))
    )
    versions = gone.filter(again, version__isnull=False)
    sunset = Q(deployment__end_reason=Deployment.EndReason.SUNSET)
    later = Deployment.objects.filter(
        key=OuterRef("deployment__key"), started_at__gt=OuterRef("deployment__started_at")
    )
    deployments = gone.filter(deployment__isnull=False).filter(
        Q(deployment__ended_at=None) & ~sunset | Exists(later)
    )
    return [*versions.order_by("id"), *deployments.order_by("id")]


def before_of(row: SunsetItem) -> dict[str, Any]:
    """What restoring has to bring back."""
    if row.version is not None:
        return {"sunset_at": row.version.sunset_at}
    assert row.deployment is not None  # noqa: S101 - a constraint says one of the two
    deployment = row.deployment
    return {
        "ended_at": deployment.ended_at and deployment.ended_at.isoformat(),
        "end_reason": deployment.end_reason,
        "expires_at": deployment.expires_at and deployment.expires_at.isoformat(),
    }


def _ids(rows: Sequence[SunsetItem]) -> tuple[list[int], list[int]]:
    return (
        [row.version_id for row in rows if row.version_id],
        [row.deployment_id for row in rows if row.deployment_id],
    )
