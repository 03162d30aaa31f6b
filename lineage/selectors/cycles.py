"""Cycles: modules, or versions, that depend on each other, with one way round as evidence."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from lineage.graph.cycles import edges_within_modules, edges_within_versions, shortest_cycle
from lineage.models import Module, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, current_view, module_rows, version_rows

LEVELS = ("modules", "versions")
MOST_LISTED = 12  # members of one of many cycles
MOST_MEMBERS = 1_000  # members where one module's cycles are asked for
OWNERS_AT_ONCE = 10_000
_Edge = list[int]  # source version, requirement, target version, target module


@dataclass(frozen=True, slots=True)
class CycleFilter:
    """``level`` is one of LEVELS; ``module`` keeps the cycles that one is part of."""

    level: str = "modules"
    module: Module | None = None


@dataclass(frozen=True, slots=True)
class CycleMember:
    """A module, or one of its versions; ``live`` deployments reach it."""

    module: Module
    version: Version | None
    live: int


@dataclass(frozen=True, slots=True)
class CycleStep:
    """The consumer's requirement on the provider and what it resolves to."""

    consumer: Version
    declared: str | None  # None: locked by an SBOM
    provider: Module
    resolved: Version | None


@dataclass(frozen=True, slots=True)
class CycleRow:
    """``size`` counts all members; ``members`` are the first of them by name.

    ``owners`` are the teams of all of them, ``ownerless`` counts the modules of none.
    ``way`` leads round once: the shortest through ``module`` where one was asked for.
    """

    size: int
    members: list[CycleMember]
    owners: list[str]
    ownerless: int
    way: list[CycleStep]


@dataclass(frozen=True, slots=True)
class CycleList(Slice[CycleRow]):
    """Rows, greatest first, with the epoch they rest on."""

    epoch: int = 0


def cycle_size(view: View, module_id: int) -> int:
    """How many modules the module's cycle has, 0 if it is part of none."""
    index = view.module_index(module_id)
    cycles = _cycles_with(view, CycleFilter(), np.array([-1 if index is None else index]))
    return int(np.diff(view.usage.module_cycle_start)[cycles].sum())


