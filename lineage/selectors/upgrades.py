"""Upgrades: what consumers run, what they could reach, and what is dying under them."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from lineage.models import Deprecation, Module, Version
from lineage.selectors.lag import days_between, distance_of, running_with
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.requirements import ranges_of
from lineage.selectors.upgrade_edges import (
    MOVES,
    Edges,
    UpgradeFilter,
    chosen_of,
    edges_of,
    observed_by,
    wanted_of,
)
from lineage.selectors.urgency import CURRENT, STATUSES
from lineage.selectors.view import Array, View, current_view, module_rows, version_rows
from lineage.versioning import scheme_for
from lineage.versioning.suggest import ranges_taking

__all__ = [
    "MOVES",
    "STATUSES",
    "UpgradeFilter",
    "UpgradeRow",
    "Upgrades",
    "upgrade_head",
    "upgrade_list",
    "upgrades",
]


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """One dependency of one consumer version.

    ``current`` is what its range resolves to, ``newest`` the dependency's newest
    version. ``status``: dying (a sunset date is set), deprecated, withdrawn (yanked
    or sunset), fix (a newer sound version of the same minor line lies outside the range),
    behind, current. ``needs_change``: nothing moves until the consumer changes its range.
    ``target`` is the version to go to and ``change`` the range to declare, the provider's
    word where it gave one, else one that takes the target. ``is_unsound``: something that
    runs was withdrawn or deprecated.
    ``runs`` are the versions observed at run time, ``lags`` whether one of them is not
    ``current``: doing nothing, the next deployment takes ``current``. ``distance`` is
    from what runs to the newest, such as "2 major", "" where there is none;
    ``days_behind`` lie between the publications of the two.
    """

    consumer: Version
    dependency: Module
    declared: str
    current: Version | None
    newest: Version | None
    status: str
    deprecation: Deprecation | None
    live_prod: int
    live_preprod: int
    needs_change: bool
    runs: tuple[str, ...] = ()
    lags: bool = False
    moves: str = "nothing"
    distance: str = ""
    days_behind: int | None = None
    target: Version | None = None
    change: str = ""
    is_unsound: bool = False
    is_aside: bool = False

    @property
    def key(self) -> str:
        """Names the row among those of a page."""
        return f"{self.consumer.pk}-{self.dependency.pk}"


@dataclass(frozen=True, slots=True)
class Upgrades(Slice[UpgradeRow]):
    """Rows of one page; ``counts`` by status and ``moving`` by move count those left out too.

    Neither counts what is put aside and hidden; ``aside`` counts that always.
    """

    counts: dict[str, int] = field(default_factory=dict)
    moving: dict[str, int] = field(default_factory=dict)
    aside: int = 0


def upgrades(filter: UpgradeFilter, *, now: datetime) -> list[UpgradeRow]:
    """Every dependency of what the filter lets through, most urgent first.

    Consumers are the versions that run; of a module of which none runs, its newest.
    """
    view = current_view(now)
    edges = chosen_of(edges_of(view, filter), filter)
    return _rows(view, edges[wanted_of(edges, filter)], observed_by(view, filter))


def upgrade_list(
    filter: UpgradeFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Upgrades:
    """A page of ``upgrades``; only its own rows are read."""
    start, stop = bounds(page, size)
    return _part(filter, now, slice(start, stop), max(page, 1))


def upgrade_head(filter: UpgradeFilter, *, now: datetime, most: int) -> Upgrades:
    """The first ``most`` of ``upgrades`` as one page."""
    return _part(filter, now, slice(0, most), 1)


def _part(filter: UpgradeFilter, now: datetime, part: slice, page: int) -> Upgrades:
    view = current_view(now)
    every = edges_of(view, filter)
    edges = chosen_of(every, filter)
    counted = np.bincount(edges.status, minlength=len(STATUSES)).tolist()
    moving = np.bincount(edges.moves, minlength=len(MOVES)).tolist()
    wanted = np.flatnonzero(wanted_of(edges, filter))
    return Upgrades(
        _rows(view, edges[wanted[part]], observed_by(view, filter)),
        len(wanted),
        page,
        part.stop - part.start,
        counts=dict(zip(STATUSES, counted, strict=True)),
        moving=dict(zip(MOVES, moving, strict=True)),
        aside=int(every.is_aside.sum()),
    )


def _rows(view: View, edges: Edges, observed: Array) -> list[UpgradeRow]:
    graph = view.graph
    dependency = graph.requirement_module[edges.requirement]
    running = running_with(view, edges.consumer, dependency, observed)
    nodes = [edges.consumer, edges.current, edges.newest, edges.target, *running]
    versions = version_rows(view, np.concatenate(nodes).astype(np.int64))
    dependencies = module_rows(view, dependency)
    ranges = ranges_of(view, edges.requirement)
    own = view.usage.version_own[edges.consumer].tolist()
    rows = []
    for place, code in enumerate(edges.status.tolist()):
        resolved = versions.get(int(edges.current[place]))
        newest = versions.get(int(edges.newest[place]))
        seen = [versions[int(node)] for node in running[place] if int(node) in versions]
        # The oldest that runs is what has to move furthest.
        behind = seen[0] if seen and edges.lags[place] else resolved
        target = versions.get(int(edges.target[place]))
        module, declared = (
            dependencies[int(dependency[place])],
            ranges[int(edges.requirement[place])],
        )
        rows.append(
            UpgradeRow(
                consumer=versions[int(edges.consumer[place])],
                dependency=module,
                declared=declared,
                current=resolved,
                newest=newest,
                status=STATUSES[code],
                deprecation=resolved.deprecation if resolved else None,
                live_prod=own[place][0],
                live_preprod=own[place][1],
                needs_change=code != CURRENT,
                runs=tuple(one.version for one in seen),
                lags=bool(edges.lags[place]),
                moves=MOVES[int(edges.moves[place])],
                distance=distance_of(module, behind, newest),
                days_behind=days_between(behind, newest),
                target=target,
                change=_change(module, declared, target, resolved),
                is_unsound=any(one.is_withdrawn or one.deprecation_id for one in seen),
                is_aside=bool(edges.is_aside[place]),
            )
        )
    return rows


def _change(module: Module, declared: str, target: Version | None, resolved: Version | None) -> str:
    """The range to declare: the provider's own word where it gave one, else one for the target."""
    if resolved and resolved.deprecation and resolved.deprecation.replacement:
        return resolved.deprecation.replacement
    if target is None:
        return ""
    ideas = ranges_taking(target.version, declared, scheme=scheme_for(module.ecosystem).name)
    return next((text for text in ideas if text != declared), target.version)
