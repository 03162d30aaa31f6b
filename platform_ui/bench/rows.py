"""One line of the benchmark, and how all of them are printed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure. ``limit`` is the same work by the fastest means there is, measured beside it."""

    work: str
    figure: float
    unit: str
    target: float
    limit: float | None = None
    limit_is: str = ""

    @property
    def is_met(self) -> bool:
        return self.figure <= self.target

    @property
    def ratio(self) -> float | None:
        """How many times the limit."""
        return self.figure / self.limit if self.limit else None


def table(rows: Iterable[Row]) -> str:
    """The rows as text, one a line."""
    lines = [f"{'work':<58} {'figure':>10} {'target':>10}       beside"]
    for row in rows:
        beside = f"{row.ratio:.1f} × {row.limit_is} ({row.limit:,.3g})" if row.ratio else ""
        lines.append(
            f"{row.work:<58} {_figure(row.figure, row.unit):>10} "
            f"{_figure(row.target, row.unit):>10}  {'met ' if row.is_met else 'MISS'} {beside}"
        )
    return "\n".join(lines)


def _figure(value: float, unit: str) -> str:
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"
