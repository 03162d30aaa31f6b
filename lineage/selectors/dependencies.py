"""Dependencies: what a version declares, and what it reaches at any remove."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Q

from lineage.graph.reach import dependencies_reach
from lineage.models import Dependency, Module, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.view import current_view, version_rows


@dataclass(frozen=True, slots=True)
class DependencyRow:
    """One declared or locked edge of a version."""

    module: Module
    declared: str | None  # None: locked by an SBOM, never declared
    scope: str
    resolved: Version | None
    newest: Version | None


@dataclass(frozen=True, slots=True)
class ReachedVersion:
    """A version reached through ``hops`` edges at the least."""

    version: Version
    hops: int


def direct_dependencies(version: Version, *, now: datetime) -> list[DependencyRow]:
    """What a version states, by module name; of locked edges those of its own SBOM."""
    view = current_view(now)
    edges = list(
        Dependency.objects.filter(version=version)
        .filter(Q(lock_root=None) | Q(lock_root=version))
        .select_related("requirement__module__owner", "requirement__resolved_version__module")
        .select_related("requirement__resolved_version__deprecation")
        .order_by("scope", "requirement__module__name", "requirement__range")
    )
    modules = [edge.requirement.module_id for edge in edges]
    indexes = view.module_indexes(modules)
    nodes = [int(view.newest[index]) if index >= 0 else -1 for index in indexes]
    newest = version_rows(view, nodes)
    rows = []
    for edge, node in zip(edges, nodes, strict=True):
        requirement = edge.requirement
        rows.append(
            DependencyRow(
                module=requirement.module,
                declared=None if requirement.is_locked else requirement.range,
                scope=Dependency.Scope(edge.scope).label,
                resolved=requirement.resolved_version,
                newest=newest.get(node),
            )
        )
    return rows


def transitive_dependencies(
    version: Version, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[ReachedVersion]:
    """Every version this one reaches, nearest first."""
    view = current_view(now)
    start, stop = bounds(page, size)
    node = view.node_of([version.pk])
    if node[0] < 0:
        return Slice([], 0, max(page, 1), stop - start)
    reach = dependencies_reach(view.graph, node)
    order = np.lexsort((reach.versions, reach.hops))[start:stop]
    rows = version_rows(view, reach.versions[order])
    return Slice(
        [ReachedVersion(rows[int(reach.versions[i])], int(reach.hops[i])) for i in order],
        len(reach.versions),
        max(page, 1),
        stop - start,
    )
