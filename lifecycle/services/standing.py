"""Conditions that stand: told when they begin, again only after they had ended."""

from collections.abc import Collection
from datetime import datetime

from lifecycle.models import NoticeMark, StandingCondition
from lineage.ingest.known import batches


def newly_so(kind: str, keys: Collection[str], now: datetime) -> set[str]:
    """Those of the keys that were not so before; what is no longer so is forgotten.

    The first time a kind is looked at, all that is so is history. Call inside the
    transaction that tells.
    """
    _, is_first = NoticeMark.objects.get_or_create(name=f"standing:{kind}"[:32])
    held = set(StandingCondition.objects.filter(kind=kind).order_by().values_list("key", flat=True))
    wanted = {key[:300] for key in keys}
    for batch in batches(sorted(held - wanted)):
        StandingCondition.objects.filter(kind=kind, key__in=batch).delete()
    fresh = wanted - held
    StandingCondition.objects.bulk_create(
        [StandingCondition(kind=kind, key=key, since=now) for key in sorted(fresh)],
        ignore_conflicts=True,
        batch_size=500,
    )
    return set() if is_first else fresh
