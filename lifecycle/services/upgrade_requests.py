"""Upgrade requests: asked by who provides, acknowledged by who consumes, closed by the data."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lifecycle.exceptions import CannotAsk, PermissionDenied, UnknownThing
from lifecycle.models import Campaign, Notice, UpgradeRequest
from lifecycle.permissions import Actor
from lifecycle.selectors.campaigns import campaign_of_line
from lifecycle.selectors.takes import Takes, takes_of
from lifecycle.services.audit import record
from lifecycle.services.events import write_events
from lifecycle.services.notices import write_notices
from lifecycle.services.upgrade_events import asked_event
from lifecycle.services.upgrade_following import close_request
from lineage.ingest.bulk import exclusive
from lineage.models import Module
from lineage.selectors.ranges import is_satisfiable
from lineage.versioning import VersioningError

REQUESTS_LOCK = 0x55505244  # "UPRD"
State = UpgradeRequest.State


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked, why and until when; ``line`` is what is to be left, where that matters."""

    wanted_range: str
    reason: str
    deadline: datetime | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking came to; who was asked before keeps the request that stands."""

    created: list[UpgradeRequest]
    standing: list[UpgradeRequest]


def request_upgrades(
    dependency: Module, consumers: Sequence[Module], ask: Ask, *, actor: Actor, now: datetime
) -> Asked:
    """Ask each consumer to take a range of the dependency, and tell its owner.

    While a campaign drains the line that is to be left, the requests belong to it.

    Raises PermissionDenied unless the actor acts for the dependency's owner, CannotAsk where
    the range is none, no version satisfies it, the deadline is past, or a consumer does not
    require the dependency; then nobody is asked.
    """
    if not actor.may_sunset(dependency.owner_id):
        raise PermissionDenied(actor.name, f"ask for upgrades of {dependency.name}")
    _check(dependency, ask, now)
    pairs = [(consumer.pk, dependency.pk) for consumer in consumers]
    with exclusive(REQUESTS_LOCK):
        takes = takes_of(pairs, now=now)
        _check_consumers(consumers, dependency, takes)
        open_now = UpgradeRequest.objects.filter(
            dependency=dependency, consumer__in=consumers, closed_at=None
        ).select_related("consumer__owner", "dependency")
        standing = {request.consumer_id: request for request in open_now}
        campaign = campaign_of_line(dependency.pk, ask.line) if ask.line else None
        created = [
            _create(
                consumer, takes[consumer.pk, dependency.pk], ask, actor, now,
                dependency=dependency, campaign=campaign,
            )
            for consumer in consumers
            if consumer.pk not in standing
        ]  # fmt: skip
        _tell(created, now)
        write_events([asked_event(request, now=now) for request in created])
    return Asked(created, list(standing.values()))


def acknowledge_upgrade(
    request_id: int, *, reference: str, actor: Actor, now: datetime
) -> UpgradeRequest:
    """The consumer's side has seen it and works on it; ``reference`` says where.

    Raises UnknownThing, PermissionDenied unless the actor acts for the consumer's owner,
    CannotAsk where it is closed. Acknowledging again renews the reference.
    """
    with transaction.atomic():
        found = _request(request_id)
        _require(actor, found.consumer.owner_id, f"acknowledge the upgrade of {found.consumer}")
        before = found.state
        claimed = UpgradeRequest.objects.filter(pk=found.pk, closed_at=None).update(
            acknowledged_by=actor.name[:256], acknowledged_at=now, reference=reference[:1024]
        )
        if not claimed:
            raise CannotAsk(f"It is {found.state}.")
        UpgradeRequest.objects.filter(pk=found.pk, state=State.REQUESTED).update(
            state=State.ACKNOWLEDGED
        )
        found.refresh_from_db()
        record(
            actor, "acknowledge upgrade", str(found), at=now,
            evidence={"upgrade_request": found.pk, "reference": reference},
            before={"state": before}, after={"state": found.state},
        )  # fmt: skip
    return found


def cancel_upgrade(request_id: int, *, reason: str, actor: Actor, now: datetime) -> UpgradeRequest:
    """Take a request back. Raises as ``acknowledge_upgrade``; the dependency's owner decides."""
    with transaction.atomic():
        found = _request(request_id)
        _require(actor, found.dependency.owner_id, f"cancel the request that {found}")
        before = found.state
        if not close_request(found, State.CANCELLED, by=actor.name, reason=reason, now=now):
            raise CannotAsk(f"It is {found.state}.")
        found.refresh_from_db()
        record(
            actor, "cancel upgrade", str(found), at=now, reason=reason,
            evidence={"upgrade_request": found.pk},
            before={"state": before}, after={"state": found.state},
        )  # fmt: skip
    return found


