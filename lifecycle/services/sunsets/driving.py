"""The driver: moves everything that is due, as often and by as many workers as one likes."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lifecycle.models import Sunset
from lifecycle.selectors.stops import current_stop
from lifecycle.services.sunsets.automatic import announce_automatic
from lifecycle.services.sunsets.executing import LATER
from lifecycle.services.sunsets.purging import purge_sunset
from lifecycle.services.sunsets.steps import drive_one
from lifecycle.states import UNDER_WAY, SunsetState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Driven:
    """What a round of the driver did."""

    announced: int = 0
    moved: int = 0
    purged: int = 0


def drive_sunsets(now: datetime) -> Driven:
    """Announce what policies say goes by itself, take every step that is due, purge.

    Idempotent. While the emergency stop is on nothing moves.
    """
    if current_stop() is not None:
        return Driven()
    announced = announce_automatic(now)
    moved = sum(_try(drive_one, pk, now) > 0 for pk in _due(UNDER_WAY, now))
    purged = sum(_try(purge_sunset, pk, now) for pk in _due((SunsetState.DONE,), now))
    return Driven(announced, moved, purged)


def _try(act: Callable[..., int], pk: int, now: datetime) -> int:
    """Act on one sunset; what goes wrong with it is logged and does not hold up the others."""
    try:
        return act(pk, now=now)
    except Exception:
        logger.exception("sunset %s could not go on", pk)
        Sunset.objects.filter(pk=pk).update(next_step_at=now + LATER)
        return 0


def _due(states: tuple[SunsetState, ...], now: datetime) -> list[int]:
    due = Sunset.objects.filter(next_step_at__lte=now, state__in=states)
    return list(due.order_by("next_step_at", "id").values_list("id", flat=True))
