"""Events of asked upgrades: for bots that open changes and for providers who follow."""

from datetime import datetime

from lifecycle.events.data import UpgradeAsked
from lifecycle.models import Event, UpgradeRequest
from lifecycle.services.events import event, module_ref
from lineage.models import Version


def asked_event(request: UpgradeRequest, *, now: datetime) -> Event:
    """That it was asked; the consumer's owner is told."""
    return _event("upgrade.requested", request, request.consumer.owner_id, None, now)


def done_event(request: UpgradeRequest, version: Version | None, *, now: datetime) -> Event:
    """That the data shows it done; the dependency's owner is told."""
    return _event("upgrade.done", request, request.dependency.owner_id, version, now)


def _event(
    kind: str,
    request: UpgradeRequest,
    audience: int | None,
    version: Version | None,
    now: datetime,
) -> Event:
    said = UpgradeAsked(
        id=request.pk,
        consumer=module_ref(request.consumer),
        dependency=module_ref(request.dependency),
        declared=request.declared,
        wanted_range=request.wanted_range,
        scm_repo=request.scm_repo,
        scm_commit=request.scm_commit,
        reason=request.reason,
        deadline=request.deadline,
        version=version.version if version else None,
    )
    return event(
        kind,
        said,
        key=str(request.pk),
        title=str(request),
        now=now,
        module=request.consumer if kind == "upgrade.requested" else request.dependency,
        audience=[audience],
    )
