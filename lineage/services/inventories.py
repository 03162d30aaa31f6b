"""Full inventories: what a source no longer lists is ended, or held until somebody decides."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from lineage.blindness import Drop, Limits, blindness_of
from lineage.exceptions import NotHeld, UnknownInventory
from lineage.ingest.bulk import graph_lock, insert_rows, update_rows
from lineage.ingest.known import batches
from lineage.ingest.listing import Listing
from lineage.ingest.parsers.base import Parsed
from lineage.models import (
    Deployment,
    DeploymentMark,
    IngestRun,
    Inventory,
    UnlistedDeployment,
    Witness,
)
from lineage.services.deployments import derive_series
from lineage.services.epoch import bump

State = Inventory.State


@dataclass(slots=True)
class Parting:
    """What becomes of deployments a source lists no more: ended, or left to a witness."""

    ending: list[str] = field(default_factory=list)  # keys
    left_to: list[tuple[int, int]] = field(default_factory=list)  # (source, deployment)


def limits() -> Limits:
    """The limits of a drop, from the settings."""
    return Limits(percent=settings.BLIND_DROP_PERCENT, least=settings.BLIND_DROP_LEAST)


def vouched_by(source_id: int, *, environment: str, before: datetime) -> set[int]:
    """The live deployments a source vouches for, started before an instant, by id.

    Those whose row names it and those it is a further witness of; of one environment
    where one is named.
    """
    live = Deployment.objects.live().filter(started_at__lt=before).order_by()
    if environment:
        live = live.filter(environment__name=environment)
    own = live.filter(source_id=source_id).values_list("id", flat=True)
    further = live.filter(witnesses__source_id=source_id).values_list("id", flat=True)
    return {*own.iterator(10_000), *further.iterator(10_000)}


def hear(listing: Listing, chunk: Sequence[Parsed], *, source_id: int) -> None:
    """Hear a chunk before it is taken; the first of an inventory finds what it stands against."""
    listing.hear(chunk)
    if listing.is_inventory and listing.vouched is None:
        listing.vouched = vouched_by(source_id, environment=listing.environment, before=listing.at)


def take_inventory(
    listing: Listing, relisted: Collection[str], *, run: IngestRun, now: datetime
) -> tuple[Inventory, int]:
    """Compare what a source lists with what it vouched for; returns how many ends moved too.

    The caller holds the graph lock and has written the document. Nothing ends where a
    later inventory was taken before, nor where the drop looks like blindness: then it is
    held, and the hold of the inventory before it goes over into this one.
    """
    hear(listing, (), source_id=run.source_id)
    at, environment = listing.at, listing.environment
    live = _live(listing.vouched or ())
    missing = [pk for pk, key in live.items() if key not in listing.keys]
    parting = _part(missing, run.source_id)
    inventory = Inventory(
        source_id=run.source_id,
        run=run,
        environment=environment,
        at=at,
        listed=len(listing.keys),
        vouched=len(live),
        missing=len(missing),
        ending=len(parting.ending),
        state=State.TAKEN,
    )
    same_place = Inventory.objects.filter(source_id=run.source_id).order_by()
    if environment:
        same_place = same_place.filter(environment__in=("", environment))
    if same_place.filter(at__gt=at).exists():
        inventory.state = State.LATE
        inventory.save()
        return inventory, 0
    moved = _take_back(relisted, at, run.source_id)
    drop = Drop(len(live), len(missing), listing.lines, listing.count, listing.unreadable)
    reason = blindness_of(drop, limits())
    if reason is not None:
        inventory.reason = reason.value
        _hold(inventory, missing, now)
        return inventory, moved
    _close_holds(inventory, State.CLEARED, now)
    inventory.ended = _carry_out(parting, missing, source_id=run.source_id, at=at)
    inventory.save()
    return inventory, moved + inventory.ended


def accept_drop(inventory_id: int, *, by: str, reason: str, now: datetime) -> Inventory:
    """Believe a held inventory: end what it no longer lists and its source still vouches for.

    Raises UnknownInventory, NotHeld. Ends lie at the instant of the inventory.
    """
    with graph_lock():
        held = _held(inventory_id)
        still = vouched_by(held.source_id, environment=held.environment, before=held.at)
        listed = held.unlisted.order_by().values_list("deployment_id", flat=True)
        missing = sorted(still.intersection(listed.iterator(10_000)))
        parting = _part(missing, held.source_id)
        held.ended = _carry_out(parting, missing, source_id=held.source_id, at=held.at)
        _decide(held, State.ACCEPTED, by=by, reason=reason, now=now)
        if held.ended:
            bump(now, modules=())
        return held


def dismiss_drop(inventory_id: int, *, by: str, reason: str, now: datetime) -> Inventory:
    """Leave a held inventory at that: nothing ends; raises UnknownInventory, NotHeld."""
    with graph_lock():
        held = _held(inventory_id)
        _decide(held, State.DISMISSED, by=by, reason=reason, now=now)
        held.unlisted.all().delete()
        return held


def _live(ids: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for batch in batches(sorted(ids)):
        live = Deployment.objects.live().filter(id__in=batch).order_by()
        found.update(live.values_list("id", "key"))
    return found


def _part(ids: Collection[int], source_id: int) -> Parting:
    """Who else vouches decides: what nobody else reports ends."""
    parting = Parting()
    for batch in batches(sorted(ids)):
        others: dict[int, set[int]] = defaultdict(set)
        witnesses = Witness.objects.filter(deployment_id__in=batch).order_by()
        for deployment_id, witness in witnesses.values_list("deployment_id", "source_id"):
            others[deployment_id].add(witness)
        rows = Deployment.objects.filter(id__in=batch).order_by()
        for pk, key, named in rows.values_list("id", "key", "source_id"):
            left = (others[pk] | {named}) - {source_id, None}
            if not left:
                parting.ending.append(key)
            else:
                parting.left_to.append((named if named in left else min(left), pk))
    return parting


def _carry_out(parting: Parting, missing: Collection[int], *, source_id: int, at: datetime) -> int:
    """End and hand over; returns how many keys had a live deployment ended."""
    for batch in batches(sorted(missing)):
        Witness.objects.filter(deployment_id__in=batch, source_id=source_id).delete()
    update_rows(Deployment, ("source_id",), parting.left_to)
    _mark(parting.ending, DeploymentMark.Kind.UNLISTED, at, source_id)
    return len(parting.ending)


def _take_back(keys: Collection[str], at: datetime, source_id: int) -> int:
    """What an earlier inventory ended and this one lists runs after all."""
    ended: list[str] = []
    for batch in batches(sorted(keys)):
        found = Deployment.objects.filter(
            key__in=batch, end_reason=Deployment.EndReason.UNLISTED, ended_at__lt=at
        )
        ended += found.order_by().values_list("key", flat=True)
    _mark(ended, DeploymentMark.Kind.LISTED, at, source_id)
    return len(ended)


def _mark(keys: Collection[str], kind: DeploymentMark.Kind, at: datetime, source_id: int) -> None:
    DeploymentMark.objects.bulk_create(
        [DeploymentMark(key=key, kind=kind, at=at, source_id=source_id) for key in keys],
        ignore_conflicts=True,
        batch_size=1_000,
    )
    derive_series(keys)


def _hold(inventory: Inventory, missing: Collection[int], now: datetime) -> None:
    before = Inventory.objects.filter(
        source_id=inventory.source_id, environment=inventory.environment, state=State.HELD
    ).first()
    inventory.held_since = before.held_since if before else now
    if before is not None:
        _close(before.pk, State.SUPERSEDED, now)
    inventory.state = State.HELD
    inventory.save()
    insert_rows(
        UnlistedDeployment,
        ("inventory_id", "deployment_id"),
        [(inventory.pk, pk) for pk in missing],
    )


def _close_holds(inventory: Inventory, state: State, now: datetime) -> None:
    """A complete inventory answers the holds of its own scope, and of all within it."""
    within = Q() if not inventory.environment else Q(environment=inventory.environment)
    holds = Inventory.objects.filter(within, source_id=inventory.source_id, state=State.HELD)
    for pk in holds.values_list("id", flat=True):
        _close(pk, state, now)


def _close(pk: int, state: State, now: datetime) -> None:
    Inventory.objects.filter(pk=pk).update(state=state, decided_at=now)
    UnlistedDeployment.objects.filter(inventory_id=pk).delete()


def _held(inventory_id: int) -> Inventory:
    found = Inventory.objects.select_related("source").filter(pk=inventory_id).first()
    if found is None:
        raise UnknownInventory(inventory_id)
    if found.state != State.HELD:
        raise NotHeld(found.state)
    return found


def _decide(held: Inventory, state: State, *, by: str, reason: str, now: datetime) -> None:
    held.state, held.decided_at = state, now
    held.decided_by, held.decision = by[:256], reason[:10_000]
    held.save()
