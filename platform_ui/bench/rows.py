"""One line of the benchmark, and how all of them are printed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure. ``limit`` is the same work by other means, measured beside it in the same run.

    No target: it is there to compare.
    """

    work: str
    figure: float
    unit: str
    target: float | None
    limit: float | None = None
    limit_is: str = ""
    cpu: float | None = None  # of the figure, the process's own work; the rest was waiting

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty where there is none."""
        if self.target is None:
            return ""
        return "met" if self.figure <= self.target else "MISS"

    @property
    def said(self) -> str:
        """The figure, and the target where there is one."""
        target = "" if self.target is None else f", target {_figure(self.target, self.unit)}"
        own = "" if self.cpu is None else f" ({_figure(self.cpu, self.unit)} of its own work)"
        return _figure(self.figure, self.unit) + own + target

    @property
    def is_quick_alone(self) -> bool:
        """Whether the process's own work meets the target."""
        return None not in (self.cpu, self.target) and (self.cpu or 0) <= (self.target or 0)

    @property
    def ratio(self) -> float | None:
        """How many times the limit."""
        return self.figure / self.limit if self.limit else None


def table(rows: Iterable[Row]) -> str:
    """The rows as text, one a line."""
    lines = [f"{'work':<58} {'figure':>10} {'target':>10}       beside"]
    for row in rows:
        target = "" if row.target is None else _figure(row.target, row.unit)
        lines.append(
            f"{row.work:<58} {_figure(row.figure, row.unit):>10} "
            f"{target:>10}  {row.verdict:<4} {_beside(row)}"
        )
    return "\n".join(lines)


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| work | figure | target | | beside |", "|---|--:|--:|---|---|"]
    for row in rows:
        target = "" if row.target is None else _figure(row.target, row.unit)
        lines.append(
            f"| {row.work} | {_figure(row.figure, row.unit)} | {target} | {row.verdict} "
            f"| {_beside(row)} |"
        )
    return "\n".join(lines)


def _beside(row: Row) -> str:
    words = [] if row.cpu is None else [f"{_figure(row.cpu, row.unit)} of its own work"]
    words += [f"{row.ratio:,.1f} × {row.limit_is} ({row.limit:,.3g})"] if row.ratio else []
    return "; ".join(words)


def _figure(value: float, unit: str) -> str:
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"
