"""Dependents: who declares a module, and who reaches it at any remove."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lineage.graph.reach import Reach, dependents_reach, neighbours
from lineage.models import Module, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.ranges import versions_in
from lineage.selectors.requirements import ranges_of
from lineage.selectors.running import EnvironmentCount, running_of
from lineage.selectors.view import Array, View, module_rows, version_rows, view_at

NO_VERSION = -2
SCOPES = ("runtime", "optional", "development")


@dataclass(frozen=True, slots=True)
class DependentFilter:
    """Empty fields filter nothing. ``range`` keeps what resolves into it.

    ``include``: ``current`` are newest versions and those in use, ``all`` every version.
    ``takes_newest``: ``yes`` are those that resolve to the module's newest version
    already, ``no`` those that need a change.
    """

    range: str = ""
    environment: str = ""
    owner: str = ""
    q: str = ""
    include: str = "current"
    takes_newest: str = ""


@dataclass(frozen=True, slots=True)
class DependentRow:
    """A consumer version and what it declares on the module.

    ``relation`` is ``runs`` when a live deployment is this very version, else
    ``holds``. ``to_newest`` is what brings it to the module's newest version:
    ``nothing``, ``redeploy``, ``deploy newer`` or ``change range``.
    """

    consumer: Version
    declared: str | None  # None: locked by an SBOM, never declared
    scope: str
    resolved: Version | None
    observed: tuple[str, ...]
    live: tuple[EnvironmentCount, ...]
    live_prod: int
    live_preprod: int
    relation: str
    to_newest: str
    takes_newest: bool


@dataclass(frozen=True, slots=True)
class Dependents(Slice[DependentRow]):
    """Rows with totals over all pages; ``live`` counts each deployment once.

    ``takes_newest`` and ``needs_change`` count rows with and without a filter on them.
    """

    takes_newest: int = 0
    needs_change: int = 0
    modules: int = 0
    live_prod: int = 0
    live_preprod: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class TransitiveRow:
    """A module that reaches the one asked about, through ``hops`` edges at the least."""

    module: Module
    versions: int
    newest: Version | None
    hops: int
    live_prod: int
    live_preprod: int


@dataclass(frozen=True, slots=True)
class Transitive(Slice[TransitiveRow]):
    """Rows with totals: distinct versions, and distinct live deployments of them."""

    versions: int = 0
    live_prod: int = 0
    live_preprod: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Edges:
    """Parallel arrays of edges into a module: consumer, requirement (-1 locked), target, scope."""

    consumer: Array
    requirement: Array
    target: Array
    scope: Array

    def where(self, mask: Array) -> "Edges":
        return Edges(
            self.consumer[mask], self.requirement[mask], self.target[mask], self.scope[mask]
        )


def direct_dependents(
    module: Module,
    filter: DependentFilter,
    *,
    now: datetime,
    as_of: datetime | None = None,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Dependents:
    """Consumer versions that declare the module, those that run most first."""
    view = view_at(now, as_of)
    start, stop = bounds(page, size)
    edges = _filtered(view, module, edges_into(view, module), filter)
    takes = edges.target == _newest_of(view, module)
    counts = int(takes.sum()), int((~takes).sum())
    if filter.takes_newest:
        edges = edges.where(takes == (filter.takes_newest == "yes"))
    own = view.usage.version_own[edges.consumer]
    by_name = view.graph.version_module[edges.consumer]
    order = np.lexsort((-edges.consumer, by_name, edges.scope, -own.sum(axis=1)))
    chosen = edges.where(order[start:stop])
    distinct = np.unique(edges.consumer)
    live = view.usage.version_own[distinct].sum(axis=0) if len(distinct) else (0, 0)
    return Dependents(
        rows=_rows(view, module, chosen),
        total=len(edges.consumer),
        page=max(page, 1),
        size=stop - start,
        takes_newest=counts[0],
        needs_change=counts[1],
        modules=len(np.unique(view.graph.version_module[distinct])),
        live_prod=int(live[0]),
        live_preprod=int(live[1]),
        epoch=view.snapshot.epoch,
    )


def reach_of(view: View, module: Module, range: str = "") -> Reach:
    """Every version that reaches the module, or those of its versions in a range."""
    nodes = versions_in(view, module, range)
    return dependents_reach(view.graph, nodes)


def transitive_dependents(
    module: Module,
    filter: DependentFilter,
    *,
    now: datetime,
    as_of: datetime | None = None,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Transitive:
    """Modules that reach this one at any remove, nearest first, then those that run most."""
    view = view_at(now, as_of)
    start, stop = bounds(page, size)
    reach = reach_of(view, module, filter.range)
    keep = view.graph.version_module[reach.versions] != view.module_indexes([module.pk])[0]
    if filter.include == "current":
        keep &= view.is_current[reach.versions]
    keep &= _consumers_kept(view, reach.versions, filter)
    versions, hops = reach.versions[keep], reach.hops[keep]
    modules, group = np.unique(view.graph.version_module[versions], return_inverse=True)
    least = np.full(len(modules), np.iinfo(np.int32).max)
    np.minimum.at(least, group, hops)
    own = np.zeros((len(modules), 2), dtype=np.int64)
    np.add.at(own, group, view.usage.version_own[versions])
    order = np.lexsort((modules, -own.sum(axis=1), least))[start:stop]
    counts = np.bincount(group, minlength=len(modules))
    newest = np.full(len(modules), -1)
    newest[group] = versions  # ascending within a module, so the newest stays
    rows = module_rows(view, modules[order])
    texts = version_rows(view, newest[order])
    return Transitive(
        rows=[
            TransitiveRow(
                rows[int(modules[i])],
                int(counts[i]),
                texts.get(int(newest[i])),
                int(least[i]),
                int(own[i, 0]),
                int(own[i, 1]),
            )
            for i in order
        ],
        total=len(modules),
        page=max(page, 1),
        size=stop - start,
        versions=len(versions),
        live_prod=int(own[:, 0].sum()),
        live_preprod=int(own[:, 1].sum()),
        epoch=view.snapshot.epoch,
    )


def edges_into(view: View, module: Module) -> Edges:
    """Every declared and locked edge into the module, other modules' only."""
    graph = view.graph
    index = view.module_index(module.pk)
    if index is None:
        none = np.empty(0, dtype=np.int64)
        return Edges(none, none, none, none)
    requirements = np.arange(graph.requirement_start[index], graph.requirement_start[index + 1])
    counts = graph.dependents_start[requirements + 1] - graph.dependents_start[requirements]
    requirement = np.repeat(requirements, counts)
    virtual = neighbours(graph.virtual_start, graph.virtual_node, view.versions_of(module.pk))
    locked = neighbours(graph.in_start, graph.in_source, virtual)
    sizes = graph.in_start[virtual + 1] - graph.in_start[virtual]
    edges = Edges(
        np.concatenate(
            [
                neighbours(graph.dependents_start, graph.dependents_version, requirements),
                graph.node_version[locked],
            ]
        ),
        np.concatenate([requirement, np.full(len(locked), -1)]),
        np.concatenate(
            [graph.requirement_target[requirement], np.repeat(graph.node_version[virtual], sizes)]
        ),
        np.concatenate(
            [
                neighbours(graph.dependents_start, graph.dependents_scope, requirements),
                np.zeros(len(locked), dtype=np.uint8),
            ]
        ).astype(np.int64),
    )
    return edges.where(graph.version_module[edges.consumer] != index)


