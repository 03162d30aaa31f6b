"""Announcing: a plan is confirmed, its owners are told, its time begins to run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.exceptions import BadForce, Blocked, NothingToSunset, PlanChanged
from lifecycle.executors import executor_named
from lifecycle.models import Sunset, SunsetItem
from lifecycle.permissions import Actor, require_operator
from lifecycle.policies.terms import Terms
from lifecycle.services.audit import record
from lifecycle.services.plans import UNFORCEABLE, Plan, PlanBlocker, PlanRequest, plan_for
from lifecycle.services.stops import require_no_stop
from lifecycle.services.sunsets.reviving import mark_revived
from lifecycle.services.sunsets.rows import new_row, plan_item, require_all, rows_of
from lifecycle.services.sunsets.steps import drive_one, take_steps
from lifecycle.services.sunsets.telling import announce_to_owners
from lifecycle.services.sunsets.terms import terms_as_json, with_grace
from lifecycle.states import SunsetState
from lineage.ingest.bulk import graph_lock
from lineage.services.snapshot import refresh


@dataclass(frozen=True, slots=True)
class Force:
    """Somebody means it: why, and the title of the plan typed by hand."""

    reason: str
    typed_name: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sunset comes from: somebody asked, a policy did it, a campaign ended."""

    kind: Sunset.Kind = Sunset.Kind.ASKED
    policy_id: int | None = None

    @property
    def is_automatic(self) -> bool:
        return self.kind == Sunset.Kind.AUTOMATIC


ASKED = Origin()


def execute_plan(
    request: PlanRequest, *, hash: str, actor: Actor, reason: str, now: datetime
) -> Sunset:
    """Sunset exactly what the plan of that hash listed, in one go where its terms allow it.

    As ``announce_sunset``, and Blocked as well while an owner was not told or has time.
    """
    return _confirm(request, hash, actor, reason, now, Wanted(is_at_once=True))


def announce_sunset(
    request: PlanRequest,
    *,
    hash: str,
    actor: Actor,
    reason: str,
    now: datetime,
    grace: timedelta | None = None,
    force: Force | None = None,
    origin: Origin = ASKED,
) -> Sunset:
    """Announce exactly what the plan of that hash listed, and go on as far as it may now.

    Under the lock that ingest takes: use is checked on the data of that very moment.
    Raises PermissionDenied, PlanChanged when the items are others now, Blocked naming what
    stands in the way, BadGrace, BadForce, Stopped. The same confirmation sent twice gives
    the same sunset.
    """
    return _confirm(request, hash, actor, reason, now, Wanted(grace, force, origin))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a plan is confirmed."""

    grace: timedelta | None = None
    force: Force | None = None
    origin: Origin = ASKED
    is_at_once: bool = False


def _confirm(
    request: PlanRequest, hash: str, actor: Actor, reason: str, now: datetime, wanted: Wanted
) -> Sunset:
    with graph_lock():
        standing = _standing(hash)
        if standing is not None:
            items = [plan_item(row) for row in rows_of(standing)]
            require_all(actor, items, standing.title)
            return standing
        refresh(now)
        plan = plan_for(request, now=now, is_automatic=wanted.origin.is_automatic)
        require_all(actor, plan.items, plan.title)
        require_no_stop()
        _require_sound(plan, hash, actor, wanted)
        mark_revived(now)
        sunset = _create(plan, actor, reason, now, wanted)
        take_steps(sunset, actor, now=now)
        sunset.refresh_from_db()
    refresh(now)
    if sunset.state == SunsetState.EXECUTING:
        drive_one(sunset.pk, now=now, actor=actor)
        sunset.refresh_from_db()
    return sunset


def _standing(hash: str) -> Sunset | None:
    over = (SunsetState.RESTORED, SunsetState.CANCELLED)
    return Sunset.objects.filter(plan_hash=hash).exclude(state__in=over).first()


def _require_sound(plan: Plan, hash: str, actor: Actor, wanted: Wanted) -> None:
    if plan.hash != hash:
        raise PlanChanged([str(blocker) for blocker in plan.blockers])
    if wanted.force is not None:
        require_force(actor, wanted.force, plan.title)
    in_the_way = _in_the_way(plan, wanted)
    if in_the_way:
        raise Blocked([str(blocker) for blocker in in_the_way])
    if not plan.items:
        raise NothingToSunset


def _in_the_way(plan: Plan, wanted: Wanted) -> list[PlanBlocker]:
    if wanted.force is not None:
        return [blocker for blocker in plan.blockers if blocker.kind in UNFORCEABLE]
    return plan.blockers if wanted.is_at_once else plan.standing


def require_force(actor: Actor, force: Force, title: str) -> None:
    """Raise PermissionDenied or BadForce unless the actor may, said why and typed the title."""
    require_operator(actor, f"force the sunset of {title}")
    if not force.reason.strip():
        raise BadForce("say why")
    if force.typed_name.strip() != title:
        raise BadForce(f"type its name, {title}")


def _create(plan: Plan, actor: Actor, reason: str, now: datetime, wanted: Wanted) -> Sunset:
    terms = with_grace(plan.terms, wanted.grace)
    executor_named(terms.executor)
    force = wanted.force
    sunset = Sunset.objects.create(
        title=plan.title,
        kind=wanted.origin.kind,
        state=SunsetState.ANNOUNCED,
        policy_id=wanted.origin.policy_id,
        terms=terms_as_json(terms),
        plan_hash=plan.hash,
        request=plan.request.as_json(),
        reason=reason,
        evidence=plan.reasons,
        epoch=plan.epoch,
        made_by=actor.name[:256],
        made_at=now,
        changed_at=now,
        next_step_at=now,
        restorable_until=now + terms.restorable_for,
        is_forced=force is not None,
        force_reason=force.reason if force else "",
        blockers=[blocker.as_json() for blocker in plan.standing],
    )
    SunsetItem.objects.bulk_create([new_row(sunset, item) for item in plan.items], batch_size=500)
    if terms.grace and force is None:
        announce_to_owners(sunset, rows_of(sunset), terms=terms, now=now)
    if terms.grace or plan.blockers or force is not None:
        _audit(sunset, plan, actor, terms, now)
    return sunset


def _audit(sunset: Sunset, plan: Plan, actor: Actor, terms: Terms, now: datetime) -> None:
    """Of a sunset that takes its time; one that goes at once leaves the entry of its going."""
    record(
        actor, "force" if sunset.is_forced else "announce", sunset.title, at=now,
        reason=sunset.force_reason or sunset.reason,
        evidence={
            "sunset": sunset.pk, "plan": plan.hash, "epoch": plan.epoch, "why": plan.reasons,
            "items": [item.label for item in plan.items],
            "blockers": [str(blocker) for blocker in plan.blockers][:100],
            "grace_days": terms.grace / timedelta(days=1),
        },
        before={"state": "live"}, after={"state": sunset.state},
    )  # fmt: skip
