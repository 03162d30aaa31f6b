"""Blindness: whether what vanished from a full inventory may be believed to be gone (pure)."""

from dataclasses import dataclass
from enum import StrEnum


class Blindness(StrEnum):
    """Why a drop is not believed."""

    EMPTY = "empty"
    INCOMPLETE = "incomplete"
    UNREADABLE = "unreadable"
    EVERYTHING = "everything"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Drop:
    """How a full inventory compares with what its source vouched for before.

    ``missing`` of the ``vouched`` are listed no more. ``lines`` are the deployments it
    lists, known or new; ``stated`` is how many it says it lists, if it says so;
    ``unreadable`` lines might have listed anything.
    """

    vouched: int
    missing: int
    lines: int
    stated: int | None = None
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """A drop is blindness from ``least`` missing on, if they are more than ``percent``."""

    percent: int = 20
    least: int = 10


def blindness_of(drop: Drop, limits: Limits) -> Blindness | None:
    """Why the drop must wait for an operator; None where what is missing is gone.

    A few of many may go, and so may most of very few. Everything at once, an empty
    list, a list that is shorter than it says and one with lines nobody could read are
    never believed.
    """
    if not drop.missing:
        return None
    if not drop.lines:
        return Blindness.EMPTY
    if drop.stated is not None and drop.lines < drop.stated:
        return Blindness.INCOMPLETE
    if drop.unreadable:
        return Blindness.UNREADABLE
    if drop.missing >= drop.vouched:
        return Blindness.EVERYTHING
    is_many = drop.missing >= limits.least
    is_large = drop.missing * 100 > limits.percent * drop.vouched
    return Blindness.SHARE if is_many and is_large else None