def _filtered(view: View, module: Module, edges: Edges, filter: DependentFilter) -> Edges:
    if filter.include == "current":
        edges = edges.where(view.is_current[edges.consumer])
    if filter.range:
        edges = edges.where(np.isin(edges.target, versions_in(view, module, filter.range)))
    return edges.where(_consumers_kept(view, edges.consumer, filter))


def _consumers_kept(view: View, versions: Array, filter: DependentFilter) -> Array:
    keep = np.ones(len(versions), dtype=bool)
    if filter.owner or filter.q:
        modules = Module.objects.order_by()
        if filter.owner:
            modules = modules.filter(owner__name=filter.owner)
        for word in filter.q.split():
            modules = modules.filter(name__icontains=word)
        indexes = view.module_indexes(list(modules.values_list("id", flat=True)))
        keep &= np.isin(view.graph.version_module[versions], indexes)
    if filter.environment:
        running = view.live().filter(environment__name=filter.environment)
        ids = list(running.order_by().values_list("version_id", flat=True).distinct())
        keep &= np.isin(versions, view.node_of(ids))
    return keep


def _rows(view: View, module: Module, edges: Edges) -> list[DependentRow]:
    versions = version_rows(view, [*edges.consumer, *edges.target])
    ranges = ranges_of(view, edges.requirement)
    running = running_of(view, [int(view.graph.version_ids[n]) for n in edges.consumer], module)
    newest = _newest_of(view, module)
    rows = []
    for consumer, requirement, target, scope in zip(
        edges.consumer, edges.requirement, edges.target, edges.scope, strict=True
    ):
        version = versions[int(consumer)]
        prod, preprod = map(int, view.usage.version_own[consumer])
        observed = tuple(sorted(running.observed.get(version.pk, ())))
        resolved = versions.get(int(target))
        rows.append(
            DependentRow(
                consumer=version,
                declared=ranges.get(int(requirement)),
                scope=SCOPES[int(scope)],
                resolved=resolved,
                observed=observed,
                live=tuple(running.places.get(version.pk, ())),
                live_prod=prod,
                live_preprod=preprod,
                relation="runs" if prod + preprod else "holds",
                to_newest=_to_newest(view, int(consumer), int(target), newest, resolved, observed),
                takes_newest=int(target) == newest,
            )
        )
    return rows


def _newest_of(view: View, module: Module) -> int:
    """The node of the module's newest version; NO_VERSION, which no edge has, if it has none."""
    index = view.module_index(module.pk)
    newest = int(view.newest[index]) if index is not None else -1
    return newest if newest >= 0 else NO_VERSION


def _to_newest(
    view: View,
    consumer: int,
    target: int,
    newest: int,
    resolved: Version | None,
    observed: tuple[str, ...],
) -> str:
    if target == newest:
        lags = resolved is not None and any(text != resolved.version for text in observed)
        return "redeploy" if lags else "nothing"
    is_newest = int(view.newest[view.graph.version_module[consumer]]) == consumer
    return "change range" if is_newest else "deploy newer"
