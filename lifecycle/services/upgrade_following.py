"""Follows asked upgrades through the data: published, done, closed by itself."""

from datetime import datetime

from django.db import transaction

from lifecycle.models import UpgradeRequest
from lifecycle.permissions import system_actor
from lifecycle.selectors.takes import Takes, takes_of
from lifecycle.services.audit import record
from lifecycle.services.events import write_events
from lifecycle.services.upgrade_events import done_event
from lifecycle.upgrade_progress import Progress, progress_of
from lineage.models import Version

State = UpgradeRequest.State


def follow_upgrades(now: datetime) -> int:
    """Move every open request to where the data shows it; returns how many moved.

    Idempotent; each move is claimed by a conditional update, so two workers make it once.
    """
    requests = list(
        UpgradeRequest.objects.filter(closed_at=None)
        .select_related("consumer__owner", "dependency__owner")
        .order_by("id")
    )
    takes = takes_of({(one.consumer_id, one.dependency_id) for one in requests}, now=now)
    return sum(_follow(one, takes[one.consumer_id, one.dependency_id], now) for one in requests)


def _follow(request: UpgradeRequest, takes: Takes, now: datetime) -> bool:
    progress = progress_of(
        request.dependency.ecosystem,
        request.wanted_range,
        newest=takes.newest,
        running=takes.running,
    )
    if progress is Progress.WAITING:
        return False
    with transaction.atomic():
        if progress is Progress.DONE:
            reason = f"{takes.version} takes it." if takes.version else ""
            moved = close_request(
                request, State.DONE, reason=reason, now=now, version=takes.version
            )
            if moved:
                write_events([done_event(request, takes.version, now=now)])
        else:
            moved = bool(
                UpgradeRequest.objects.filter(
                    pk=request.pk, state__in=(State.REQUESTED, State.ACKNOWLEDGED)
                ).update(state=State.PUBLISHED, published_version=takes.version)
            )
        if moved:
            after = State.DONE if progress is Progress.DONE else State.PUBLISHED
            record(
                system_actor(), "upgrade " + after, str(request), at=now,
                evidence={"upgrade_request": request.pk, "version": str(takes.version)},
                before={"state": request.state}, after={"state": after},
            )  # fmt: skip
    return moved


def close_request(
    request: UpgradeRequest,
    state: UpgradeRequest.State,
    *,
    reason: str,
    now: datetime,
    by: str = "",
    version: Version | None = None,
) -> bool:
    """Close a request unless it is closed; returns whether this call did."""
    said = {} if version is None else {"published_version": version}
    return bool(
        UpgradeRequest.objects.filter(pk=request.pk, closed_at=None).update(
            state=state, closed_at=now, closed_by=by[:256], close_reason=reason, **said
        )
    )
