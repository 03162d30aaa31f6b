"""Dependencies: what a version declares, and what it reaches at any remove."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Q

from lineage.exceptions import NotYet
from lineage.graph.reach import dependencies_reach
from lineage.models import Dependency, Module, Requirement, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.view import View, as_it_was, version_rows, view_at
from lineage.services.graph_rows import Lookup


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


def direct_dependencies(
    version: Version, *, now: datetime, as_of: datetime | None = None
) -> list[DependencyRow]:
    """What a version states, by module name; of locked edges those of its own SBOM.

    Raises NotYet where the version was not there at ``as_of``.
    """
    view = view_at(now, as_of)
    _was_there(view, version)
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
    resolved = _resolved(view, [edge.requirement for edge in edges])
    rows = []
    for edge, node in zip(edges, nodes, strict=True):
        requirement = edge.requirement
        rows.append(
            DependencyRow(
                module=requirement.module,
                declared=None if requirement.is_locked else requirement.range,
                scope=Dependency.Scope(edge.scope).label,
                resolved=resolved[requirement.pk],
                newest=newest.get(node),
            )
        )
    return rows


def _was_there(view: View, version: Version) -> None:
    if view.past is not None and view.node_of([version.pk])[0] < 0:
        raise NotYet(version.module.name, version.version, view.past.at)


def _resolved(view: View, requirements: list[Requirement]) -> dict[int, Version | None]:
    """What each requirement resolves to, or resolved to then; a locked one is what it states."""
    found = {one.pk: one.resolved_version for one in requirements}
    if view.past is None:
        return found
    for stated in found.values():
        if stated is not None:
            as_it_was(stated, view.past)
    declared = [one.pk for one in requirements if not one.is_locked]
    places = Lookup(view.graph.requirement_ids)(np.array(declared, dtype=np.int64))
    targets = [int(view.graph.requirement_target[at]) if at >= 0 else -1 for at in places]
    rows = version_rows(view, targets)
    return found | {pk: rows.get(node) for pk, node in zip(declared, targets, strict=True)}


def transitive_dependencies(
    version: Version,
    *,
    now: datetime,
    as_of: datetime | None = None,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[ReachedVersion]:
    """Every version this one reaches, nearest first; raises NotYet as above."""
    view = view_at(now, as_of)
    _was_there(view, version)
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
