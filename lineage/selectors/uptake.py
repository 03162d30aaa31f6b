"""Uptake: how a module's live consumers spread over its versions and lines, day by day."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from lineage.models import Deployment, Environment, Module, Version
from lineage.projection import Projection, projected_zero
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.takers import (
    FOREVER,
    UptakeFilter,
    consumers_of,
    counted,
    taken_by,
    takers_of,
)
from lineage.selectors.view import Array, current_view
from lineage.selectors.window import Window, days_before
from lineage.services.history import history_of

UNRESOLVED = "unresolved"
OTHERS = "others"
MOST_SERIES = 8
BY = ("major", "version")


@dataclass(frozen=True, slots=True)
class EnvironmentUptake:
    """What takes each line in one environment at the end of the window."""

    environment: str
    tier: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Uptake:
    """``counts[line][i]``: deployments live at the end of ``days[i]`` that take that line.

    Lines are major lines or versions, newest first; of versions those that were taken
    most, the others as one, ``folded`` many. ``totals`` counts each deployment once.
    """

    days: list[date]
    lines: list[str]
    counts: dict[str, list[int]]
    totals: list[int]
    folded: int
    environments: list[EnvironmentUptake]
    projections: dict[str, Projection]
    epoch: int


def uptake(
    module: Module,
    *,
    now: datetime,
    window: Window | None = None,
    filter: UptakeFilter | None = None,
    by: str = "major",
) -> Uptake:
    """Live deployments of direct consumers, by what they take, for each day of a window.

    Derived from the instants: a deployment counts on the days at whose end it was live,
    on the version its requirement resolved to at that moment, or the one observed at run
    time where one was. Of several requirements on the module the newest version counts.
    Bounded queries; memory grows with versions times days.
    """
    view = current_view(now)
    window = window or days_before(now)
    versions = list(Version.objects.filter(module=module).order_by("sort_key", "id"))
    consumers = consumers_of(view, module)
    history = history_of(module)
    takers = takers_of(consumers, versions, filter or UptakeFilter(), window)
    taken = taken_by(history, consumers, versions, window)
    counts, at_end = counted(takers, taken, len(versions) + 1, window)
    names = [v.major_line if by == "major" else v.version for v in versions]
    shown, folded = _shown(_by_name(counts, names))
    return Uptake(
        days=window.days,
        lines=list(shown),
        counts={line: row.tolist() for line, row in shown.items()},
        totals=counts.sum(axis=0).tolist(),
        folded=folded,
        environments=_environments(at_end, names, shown),
        projections={
            line: projected_zero(row.tolist(), window.days[-1])
            for line, row in shown.items()
            if line not in (OTHERS, UNRESOLVED)
        },
        epoch=view.snapshot.epoch,
    )


def stragglers(
    module: Module,
    line: str,
    *,
    now: datetime,
    filter: UptakeFilter | None = None,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[Deployment]:
    """Live deployments of direct consumers that take a line or version, longest running first."""
    begin, stop = bounds(page, size)
    view = current_view(now)
    window = days_before(now, 0)
    versions = list(Version.objects.filter(module=module).order_by("sort_key", "id"))
    consumers = consumers_of(view, module)
    takers = takers_of(consumers, versions, filter or UptakeFilter(), window)
    takers = takers.where(takers.ended == FOREVER)
    ((_, _, place),) = taken_by(history_of(module), consumers, versions, window)
    takes = np.where(takers.observed >= 0, takers.observed, place[takers.consumer])
    inside = [line in (v.major_line, v.minor_line, v.version) for v in versions]
    chosen = takers.where(np.array([*inside, line == UNRESOLVED], dtype=bool)[takes])
    order = np.lexsort((chosen.id, chosen.started))[begin:stop]
    related = Deployment.objects.select_related("version__module__owner", "environment", "source")
    rows = related.in_bulk(chosen.id[order].tolist())
    found = [rows[pk] for pk in chosen.id[order].tolist() if pk in rows]
    return Slice(found, len(chosen.id), max(page, 1), stop - begin)


def _by_name(counts: Array, names: list[str]) -> dict[str, Array]:
    """Rows of one name summed up, newest first, without those that are all zero."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    numbers[UNRESOLVED] = len(numbers)
    summed = np.zeros((len(numbers), *counts.shape[1:]), dtype=counts.dtype)
    np.add.at(summed, [numbers[name] for name in (*names, UNRESOLVED)], counts)
    order = [*reversed([name for name in numbers if name != UNRESOLVED]), UNRESOLVED]
    return {name: row for name in order if (row := summed[numbers[name]]).any()}


def _shown(series: dict[str, Array]) -> tuple[dict[str, Array], int]:
    """The series with the highest peaks in their order, and how many the rest folds into one."""
    if len(series) <= MOST_SERIES:
        return series, 0
    most = set(sorted(series, key=lambda name: -int(series[name].max()))[:MOST_SERIES])
    others = [row for name, row in series.items() if name not in most]
    kept = {name: row for name, row in series.items() if name in most}
    return {**kept, OTHERS: np.sum(others, axis=0)}, len(others)


def _environments(
    at_end: dict[int, Array], names: list[str], shown: dict[str, Array]
) -> list[EnvironmentUptake]:
    found = []
    for environment in Environment.objects.filter(pk__in=at_end).order_by("-tier", "name"):
        counts = dict.fromkeys(shown, 0)
        for name, row in _by_name(at_end[environment.pk][:, None], names).items():
            counts[name if name in counts else OTHERS] += int(row[0])
        found.append(EnvironmentUptake(environment.name, environment.tier, counts))
    return found
