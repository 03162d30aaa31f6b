"""Sends a delivery again that has come to its end, as it was."""

from datetime import datetime

from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.models import Delivery
from lifecycle.permissions import Actor
from lifecycle.services.webhooks import may_keep

ENDED = (Delivery.State.DELIVERED, Delivery.State.PARKED)


class StillOnItsWay(LifecycleError):
    """A delivery that has not come to its end cannot be sent again."""

    code = "still_on_its_way"
    status = 409

    def __init__(self) -> None:
        super().__init__("It is still on its way.")


def delivery_for(pk: int, *, user_id: int | None, actor: Actor) -> Delivery:
    """A delivery whose log the actor may see; raises UnknownThing for any other."""
    row = Delivery.objects.select_related("webhook", "event").filter(pk=pk).first()
    if row is None or not _may_see(row, user_id, actor):
        raise UnknownThing("delivery")
    return row


def resend(pk: int, *, user_id: int | None, actor: Actor, now: datetime) -> Delivery:
    """Put a delivery that ended back into the queue, same message, same id.

    Raises UnknownThing, StillOnItsWay. A receiver that honours the id drops what it has.
    """
    row = delivery_for(pk, user_id=user_id, actor=actor)
    is_back = Delivery.objects.filter(pk=row.pk, state__in=ENDED).update(
        state=Delivery.State.WAITING, due_at=now, attempts=0, finished_at=None
    )
    if not is_back:
        raise StillOnItsWay
    row.refresh_from_db()
    return row


def _may_see(row: Delivery, user_id: int | None, actor: Actor) -> bool:
    if row.webhook is not None:
        return may_keep(actor, row.webhook)
    if row.user_id is not None:
        return row.user_id == user_id
    is_member = row.team_id is not None and row.team_id in actor.team_ids
    return is_member or actor.is_operator
