"""Dependents: who declares a module, and who reaches it at any remove."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db.models import Count

from lineage.graph.reach import Reach, dependents_reach, neighbours
from lineage.models import Module, ObservedVersion, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.ranges import versions_in
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, module_rows, version_rows, view_at

SCOPES = ("runtime", "optional", "development")


@dataclass(frozen=True, slots=True)
class DependentFilter:
    """Empty fields filter nothing. ``range`` keeps what resolves into it.

    ``include``: ``current`` are newest versions and those in use, ``all`` every version.
    """

    range: str = ""
    environment: str = ""
    owner: str = ""
    q: str = ""
    include: str = "current"


@dataclass(frozen=True, slots=True)
class EnvironmentCount:
    """Live deployments of a version in an environment and region."""

    environment: str
    tier: str
    region: str
    live: int


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


@dataclass(frozen=True, slots=True)
class Dependents(Slice[DependentRow]):
    """Rows with totals over all pages; ``live`` counts each deployment once."""

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


@dataclass(slots=True)
class Running:
    """What runs of some versions: by version id, places and observed versions of the module."""

    places: dict[int, list[EnvironmentCount]] = field(default_factory=lambda: defaultdict(list))
    observed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


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


def running_of(view: View, version_ids: Iterable[int], module: Module) -> Running:
    """Where the versions run, and which versions of the module were observed there."""
    running = Running()
    profiles: dict[int, set[int]] = defaultdict(set)
    rows = (
        view.live()
        .filter(version_id__in=list(version_ids))
        .order_by("-environment__tier", "environment__name", "region")
        .values_list("version_id", "environment__name", "environment__tier", "region", "profile_id")
        .annotate(number=Count("id"))
    )
    counted: dict[tuple[int, str, str, str], int] = defaultdict(int)
    for version_id, environment, tier, region, profile_id, number in rows:
        counted[version_id, environment, tier, region] += number
        if profile_id is not None:
            profiles[profile_id].add(version_id)
    for (version_id, environment, tier, region), number in counted.items():
        running.places[version_id].append(EnvironmentCount(environment, tier, region, number))
    observed = ObservedVersion.objects.filter(profile_id__in=profiles, version__module=module)
    for profile_id, text in observed.values_list("profile_id", "version__version"):
        for version_id in profiles[profile_id]:
            running.observed[version_id].add(text)
    return running


def _rows(view: View, module: Module, edges: Edges) -> list[DependentRow]:
    versions = version_rows(view, [*edges.consumer, *edges.target])
    ranges = ranges_of(view, edges.requirement)
    running = running_of(view, [int(view.graph.version_ids[n]) for n in edges.consumer], module)
    index = view.module_index(module.pk)
    newest = int(view.newest[index]) if index is not None else -1
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
            )
        )
    return rows


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
