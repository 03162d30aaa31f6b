"""Upgrades: what consumers run, what they could reach, and what is dying under them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from lineage.graph.arrays import RUNTIME, SUNSET, WITHDRAWN
from lineage.graph.csr import neighbours
from lineage.models import Deprecation, Module, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, current_view, module_rows, version_rows

STATUSES = ("dying", "deprecated", "withdrawn", "fix", "behind", "current")
DYING, DEPRECATED, GONE, FIX, BEHIND, CURRENT = range(len(STATUSES))
NEVER = np.inf


@dataclass(frozen=True, slots=True)
class UpgradeFilter:
    """Which consumers and dependencies; None and empty filter nothing.

    ``module`` is one consumer, ``owners`` and ``dependencies`` are ids of teams and of
    modules depended on, ``q`` is looked for in the names of both.
    """

    module: Module | None = None
    owners: Collection[int] | None = None
    dependencies: Collection[int] | None = None
    q: str = ""
    statuses: Collection[str] = STATUSES


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """One dependency of one consumer version.

    ``current`` is what its range resolves to, ``newest`` the dependency's newest
    version. ``status``: dying (a sunset date is set), deprecated, withdrawn (yanked
    or sunset), fix (a newer patch of the same minor lies outside the range), behind,
    current. ``needs_change``: nothing moves until the consumer changes its range.
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


@dataclass(frozen=True, slots=True)
class Upgrades(Slice[UpgradeRow]):
    """Rows of one page; ``counts`` by status, those that ``statuses`` leaves out included."""

    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edges:
    """Declared runtime dependencies of consumers, as parallel arrays in their final order."""

    consumer: Array
    requirement: Array
    current: Array  # node its range resolves to, -1 none
    newest: Array  # node of the dependency's newest version, -1 none
    status: Array

    def __getitem__(self, chosen: "Array | slice") -> "Edges":
        return Edges(
            self.consumer[chosen], self.requirement[chosen], self.current[chosen],
            self.newest[chosen], self.status[chosen],
        )  # fmt: skip


def upgrades(filter: UpgradeFilter, *, now: datetime) -> list[UpgradeRow]:
    """Every dependency of what the filter lets through, most urgent first.

    Consumers are the versions that run; of a module of which none runs, its newest.
    """
    view = current_view(now)
    edges = _edges(view, filter)
    return _rows(view, edges[_in_statuses(edges, filter)])


def upgrade_list(
    filter: UpgradeFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Upgrades:
    """A page of ``upgrades``; only its own rows are read."""
    view = current_view(now)
    start, stop = bounds(page, size)
    edges = _edges(view, filter)
    counted = np.bincount(edges.status, minlength=len(STATUSES)).tolist()
    wanted = np.flatnonzero(_in_statuses(edges, filter))
    return Upgrades(
        _rows(view, edges[wanted[start:stop]]),
        len(wanted),
        max(page, 1),
        stop - start,
        counts=dict(zip(STATUSES, counted, strict=True)),
    )


def _in_statuses(edges: Edges, filter: UpgradeFilter) -> Array:
    return np.isin(edges.status, [STATUSES.index(status) for status in filter.statuses])


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
    return Edges(source, requirement, current, newest, status)[order]


def _consumers(view: View, filter: UpgradeFilter) -> Array:
    """The versions that run, and of a module of which none runs its newest."""
    graph = view.graph
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


def _rows(view: View, edges: Edges) -> list[UpgradeRow]:
    graph = view.graph
    versions = version_rows(view, np.concatenate([edges.consumer, edges.current, edges.newest]))
    dependencies = module_rows(view, graph.requirement_module[edges.requirement])
    ranges = ranges_of(view, edges.requirement)
    rows = []
    for consumer, requirement, current, newest, code in zip(
        edges.consumer.tolist(), edges.requirement.tolist(), edges.current.tolist(),
        edges.newest.tolist(), edges.status.tolist(), strict=True,
    ):  # fmt: skip
        resolved = versions.get(current)
        prod, preprod = view.usage.version_own[consumer].tolist()
        rows.append(
            UpgradeRow(
                consumer=versions[consumer],
                dependency=dependencies[int(graph.requirement_module[requirement])],
                declared=ranges[requirement],
                current=resolved,
                newest=versions.get(newest),
                status=STATUSES[code],
                deprecation=resolved.deprecation if resolved else None,
                live_prod=prod,
                live_preprod=preprod,
                needs_change=code != CURRENT,
            )
        )
    return rows
