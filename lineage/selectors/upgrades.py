"""Upgrades: what consumers run, what they could reach, and what is dying under them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from lineage.graph.arrays import RUNTIME, SUNSET, WITHDRAWN
from lineage.graph.csr import neighbours
from lineage.models import Deployment, Deprecation, Module, Version
from lineage.selectors.lag import (
    days_between,
    distance_of,
    lagging,
    observed_in,
    running_with,
)
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, current_view, module_rows, version_rows

MOVES = ("must_act", "by_itself", "nothing")
MUST_ACT, BY_ITSELF, NOTHING = range(len(MOVES))
STATUSES = ("dying", "deprecated", "withdrawn", "fix", "behind", "current")
DYING, DEPRECATED, GONE, FIX, BEHIND, CURRENT = range(len(STATUSES))
NEVER = np.inf


@dataclass(frozen=True, slots=True)
class UpgradeFilter:
    """Which consumers and dependencies; None and empty filter nothing.

    ``module`` is one consumer, ``owners`` and ``dependencies`` are ids of teams and of
    modules depended on, ``q`` is looked for in the names of both. A ``deployment`` is
    a consumer by itself: its version, with what it alone was observed with. ``moves``:
    must_act (a range has to change), by_itself (the next deployment takes what the range
    resolves to, another version runs), nothing.
    """

    module: Module | None = None
    deployment: Deployment | None = None
    owners: Collection[int] | None = None
    dependencies: Collection[int] | None = None
    q: str = ""
    statuses: Collection[str] = STATUSES
    moves: Collection[str] = MOVES


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """One dependency of one consumer version.

    ``current`` is what its range resolves to, ``newest`` the dependency's newest
    version. ``status``: dying (a sunset date is set), deprecated, withdrawn (yanked
    or sunset), fix (a newer patch of the same minor lies outside the range), behind,
    current. ``needs_change``: nothing moves until the consumer changes its range.
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

    @property
    def key(self) -> str:
        """Names the row among those of a page."""
        return f"{self.consumer.pk}-{self.dependency.pk}"


@dataclass(frozen=True, slots=True)
class Upgrades(Slice[UpgradeRow]):
    """Rows of one page; ``counts`` by status and ``moving`` by move count those left out too."""

    counts: dict[str, int] = field(default_factory=dict)
    moving: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edges:
    """Declared runtime dependencies of consumers, as parallel arrays in their final order."""

    consumer: Array
    requirement: Array
    current: Array  # node its range resolves to, -1 none
    newest: Array  # node of the dependency's newest version, -1 none
    status: Array
    lags: Array  # something else than ``current`` was observed

    @property
    def moves(self) -> Array:
        """Each edge's place in MOVES."""
        return np.select([self.status != CURRENT, self.lags], [MUST_ACT, BY_ITSELF], NOTHING)

    def __getitem__(self, chosen: "Array | slice") -> "Edges":
        return Edges(
            self.consumer[chosen], self.requirement[chosen], self.current[chosen],
            self.newest[chosen], self.status[chosen], self.lags[chosen],
        )  # fmt: skip


def upgrades(filter: UpgradeFilter, *, now: datetime) -> list[UpgradeRow]:
    """Every dependency of what the filter lets through, most urgent first.

    Consumers are the versions that run; of a module of which none runs, its newest.
    """
    view = current_view(now)
    edges = _edges(view, filter)
    return _rows(view, edges[_wanted(edges, filter)], _observed(view, filter))