def cycle_list(
    filter: CycleFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> CycleList:
    """The cycles of today: by the dependencies of newest versions and those in use.

    A cycle of modules needs no cycle of versions: each may depend on another version
    of the other. A requirement makes an edge between modules even if nothing satisfies
    it; between versions only what is resolved or locked does.
    """
    view = current_view(now)
    start, stop = bounds(page, size)
    starts, member = _arrays(view, filter.level)
    chosen = np.arange(len(starts) - 1)
    wanted = np.empty(0, dtype=np.int64)
    if filter.module is not None:
        wanted = _own_members(view, filter.level, filter.module)
        chosen = _cycles_with(view, filter, wanted)
    shown = chosen[start:stop]
    most = MOST_LISTED if filter.module is None else MOST_MEMBERS
    return CycleList(
        rows=_rows(view, filter, [member[starts[i] : starts[i + 1]] for i in shown], wanted, most),
        total=len(chosen),
        page=max(page, 1),
        size=stop - start,
        epoch=view.snapshot.epoch,
    )


def _arrays(view: View, level: str) -> tuple[Array, Array]:
    usage = view.usage
    if level == "versions":
        return usage.version_cycle_start, usage.version_cycle_member
    return usage.module_cycle_start, usage.module_cycle_member


def _own_members(view: View, level: str, module: Module) -> Array:
    """What may be a member of the module asked about."""
    if level == "versions":
        return view.versions_of(module.pk)
    return view.module_indexes([module.pk])


def _cycles_with(view: View, filter: CycleFilter, wanted: Array) -> Array:
    starts, member = _arrays(view, filter.level)
    places = np.flatnonzero(np.isin(member, wanted))
    return np.unique(np.searchsorted(starts, places, side="right") - 1)


def _rows(
    view: View, filter: CycleFilter, groups: list[Array], wanted: Array, most: int
) -> list[CycleRow]:
    is_versions = filter.level == "versions"
    module_of = view.graph.version_module if is_versions else np.arange(len(view.graph.module_ids))
    groups = [group[np.lexsort((group, view.name_rank[module_of[group]]))] for group in groups]
    shown = [group[:most] for group in groups]
    members = _members(view, shown, module_of, is_versions=is_versions)
    ways = _ways(view, _edges(view, groups, is_versions=is_versions), groups, wanted)
    owners = _owners(view, [module_of[group] for group in groups])
    return [
        CycleRow(len(group), [members[m] for m in part.tolist()], teams, ownerless, way)
        for group, part, (teams, ownerless), way in zip(groups, shown, owners, ways, strict=True)
    ]


def _members(
    view: View, shown: list[Array], module_of: Array, *, is_versions: bool
) -> dict[int, CycleMember]:
    every = np.concatenate([np.empty(0, dtype=np.int64), *shown])
    modules = module_rows(view, module_of[every])
    versions = version_rows(view, every if is_versions else ())
    counts = view.usage.version_live if is_versions else view.usage.module_live
    live = dict(zip(every.tolist(), counts[every].sum(axis=1).tolist(), strict=True))
    return {
        member: CycleMember(modules[int(module_of[member])], versions.get(member), live[member])
        for member in every.tolist()
    }


def _edges(view: View, groups: list[Array], *, is_versions: bool) -> dict[tuple[int, int], _Edge]:
    """(consumer, provider) -> the edge, inside the groups."""
    graph = view.graph
    label = np.full(graph.versions if is_versions else len(graph.module_ids), -1)
    for number, group in enumerate(groups):
        label[group] = number
    if is_versions:
        edges = edges_within_versions(graph, label)
        ends = edges.source, edges.target
    else:
        edges = edges_within_modules(graph, label, current=view.is_current)
        ends = graph.version_module[edges.source], edges.target_module
    columns = (*ends, edges.source, edges.requirement, edges.target, edges.target_module)
    return {
        (consumer, provider): edge
        for consumer, provider, *edge in zip(*(c.tolist() for c in columns), strict=True)
    }


def _ways(
    view: View, edges: dict[tuple[int, int], _Edge], groups: list[Array], wanted: Array
) -> list[list[CycleStep]]:
    """A shortest way round each group, from what is wanted of it if anything is."""
    after: dict[int, list[int]] = defaultdict(list)
    for consumer, provider in edges:
        after[consumer].append(provider)
    starts = [group[np.isin(group, wanted)] if len(wanted) else group for group in groups]
    ways = [shortest_cycle(after, group.tolist()) for group in starts]
    taken = [[edges[pair] for pair in pairwise([*way, *way[:1]])] for way in ways]
    every = [edge for way in taken for edge in way]
    versions = version_rows(view, [node for edge in every for node in (edge[0], edge[2])])
    ranges = ranges_of(view, [edge[1] for edge in every])
    modules = module_rows(view, [edge[3] for edge in every])
    return [
        [
            CycleStep(versions[source], ranges.get(requirement), modules[to], versions.get(target))
            for source, requirement, target, to in way
        ]
        for way in taken
    ]


def _owners(view: View, groups: Collection[Array]) -> list[tuple[list[str], int]]:
    """For each group of modules its teams by name, and how many modules have none."""
    ids = [[int(pk) for pk in view.graph.module_ids[np.unique(group)]] for group in groups]
    every = sorted({pk for group in ids for pk in group})
    owner: dict[int, str | None] = {}
    for first in range(0, len(every), OWNERS_AT_ONCE):
        part = Module.objects.filter(id__in=every[first : first + OWNERS_AT_ONCE]).order_by()
        owner.update(part.values_list("id", "owner__name"))
    return [
        (
            sorted({name for pk in group if (name := owner.get(pk))}),
            sum(owner.get(pk) is None for pk in group),
        )
        for group in ids
    ]
