"""Sunsets: confirm a plan, carry it out under the graph lock, take it back."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from lifecycle.exceptions import (
    Blocked,
    CannotRestore,
    NothingToSunset,
    PlanChanged,
    UnknownThing,
)
from lifecycle.executors.record import RECORD
from lifecycle.models import Finding, Notice, Sunset, SunsetItem
from lifecycle.permissions import Actor, require_sunset, system_actor
from lifecycle.services.audit import record
from lifecycle.services.findings import close_findings
from lifecycle.services.notices import notices_of_sunset, write_notices
from lifecycle.services.plans import Plan, PlanItem, PlanRequest, plan_for
from lineage.ingest.bulk import graph_lock
from lineage.models import Deployment
from lineage.services.deployments import end_deployments, restore_deployments
from lineage.services.retirement import restore_versions, sunset_versions
from lineage.services.snapshot import refresh


def execute_plan(
    request: PlanRequest, *, hash: str, actor: Actor, reason: str, now: datetime
) -> Sunset:
    """Sunset exactly what the plan of that hash listed.

    One transaction under the lock that ingest takes: use is checked on the data of
    that very moment. Raises PermissionDenied, PlanChanged when the items are others
    now, Blocked naming what stands in the way. The same confirmation sent twice
    gives the same sunset.
    """
    with graph_lock():
        done = Sunset.objects.filter(plan_hash=hash).exclude(state=Sunset.State.RESTORED).first()
        if done is not None:
            _require(actor, (item.owner_id for item in _items_of(done)), done.title)
            return done
        refresh(now)
        plan = plan_for(request, now=now)
        _require(actor, (item.owner_id for item in plan.items), plan.title)
        if plan.hash != hash:
            raise PlanChanged([str(blocker) for blocker in plan.blockers])
        if plan.blockers:
            raise Blocked([str(blocker) for blocker in plan.blockers])
        if not plan.items:
            raise NothingToSunset
        sunset = _execute(plan, actor, reason, now)
    # Only what is committed may become a snapshot.
    refresh(now)
    return sunset


def restore_sunset(sunset_id: int, *, actor: Actor, reason: str, now: datetime) -> Sunset:
    """Bring the whole batch back as it was.

    Raises UnknownThing, PermissionDenied, CannotRestore. What came back by itself
    meanwhile stays as it is.
    """
    with graph_lock():
        sunset = Sunset.objects.filter(pk=sunset_id).first()
        if sunset is None:
            raise UnknownThing("sunset")
        items = _items_of(sunset)
        _require(actor, (item.owner_id for item in items), sunset.title)
        if sunset.restorable_until < now:
            raise CannotRestore(f"that was possible until {sunset.restorable_until:%-d %b %Y}")
        claimed = Sunset.objects.filter(pk=sunset.pk, state=Sunset.State.DONE).update(
            state=Sunset.State.RESTORED, restored_at=now, restored_by=actor.name[:256]
        )
        if not claimed:
            raise CannotRestore(f"it is {sunset.state}")
        rows = SunsetItem.objects.filter(sunset=sunset, state=SunsetItem.State.DONE)
        ids = _ids(rows)
        restore_versions(ids["version_ids"], at=now)
        restore_deployments(ids["deployment_ids"], at=now)
        rows.update(state=SunsetItem.State.RESTORED)
        sunset.refresh_from_db()
        record(
            actor, "restore", sunset.title, at=now, reason=reason,
            evidence={"sunset": sunset.pk, "items": [item.label for item in items]},
            before={"state": Sunset.State.DONE}, after={"state": Sunset.State.RESTORED},
        )  # fmt: skip
        _tell(sunset, Notice.Kind.RESTORED, items, reason, now)
    refresh(now)
    return sunset


def mark_revived(now: datetime) -> int:
    """Note the items that came back by being ingested again; returns how many."""
    done = SunsetItem.objects.filter(
        state=SunsetItem.State.DONE, sunset__state=Sunset.State.DONE
    ).select_related("sunset")
    versions = done.filter(version__isnull=False, version__sunset_at=None)
    deployments = done.filter(deployment__isnull=False).exclude(
        deployment__end_reason=Deployment.EndReason.SUNSET
    )
    revived = [*versions, *deployments.filter(deployment__ended_at=None)]
    for item in revived:
        claimed = SunsetItem.objects.filter(pk=item.pk, state=SunsetItem.State.DONE).update(
            state=SunsetItem.State.REVIVED
        )
        if claimed:
            record(
                system_actor(), "revived", item.label, at=now,
                reason="It was ingested again after its sunset.",
                evidence={"sunset": item.sunset_id},
                before={"state": SunsetItem.State.DONE}, after={"state": SunsetItem.State.REVIVED},
            )  # fmt: skip
    return len(revived)


def _execute(plan: Plan, actor: Actor, reason: str, now: datetime) -> Sunset:
    sunset = Sunset.objects.create(
        title=plan.title,
        state=Sunset.State.EXECUTING,
        plan_hash=plan.hash,
        request=asdict(plan.request),
        reason=reason,
        evidence=plan.reasons,
        epoch=plan.epoch,
        made_by=actor.name[:256],
        made_at=now,
        restorable_until=plan.restorable_until,
    )
    SunsetItem.objects.bulk_create([_row(sunset, item) for item in plan.items], batch_size=500)
    rows = SunsetItem.objects.filter(sunset=sunset)
    ids = _ids(rows)
    sunset_versions(ids["version_ids"], at=now)
    end_deployments(ids["deployment_ids"], at=now)
    rows.update(state=SunsetItem.State.DONE)
    Sunset.objects.filter(pk=sunset.pk).update(state=Sunset.State.DONE, executed_at=now)
    close_findings(
        [finding.pk for finding in plan.findings], reason=Finding.CloseReason.SUNSET, now=now
    )
    record(
        actor, "sunset", sunset.title, at=now, reason=reason,
        evidence={
            "sunset": sunset.pk, "plan": plan.hash, "epoch": plan.epoch, "why": plan.reasons,
            "items": [item.label for item in plan.items], "executor": RECORD,
        },
        before={"state": "live"}, after={"state": Sunset.State.DONE},
    )  # fmt: skip
    sunset.refresh_from_db()
    _tell(sunset, Notice.Kind.SUNSET, plan.items, reason, now)
    return sunset


def _row(sunset: Sunset, item: PlanItem) -> SunsetItem:
    is_version = item.kind == "version"
    return SunsetItem(
        sunset=sunset,
        version_id=item.id if is_version else None,
        deployment_id=None if is_version else item.id,
        label=item.label[:600],
    )


def _ids(rows: Iterable[SunsetItem]) -> dict[str, list[int]]:
    found = list(rows)
    return {
        "version_ids": [item.version_id for item in found if item.version_id],
        "deployment_ids": [item.deployment_id for item in found if item.deployment_id],
    }


def _items_of(sunset: Sunset) -> list[PlanItem]:
    """The items with the owners they have now."""
    rows = SunsetItem.objects.filter(sunset=sunset).select_related(
        "version__module__owner", "deployment__version__module__owner"
    )
    return [_item(row) for row in rows]


def _item(row: SunsetItem) -> PlanItem:
    if row.version is not None:
        version, kind, pk = row.version, "version", row.version.pk
    else:
        assert row.deployment is not None  # noqa: S101 - a constraint says one of the two
        version, kind, pk = row.deployment.version, "deployment", row.deployment.pk
    module = version.module
    return PlanItem(
        kind=kind,
        id=pk,
        label=row.label,
        ecosystem=module.ecosystem,
        module=module.name,
        version=version.version,
        owner_id=module.owner_id,
        owner=module.owner.name if module.owner else "",
        detail="",
    )


def _require(actor: Actor, owner_ids: Iterable[int | None], what: str) -> None:
    for owner_id in set(owner_ids) or {None}:
        require_sunset(actor, owner_id, what)


def _tell(
    sunset: Sunset, kind: Notice.Kind, items: list[PlanItem], reason: str, now: datetime
) -> None:
    listed: dict[int | None, list[dict[str, Any]]] = {}
    for item in items:
        subject = {"subject": f"{item.kind}:{item.id}", "label": item.label, "detail": item.detail}
        listed.setdefault(item.owner_id, []).append(subject)
    for owner_id, subjects in listed.items():
        write_notices(notices_of_sunset(sunset, kind, [owner_id], subjects, reason=reason, now=now))