def _create(
    consumer: Module,
    takes: Takes,
    ask: Ask,
    actor: Actor,
    now: datetime,
    *,
    dependency: Module,
    campaign: Campaign | None,
) -> UpgradeRequest:
    version = takes.version
    created = UpgradeRequest.objects.create(
        consumer=consumer,
        dependency=dependency,
        declared=", ".join(takes.declared)[:1024],
        wanted_range=ask.wanted_range,
        scm_repo=version.scm_repo if version else "",
        scm_commit=version.scm_commit if version else "",
        reason=ask.reason,
        deadline=ask.deadline,
        campaign=campaign,
        requested_by=actor.name[:256],
        requested_at=now,
    )
    record(
        actor, "request upgrade", str(created), at=now, reason=ask.reason,
        evidence={"upgrade_request": created.pk, "wanted_range": ask.wanted_range},
        after={"state": State.REQUESTED},
    )  # fmt: skip
    return created


def _tell(created: Collection[UpgradeRequest], now: datetime) -> None:
    """One notice per owner that lists all that is asked of it."""
    by_owner: dict[int | None, list[UpgradeRequest]] = {}
    for request in created:
        by_owner.setdefault(request.consumer.owner_id, []).append(request)
    write_notices(
        [
            Notice(
                team_id=owner_id,
                kind=Notice.Kind.UPGRADE_REQUESTED,
                title=_title(group),
                body=group[0].reason,
                items=[
                    {
                        "subject": f"upgrade-request:{request.pk}",
                        "label": str(request),
                        "detail": f"declares {request.declared or 'no range'}",
                    }
                    for request in group
                ],
                module=group[0].dependency,
                dedupe_key=f"upgrade-requests:{owner_id or 0}:{group[0].pk}",
                created_at=now,
            )
            for owner_id, group in by_owner.items()
        ]
    )


def _title(group: Sequence[UpgradeRequest]) -> str:
    if len(group) == 1:
        return f"Asked of you: {group[0]}"[:300]
    return f"{len(group):,} upgrades to {group[0].dependency.name} are asked of you"[:300]


def _check(dependency: Module, ask: Ask, now: datetime) -> None:
    try:
        is_reachable = is_satisfiable(dependency, ask.wanted_range)
    except VersioningError as error:
        raise CannotAsk(str(error)) from error
    if not is_reachable:
        raise CannotAsk(f"No version of {dependency.name} satisfies {ask.wanted_range}.")
    if ask.deadline is not None and ask.deadline <= now:
        raise CannotAsk("The deadline is past.")


def _check_consumers(
    consumers: Sequence[Module], dependency: Module, takes: dict[tuple[int, int], Takes]
) -> None:
    if not consumers:
        raise CannotAsk("Nobody is named.")
    strangers = [
        consumer.name
        for consumer in consumers
        if not any(
            taken.requires
            for taken in (
                *takes[consumer.pk, dependency.pk].newest,
                *takes[consumer.pk, dependency.pk].running,
            )
        )
    ]
    if strangers:
        names = ", ".join(strangers[:10])
        raise CannotAsk(f"Not required by the newest or a running version of: {names}.")


def _request(request_id: int) -> UpgradeRequest:
    rows = UpgradeRequest.objects.select_related("consumer__owner", "dependency__owner")
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise UnknownThing("upgrade request")
    return found


def _require(actor: Actor, owner_id: int | None, what: str) -> None:
    if not actor.may_sunset(owner_id):
        raise PermissionDenied(actor.name, what)
