"""A sunset as its page draws it: the steps it takes, and what its reader may do now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lifecycle.models import Sunset
from lifecycle.permissions import Actor
from lifecycle.selectors.sunsets import SunsetDetail
from lifecycle.states import UNDER_WAY, ItemState, SunsetState
from platform_ui.formats import day

WAY = (SunsetState.ANNOUNCED, SunsetState.GRACE, SunsetState.EXECUTING, SunsetState.DONE)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; states are those of the stepper."""

    label: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class Doable:
    """What may be done with a sunset by who looks at it."""

    go_on: bool
    cancel: bool
    force: bool
    restore: bool


def doable(detail: SunsetDetail, actor: Actor) -> Doable:
    """By state and by who owns the items; the services decide again."""
    may = all(actor.may_sunset(owner_id) for owner_id in detail.owner_ids)
    state = detail.sunset.state
    waits = state in (SunsetState.ANNOUNCED, SunsetState.GRACE, SunsetState.BLOCKED)
    is_operator = actor.is_operator and "admin" in actor.scopes
    return Doable(
        go_on=may and state in (SunsetState.ANNOUNCED, SunsetState.GRACE),
        cancel=may and state in UNDER_WAY,
        force=may and waits and is_operator and not detail.sunset.is_forced,
        restore=may and detail.is_restorable,
    )


def steps_of(sunset: Sunset, states: Mapping[str, int], now: datetime) -> list[Step]:
    """The steps: those taken, the one it is at, those to come."""
    state = SunsetState(sunset.state)
    if state in WAY:
        at = WAY.index(state)
        marks = ["done"] * at + ["current"] + ["todo"] * (len(WAY) - at - 1)
        if state is SunsetState.EXECUTING:
            marks[at] = "running"
        return [_step(sunset, one, mark, states, now) for one, mark in zip(WAY, marks, strict=True)]
    went = sunset.executed_at is not None
    taken = WAY if state is SunsetState.PURGED else WAY[: 3 if went else 2]
    return [
        *(_step(sunset, one, "done", states, now) for one in taken),
        _end(sunset, state, now),
    ]


def _step(
    sunset: Sunset, step: SunsetState, mark: str, states: Mapping[str, int], now: datetime
) -> Step:
    notes = {
        SunsetState.ANNOUNCED: f"{day(sunset.made_at, now)} by {sunset.made_by}",
        SunsetState.GRACE: _until(sunset.grace_until, now, "until"),
        SunsetState.EXECUTING: _progress(sunset, states, now),
        SunsetState.DONE: f"restorable until {day(sunset.restorable_until, now)}"
        if sunset.executed_at
        else "",
    }
    return Step(step.value.capitalize(), notes[step], mark)


def _end(sunset: Sunset, state: SunsetState, now: datetime) -> Step:
    match state:
        case SunsetState.BLOCKED:
            return Step("Blocked", "goes on when the blockers leave", "failed")
        case SunsetState.CANCELLED:
            note = _until(sunset.cancelled_at, now, "")
            return Step("Cancelled", f"{note} by {sunset.cancelled_by}".strip(), "undone")
        case SunsetState.PURGED:
            return Step("Purged", _until(sunset.purged_at, now, ""), "current")
        case _:
            note = _until(sunset.restored_at, now, "")
            return Step("Restored", f"{note} by {sunset.restored_by}".strip(), "undone")


def _progress(sunset: Sunset, states: Mapping[str, int], now: datetime) -> str:
    if sunset.executed_at is None:
        return ""
    total = sum(states.values())
    went = total - states.get(ItemState.PLANNED, 0) - states.get(ItemState.CANCELLED, 0)
    if sunset.state == SunsetState.EXECUTING:
        waiting = states.get(ItemState.EXECUTING, 0)
        note = f"{went:,} of {total:,}"
        return f"{note}, {waiting:,} not acknowledged yet" if waiting else note
    return f"{day(sunset.executed_at, now)}, use checked again"


def _until(at: datetime | None, now: datetime, word: str) -> str:
    return f"{word} {day(at, now)}".strip() if at else ""


def is_moving(sunset: Sunset) -> bool:
    """Whether the page should look again by itself."""
    return sunset.state in UNDER_WAY
