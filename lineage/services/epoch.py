"""The epoch counter: read it, bump it."""

from datetime import datetime
from uuid import uuid4

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


def renew(epoch: Epoch) -> Epoch:
    """Give the database another id: it went back in time, and what lies under the old is not its.

    Whoever comes second finds it renewed and changes nothing.
    """
    Epoch.objects.filter(id=1, database_id=epoch.database_id).update(database_id=uuid4())
    return current_epoch()


def stamp_of(epoch: Epoch) -> str:
    """What tells this epoch from one of the same number in another history."""
    return epoch.changed_at.isoformat() if epoch.changed_at else ""
