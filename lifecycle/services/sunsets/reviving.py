"""Revived: what was sunset and was ingested again is back, visibly."""

from datetime import datetime

from lifecycle.models import SunsetItem
from lifecycle.permissions import system_actor
from lifecycle.services.audit import record
from lifecycle.services.executor_calls import withdraw_calls
from lifecycle.services.sunsets.recording import came_back
from lifecycle.states import ItemState


def mark_revived(now: datetime) -> int:
    """Note the items that came back by being ingested again; returns how many.

    What the executor was not told yet about them is not said any more.
    """
    revived = came_back()
    for item in revived:
        before = item.state
        claimed = SunsetItem.objects.filter(pk=item.pk, state=before).update(
            state=ItemState.REVIVED, changed_at=now
        )
        if claimed:
            withdraw_calls([item.pk])
            record(
                system_actor(), "revived", item.label, at=now,
                reason="It was ingested again after its sunset.",
                evidence={"sunset": item.sunset_id, "items": [item.label]},
                before={"state": before}, after={"state": ItemState.REVIVED},
            )  # fmt: skip
    return len(revived)
