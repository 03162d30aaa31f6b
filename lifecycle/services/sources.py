"""Decisions on sources: whether a drop is believed, and how often a source should speak."""

from datetime import datetime
from typing import Protocol

from lifecycle.exceptions import PermissionDenied
from lifecycle.permissions import Actor
from lifecycle.services.audit import record
from lineage.exceptions import UnknownSource
from lineage.ingest.bulk import graph_lock
from lineage.models import Inventory, Source
from lineage.services.inventories import accept_drop, dismiss_drop
from lineage.services.snapshot import refresh


class Decide(Protocol):
    """How a held inventory is answered."""

    def __call__(self, inventory_id: int, *, by: str, reason: str, now: datetime) -> Inventory: ...


def accept_inventory(inventory_id: int, *, actor: Actor, reason: str, now: datetime) -> Inventory:
    """Believe a held inventory: what it no longer lists ends, at its instant.

    Raises PermissionDenied, UnknownInventory, NotHeld. The graph is current afterwards.
    """
    decided = _decide(accept_drop, "accept drop", inventory_id, actor, reason, now)
    refresh(now)
    return decided


def dismiss_inventory(inventory_id: int, *, actor: Actor, reason: str, now: datetime) -> Inventory:
    """Leave a held inventory at that; nothing ends. Raises as ``accept_inventory``."""
    return _decide(dismiss_drop, "dismiss drop", inventory_id, actor, reason, now)


def choose_cadence(name: str, seconds: int | None, *, actor: Actor, now: datetime) -> Source:
    """Set how often a source should speak; None leaves that to what it says itself.

    Raises PermissionDenied, UnknownSource.
    """
    _require_operator(actor, f"say how often {name} should speak")
    with graph_lock():
        source = Source.objects.filter(name=name).first()
        if source is None:
            raise UnknownSource(name)
        before = source.chosen_cadence
        if before != seconds:
            source.chosen_cadence = seconds
            source.save(update_fields=["chosen_cadence"])
            record(
                actor, "choose cadence", name, at=now,
                before={"cadence": before}, after={"cadence": seconds},
            )  # fmt: skip
        return source


def _decide(
    decide: Decide, action: str, inventory_id: int, actor: Actor, reason: str, now: datetime
) -> Inventory:
    _require_operator(actor, "decide on a held inventory")
    with graph_lock():
        found = decide(inventory_id, by=actor.name, reason=reason, now=now)
        record(
            actor, action, found.source.name, at=now, reason=reason,
            evidence={
                "inventory": found.pk, "run": found.run_id, "why": found.reason,
                "vouched": found.vouched, "missing": found.missing, "ended": found.ended,
            },
            before={"state": Inventory.State.HELD}, after={"state": found.state},
        )  # fmt: skip
    return found


def _require_operator(actor: Actor, what: str) -> None:
    if not (actor.is_operator and "admin" in actor.scopes):
        raise PermissionDenied(actor.name, what)
