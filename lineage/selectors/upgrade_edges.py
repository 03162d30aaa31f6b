"""Which dependencies of which consumers an upgrade list is about, as arrays."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from lineage.graph.arrays import RUNTIME
from lineage.graph.csr import neighbours
from lineage.models import Deployment, Module
from lineage.selectors.lag import lagging, observed_in
from lineage.selectors.urgency import CURRENT, STATUSES, urgency_of
from lineage.selectors.view import Array, View

MOVES = ("must_act", "by_itself", "nothing")
MUST_ACT, BY_ITSELF, NOTHING = range(len(MOVES))


@dataclass(frozen=True, slots=True)
class UpgradeFilter:
    """Which consumers and dependencies; None and empty filter nothing.

    ``module`` is one consumer, ``owners`` and ``dependencies`` are ids of teams and of
    modules depended on, ``q`` is looked for in the names of both. A ``deployment`` is
    a consumer by itself: its version, with what it alone was observed with. ``moves``:
    must_act (a range has to change), by_itself (the next deployment takes what the range
    resolves to, another version runs), nothing. ``aside`` names (consumer, dependency)
    pairs of modules that somebody put aside, for as long as they are no more urgent than
    the status beside them; ``asides`` is what to do with them: show, hide or only.
    """

    module: Module | None = None
    deployment: Deployment | None = None
    owners: Collection[int] | None = None
    dependencies: Collection[int] | None = None
    q: str = ""
    statuses: Collection[str] = STATUSES
    moves: Collection[str] = MOVES
    aside: Mapping[tuple[int, int], str] = field(default_factory=dict)
    asides: str = "show"


@dataclass(frozen=True, slots=True)
class Edges:
    """Declared runtime dependencies of consumers, as parallel arrays in their final order."""

    consumer: Array
    requirement: Array
    current: Array  # node its range resolves to, -1 none
    newest: Array  # node of the dependency's newest version, -1 none
    status: Array
    target: Array  # node of the version to go to, -1 none
    lags: Array  # something else than ``current`` was observed
    is_aside: Array

    @property
    def moves(self) -> Array:
        """Each edge's place in MOVES."""
        return np.select([self.status != CURRENT, self.lags], [MUST_ACT, BY_ITSELF], NOTHING)

    def __getitem__(self, chosen: "Array | slice") -> "Edges":
        return Edges(
            self.consumer[chosen], self.requirement[chosen], self.current[chosen],
            self.newest[chosen], self.status[chosen], self.target[chosen], self.lags[chosen],
            self.is_aside[chosen],
        )  # fmt: skip


def edges_of(view: View, filter: UpgradeFilter) -> Edges:
    """Every declared runtime dependency of the consumers asked about, most urgent first."""
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
    urgency = urgency_of(view, current, newest)
    status = urgency.status
    order = np.lexsort((
        requirement,
        view.name_rank[graph.requirement_module[requirement]],
        view.name_rank[graph.version_module[source]],
        -view.usage.version_own[source, 0],
        urgency.ends,
        status,
    ))  # fmt: skip
    lags = lagging(
        view, source, graph.requirement_module[requirement], current, observed_by(view, filter)
    )
    edges = Edges(
        source, requirement, current, newest, status, urgency.target, lags, np.zeros_like(lags)
    )
    return replace(edges, is_aside=_aside(view, edges, filter))[order]


def _aside(view: View, edges: Edges, filter: UpgradeFilter) -> Array:
    """Which edges are put aside: those that could move and got no more urgent since."""
    found = np.zeros(len(edges.consumer), dtype=bool)
    if not filter.aside:
        return found
    graph = view.graph
    modules = len(graph.module_ids)
    pairs = np.array(list(filter.aside), dtype=np.int64)
    consumer, dependency = (view.module_indexes(pairs[:, side]) for side in (0, 1))
    keys = np.where((consumer < 0) | (dependency < 0), -1, consumer * modules + dependency)
    worst = np.array([STATUSES.index(status) for status in filter.aside.values()])
    order = np.argsort(keys)
    mine = graph.version_module[edges.consumer].astype(np.int64) * modules
    mine += graph.requirement_module[edges.requirement]
    place = np.minimum(np.searchsorted(keys, mine, sorter=order), len(keys) - 1)
    named = keys[order][place] == mine
    return np.asarray(named & (edges.status >= worst[order][place]) & (edges.moves != NOTHING))


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


def chosen_of(edges: Edges, filter: UpgradeFilter) -> Edges:
    """The edges without those put aside, or only those, as the filter has it."""
    if filter.asides == "show":
        return edges
    return edges[edges.is_aside if filter.asides == "only" else ~edges.is_aside]


def wanted_of(edges: Edges, filter: UpgradeFilter) -> Array:
    """Which of the edges the filter's statuses and moves let through."""
    wanted = np.isin(edges.status, [STATUSES.index(status) for status in filter.statuses])
    return wanted & np.isin(edges.moves, [MOVES.index(move) for move in filter.moves])


def observed_by(view: View, filter: UpgradeFilter) -> Array:
    """(consumer, version observed) nodes, of the deployment where one is asked about."""
    if filter.deployment is None:
        return view.observed
    return observed_in(view, filter.deployment)
