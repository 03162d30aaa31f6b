"""The epoch counter: read it, bump it."""

from datetime import datetime

from django.db.models import F

from lineage.models import Epoch


def current_epoch() -> Epoch:
    """The one epoch row, made on first use."""
    row, _ = Epoch.objects.get_or_create(id=1)
    return row


def bump(now: datetime) -> int:
    """Count one change of the graph; call inside the transaction that makes it."""
    current_epoch()
    Epoch.objects.filter(id=1).update(number=F("number") + 1, changed_at=now)
    return Epoch.objects.get(id=1).number
