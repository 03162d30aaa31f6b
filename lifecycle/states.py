"""Which states a sunset and its items may pass through: one transition table each (pure)."""

from enum import StrEnum


class SunsetState(StrEnum):
    """Where a sunset stands.

    ``blocked``: nothing of it can go as things are; it goes on when the blockers leave,
    or is cancelled.
    """

    ANNOUNCED = "announced"
    GRACE = "grace"
    EXECUTING = "executing"
    DONE = "done"
    RESTORED = "restored"
    PURGED = "purged"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """Where one item truly stands.

    ``executing``: recorded here, the executor has not acknowledged yet. ``failed``: the
    executor gave up and the record was taken back. ``dropped``: it became used, or was
    exempted, before it went. ``revived``: it was ingested again after it went.
    """

    PLANNED = "planned"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"
    CANCELLED = "cancelled"
    RESTORING = "restoring"
    RESTORED = "restored"
    REVIVED = "revived"
    PURGED = "purged"


SUNSET_TRANSITIONS: dict[SunsetState, frozenset[SunsetState]] = {
    SunsetState.ANNOUNCED: frozenset({SunsetState.GRACE, SunsetState.CANCELLED}),
    SunsetState.GRACE: frozenset({SunsetState.EXECUTING, SunsetState.CANCELLED}),
    SunsetState.EXECUTING: frozenset(
        {SunsetState.DONE, SunsetState.BLOCKED, SunsetState.RESTORED, SunsetState.CANCELLED}
    ),
    SunsetState.BLOCKED: frozenset({SunsetState.GRACE, SunsetState.CANCELLED}),
    SunsetState.DONE: frozenset({SunsetState.RESTORED, SunsetState.PURGED}),
    SunsetState.RESTORED: frozenset(),
    SunsetState.PURGED: frozenset(),
    SunsetState.CANCELLED: frozenset(),
}

ITEM_TRANSITIONS: dict[ItemState, frozenset[ItemState]] = {
    ItemState.PLANNED: frozenset(
        {ItemState.EXECUTING, ItemState.DONE, ItemState.DROPPED, ItemState.CANCELLED}
    ),
    ItemState.EXECUTING: frozenset(
        {
            ItemState.DONE,
            ItemState.FAILED,
            ItemState.RESTORING,
            ItemState.RESTORED,
            ItemState.REVIVED,
        }
    ),
    ItemState.DONE: frozenset(
        {ItemState.RESTORING, ItemState.RESTORED, ItemState.REVIVED, ItemState.PURGED}
    ),
    ItemState.FAILED: frozenset({ItemState.EXECUTING, ItemState.DONE, ItemState.CANCELLED}),
    ItemState.DROPPED: frozenset({ItemState.PLANNED, ItemState.CANCELLED}),
    ItemState.RESTORING: frozenset({ItemState.RESTORED}),
    ItemState.CANCELLED: frozenset(),
    ItemState.RESTORED: frozenset(),
    ItemState.REVIVED: frozenset({ItemState.RESTORED}),
    ItemState.PURGED: frozenset(),
}


# Sunsets that may still take something.
UNDER_WAY = (
    SunsetState.ANNOUNCED,
    SunsetState.GRACE,
    SunsetState.EXECUTING,
    SunsetState.BLOCKED,
)
# Sunsets of which what went can be brought back.
RESTORABLE = (SunsetState.EXECUTING, SunsetState.DONE)
# Items that are gone in our records on account of their sunset.
GONE = (ItemState.EXECUTING, ItemState.DONE)


def sources_of(state: SunsetState) -> list[SunsetState]:
    """The states a sunset may come from; what a conditional update must find."""
    return [source for source, targets in SUNSET_TRANSITIONS.items() if state in targets]


def item_sources_of(state: ItemState) -> list[ItemState]:
    """The states an item may come from; what a conditional update must find."""
    return [source for source, targets in ITEM_TRANSITIONS.items() if state in targets]


def choices_of(states: type[StrEnum]) -> list[tuple[str, str]]:
    """The states as a field's choices."""
    return [(state.value, state.value) for state in states]