def upgrade_list(
    filter: UpgradeFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Upgrades:
    """A page of ``upgrades``; only its own rows are read."""
    view = current_view(now)
    start, stop = bounds(page, size)
    edges = _edges(view, filter)
    counted = np.bincount(edges.status, minlength=len(STATUSES)).tolist()
    moving = np.bincount(edges.moves, minlength=len(MOVES)).tolist()
    wanted = np.flatnonzero(_wanted(edges, filter))
    return Upgrades(
        _rows(view, edges[wanted[start:stop]], _observed(view, filter)),
        len(wanted),
        max(page, 1),
        stop - start,
        counts=dict(zip(STATUSES, counted, strict=True)),
        moving=dict(zip(MOVES, moving, strict=True)),
    )


def _wanted(edges: Edges, filter: UpgradeFilter) -> Array:
    wanted = np.isin(edges.status, [STATUSES.index(status) for status in filter.statuses])
    return wanted & np.isin(edges.moves, [MOVES.index(move) for move in filter.moves])


def _observed(view: View, filter: UpgradeFilter) -> Array:
    """(consumer, version observed) nodes, of the deployment where one is asked about."""
    if filter.deployment is None:
        return view.observed
    return observed_in(view, filter.deployment)


def _edges(view: View, filter: UpgradeFilter) -> Edges:
    graph = view.graph
    consumers = _consumers(view, filter)
    counts = graph.declared_start[consumers + 1] - graph.declared_start[consumers]
    source = np.repeat(consumers, counts)
    requirement = neighbours(graph.declared_start, graph.declared_requirement, consumers)
    fit = neighbours(graph.declared_start, graph.declared_scope, consumers) == RUNTIME
    dependency = graph.requirement_module[requirement]
    if filter.dependencies is not None:
        fit &= _mask(view, filter.dependencies)[dependency]
    if filter.q:
        named = Module.objects.filter(name__icontains=filter.q).order_by()
        names = _mask(view, list(named.values_list("id", flat=True)))
        fit &= names[dependency] | names[graph.version_module[source]]
    source, requirement = source[fit], requirement[fit]
    current = graph.requirement_target[requirement]
    newest = view.newest[graph.requirement_module[requirement]]
    dies_at = _deprecated(view)
    status = _status(view, current, newest, dies_at)
    ends = np.where((status == DYING) & (current >= 0), dies_at[current], NEVER)
    order = np.lexsort((
        requirement,
        view.name_rank[graph.requirement_module[requirement]],
        view.name_rank[graph.version_module[source]],
        -view.usage.version_own[source, 0],
        ends,
        status,
    ))  # fmt: skip
    lags = lagging(
        view, source, graph.requirement_module[requirement], current, _observed(view, filter)
    )
    return Edges(source, requirement, current, newest, status, lags)[order]


def _consumers(view: View, filter: UpgradeFilter) -> Array:
    """The versions that run, and of a module of which none runs its newest."""
    graph = view.graph
    if filter.deployment is not None:
        node = view.node_of([filter.deployment.version_id])
        return node[node >= 0]
    runs = view.usage.version_own.sum(axis=1) > 0
    idle = np.ones(len(graph.module_ids), dtype=bool)
    idle[graph.version_module[runs]] = False
    mask: Array = runs.copy()
    newest = view.newest[idle]
    mask[newest[newest >= 0]] = True
    if filter.module is not None or filter.owners is not None:
        modules = Module.objects.order_by()
        if filter.module is not None:
            modules = modules.filter(pk=filter.module.pk)
        if filter.owners is not None:
            modules = modules.filter(owner_id__in=filter.owners)
        mask &= _mask(view, list(modules.values_list("id", flat=True)))[graph.version_module]
    return np.flatnonzero(mask)


def _mask(view: View, module_ids: Collection[int]) -> Array:
    """Module index -> whether it is one of these."""
    mask = np.zeros(len(view.graph.module_ids), dtype=bool)
    indexes = view.module_indexes(module_ids)
    mask[indexes[indexes >= 0]] = True
    return mask


def _deprecated(view: View) -> Array:
    """Version node -> when it dies: NEVER where deprecated without a date, NaN where it is not."""
    dies_at = np.full(view.graph.versions, np.nan)
    rows = list(
        Version.objects.filter(deprecation__isnull=False)
        .order_by()
        .values_list("id", "deprecation__sunset_at")
    )
    nodes = view.node_of(pk for pk, _ in rows)
    for node, (_, at) in zip(nodes, rows, strict=True):
        if node >= 0:
            dies_at[node] = at.timestamp() if at else NEVER
    return dies_at


def _status(view: View, current: Array, newest: Array, dies_at: Array) -> Array:
    """How urgent it is to leave each current version; none resolved counts as withdrawn."""
    graph = view.graph
    there = current >= 0
    gone = ~there | ((graph.version_flags[current] & (WITHDRAWN | SUNSET)) != 0)
    ends = np.where(there, dies_at[current], np.nan)
    # Nodes of a module stand in the order of its versions.
    is_newest = newest <= current
    is_fix = (newest >= 0) & (graph.version_minor[newest] == graph.version_minor[current])
    return np.select(
        [gone, np.isfinite(ends), np.isinf(ends), is_newest, is_fix],
        [GONE, DYING, DEPRECATED, CURRENT, FIX],
        default=BEHIND,
    )


def _rows(view: View, edges: Edges, observed: Array) -> list[UpgradeRow]:
    graph = view.graph
    dependency = graph.requirement_module[edges.requirement]
    running = running_with(view, edges.consumer, dependency, observed)
    nodes = [edges.consumer, edges.current, edges.newest, *running]
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
        rows.append(
            UpgradeRow(
                consumer=versions[int(edges.consumer[place])],
                dependency=dependencies[int(dependency[place])],
                declared=ranges[int(edges.requirement[place])],
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
                distance=distance_of(dependencies[int(dependency[place])], behind, newest),
                days_behind=days_between(behind, newest),
            )
        )
    return rows
