"""Events: made from rows, written once each, in the transaction of the caller."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from lifecycle.events import kind_named
from lifecycle.events.data import Data, ModuleRef
from lifecycle.models import Event
from lineage.models import Module


def event(
    kind: str,
    data: Data,
    *,
    key: str,
    title: str,
    now: datetime,
    module: Module | None = None,
    environment: str = "",
    audience: Iterable[int | None] = (),
) -> Event:
    """An event of the catalogue, not written yet; raises TypeError where data is another kind's.

    ``audience`` are the owners a notice tells of it, None being the operators.
    """
    if type(data) is not kind_named(kind).data:
        raise TypeError(f"{kind} does not say {type(data).__name__}")
    return Event(
        kind=kind,
        key=f"{kind}:{key}"[:300],
        title=title[:300],
        module=module,
        team_id=module.owner_id if module else None,
        environment=environment,
        data=msgspec.to_builtins(data),
        audience=sorted({owner_id or 0 for owner_id in audience}),
        at=now,
    )


def write_events(events: Sequence[Event]) -> None:
    """Put events into the outbox; one with a known key is already there."""
    Event.objects.bulk_create(events, ignore_conflicts=True, batch_size=500)


def module_ref(module: Module) -> ModuleRef:
    """A module as events name it; its owner must be at hand."""
    return ModuleRef(
        ecosystem=module.ecosystem,
        name=module.name,
        purl=module.purl,
        owner=module.owner.name if module.owner else None,
    )


def names(rows: Collection[str], most: int = 1_000) -> list[str]:
    """Names in order, each once, at most so many."""
    return sorted(set(rows))[:most]
