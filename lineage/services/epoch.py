"""The epoch counter: read it, bump it."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from django.db.models import F

from lineage.models import Epoch, EpochChange

MOST_LISTED = 2_000  # modules of one change that are worth a list
CHANGES_KEPT = 200  # epochs


def current_epoch() -> Epoch:
    """The one epoch row, made on first use."""
    row, _ = Epoch.objects.get_or_create(id=1)
    return row


def bump(now: datetime, modules: Collection[int] | None = None) -> int:
    """Count one change of the graph; call inside the transaction that makes it.

    ``modules`` are the ids of those whose versions or requirements changed, None if that
    is not known: a snapshot then starts from nothing.
    """
    current_epoch()
    Epoch.objects.filter(id=1).update(number=F("number") + 1, changed_at=now)
    number = Epoch.objects.get(id=1).number
    is_listed = modules is not None and len(modules) <= MOST_LISTED
    EpochChange.objects.update_or_create(
        number=number,
        defaults={"changed_at": now, "modules": sorted(modules or ()) if is_listed else None},
    )
    EpochChange.objects.filter(number__lte=number - CHANGES_KEPT).delete()
    return number


def changed_since(number: int, stamp: str) -> set[int] | None:
    """The modules that changed after an epoch, None where that is not known.

    ``stamp`` is that epoch's (``stamp_of``): one of another history knows nothing of this.
    """
    rows = list(EpochChange.objects.filter(number__gte=number).order_by("number"))
    if not rows or rows[0].number != number or rows[0].changed_at.isoformat() != stamp:
        return None
    if rows[-1].number != number + len(rows) - 1:
        return None
    changed: set[int] = set()
    for row in rows[1:]:
        if row.modules is None:
            return None
        changed.update(row.modules)
    return changed if len(changed) <= MOST_LISTED else None


def renew(epoch: Epoch) -> Epoch:
    """Give the database another id: it went back in time, and what lies under the old is not its.

    Whoever comes second finds it renewed and changes nothing.
    """
    Epoch.objects.filter(id=1, database_id=epoch.database_id).update(database_id=uuid4())
    return current_epoch()


def stamp_of(epoch: Epoch) -> str:
    """What tells this epoch from one of the same number in another history."""
    return epoch.changed_at.isoformat() if epoch.changed_at else ""
