"""When a falling count will reach zero: a robust line through its recent days (pure).

The slope is the median of the slopes between all pairs of days, and its interval comes
from the ranks of these slopes (P. K. Sen, 1968; H. Theil, 1950).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt

import numpy as np

RECENT = 28  # days that the line is drawn through
LEAST = 7  # days below which nothing is said
NORMAL_95 = 1.96
FARTHEST = 3650  # days; beyond that a date would pretend to know

ZERO, FALLING, NOT_FALLING, TOO_SHORT = "zero", "falling", "not falling", "too short"
STATES = (ZERO, FALLING, NOT_FALLING, TOO_SHORT)


@dataclass(frozen=True, slots=True)
class Projection:
    """``state``: zero, falling, not falling or too short. Dates only of what falls.

    ``zero_on`` by the median slope; ``earliest`` and ``latest`` by the bounds of its 95 %
    interval. None: farther away than ten years.
    """

    state: str
    zero_on: date | None = None
    earliest: date | None = None
    latest: date | None = None
    per_week: float = 0.0  # by how much the count changes in a week


def projected_zero(counts: Sequence[int], last_day: date) -> Projection:
    """When daily counts that end on ``last_day`` reach zero if the recent weeks go on.

    Falling is what falls by the whole of the interval: where the interval holds zero
    there is no projection. Days are taken as independent, which they are not, so the
    interval is rather too narrow.
    """
    if not counts or len(counts) < LEAST:
        return Projection(TOO_SHORT)
    recent = np.asarray(counts[-RECENT:], dtype=np.float64)
    if recent[-1] == 0:
        return Projection(ZERO)
    low, slope, high = _slopes(recent)
    per_week = round(7 * slope, 2)
    if high >= 0 or slope >= 0:
        return Projection(NOT_FALLING, per_week=per_week)
    now = float(recent[-1])
    zero_on, earliest, latest = (_after(last_day, now / -by) for by in (slope, low, high))
    return Projection(FALLING, zero_on, earliest, latest, per_week)


def _slopes(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[float, float, float]:
    """Lower bound, median and upper bound of the slope, per day."""
    days = len(values)
    first, second = np.triu_indices(days, k=1)
    slopes = np.sort((values[second] - values[first]) / (second - first))
    spread = NORMAL_95 * sqrt(days * (days - 1) * (2 * days + 5) / 18)
    low = max(int((len(slopes) - spread) / 2), 0)
    high = min(ceil((len(slopes) + spread) / 2), len(slopes) - 1)
    return float(slopes[low]), float(np.median(slopes)), float(slopes[high])


def _after(day: date, days: float) -> date | None:
    return None if days > FARTHEST else day + timedelta(days=ceil(days))
