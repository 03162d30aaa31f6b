"""Facts of how far what runs is behind on its dependencies."""

from dataclasses import dataclass

import numpy as np

from lifecycle.policies.precedence import Effect, Policies
from lifecycle.rules.facts import LagFacts
from lifecycle.selectors.facts.scope import Scope, rows_of
from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, RUNTIME, SUNSET, WITHDRAWN
from lineage.graph.csr import is_first, neighbours
from lineage.graph.line_facts import instant
from lineage.models import Module, Version
from lineage.selectors.view import Array, View

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Edges:
    """Consumer version, the version of a dependency it runs with, that module's newest."""

    consumer: Array
    current: Array
    newest: Array

    def __getitem__(self, chosen: Array) -> "Edges":
        return Edges(self.consumer[chosen], self.current[chosen], self.newest[chosen])


def lags_in(scope: Scope, policies: Policies) -> list[LagFacts]:
    """The dependencies of what runs that are as far behind as some policy minds."""
    view = scope.view
    edges = _running_edges(view)
    edges = edges[scope.is_wanted[view.graph.version_module[edges.consumer]]]
    majors, days = _majors(view, edges), _days(view, edges)
    far = np.zeros(len(majors), dtype=bool)
    for policy in policies.ranked:
        if policy.effect is Effect.KEEP:
            continue
        settings = policy.settings
        far |= (majors >= settings.majors_behind) if settings.majors_behind else False
        far |= (days >= settings.days_behind) if settings.days_behind else False
    return _facts(scope, edges[far], majors[far], days[far])


def _running_edges(view: View) -> Edges:
    """Each module a running version depends on, once, with what it runs with of it.

    What was observed at run time stands in place of what the range resolves to; of
    several the oldest.
    """
    graph = view.graph
    consumers = np.flatnonzero(view.usage.version_own.sum(axis=1) > 0)
    counts = graph.declared_start[consumers + 1] - graph.declared_start[consumers]
    source = np.repeat(consumers, counts)
    requirement = neighbours(graph.declared_start, graph.declared_requirement, consumers)
    scopes = neighbours(graph.declared_start, graph.declared_scope, consumers)
    target = graph.requirement_target[requirement]
    fit = (scopes == RUNTIME) & (target >= 0)
    modules = max(len(graph.module_ids), 1)
    observed = view.observed.astype(np.int64)
    # Observed pairs first, so that of equal (consumer, module) they are the ones kept.
    pairs = np.concatenate([observed, np.stack([source[fit], target[fit]], axis=1)])
    is_declared = np.arange(len(pairs)) >= len(observed)
    key = pairs[:, 0] * modules + graph.version_module[pairs[:, 1]]
    declared = np.isin(key, key[is_declared])  # observed of what it does not depend on: not its own
    pairs, key, is_declared = pairs[declared], key[declared], is_declared[declared]
    order = np.lexsort((pairs[:, 1], is_declared, key))
    pairs, key = pairs[order], key[order]
    first = is_first(key)
    consumer, current = pairs[first, 0], pairs[first, 1]
    newest = view.newest[graph.version_module[current]]
    behind = newest > current
    return Edges(consumer, current, newest)[behind]


def _majors(view: View, edges: Edges) -> Array:
    """The newer major lines that have a release, up to that of the newest version."""
    has_release, line = _releases(view), view.graph.version_major
    counts = np.cumsum(has_release)
    return np.asarray(counts[line[edges.newest]] - counts[line[edges.current]])


def _releases(view: View) -> Array:
    """Major line -> whether a release of it stands and was not withdrawn."""
    graph = view.graph
    unfit = SUNSET | PLACEHOLDER | WITHDRAWN | PRERELEASE
    fit = (graph.version_flags & unfit) == 0
    lines = len(graph.major_start) - 1
    return np.bincount(graph.version_major[fit], minlength=lines) > 0


def _days(view: View, edges: Edges) -> Array:
    """Days between the publications, -1 where one is unknown."""
    published = view.graph.version_published
    before, after = published[edges.current], published[edges.newest]
    known = (before > 0) & (after > 0)
    return np.where(known, np.maximum(after - before, 0) // DAY, -1)


def _facts(scope: Scope, edges: Edges, majors: Array, days: Array) -> list[LagFacts]:
    graph = scope.view.graph
    nodes = np.unique(np.concatenate([edges.consumer, edges.current, edges.newest]))
    ids = graph.version_ids[nodes].tolist()
    texts = dict(rows_of(Version.objects.order_by(), ids, "id", "version"))
    names = dict(zip(nodes.tolist(), (texts.get(pk, "") for pk in ids), strict=True))
    dependencies = graph.module_ids[graph.version_module[edges.current]].tolist()
    named = dict(rows_of(Module.objects.order_by(), set(dependencies), "id", "name"))
    since = graph.version_published[edges.newest]
    found = []
    rows = zip(
        edges.consumer.tolist(), edges.current.tolist(), edges.newest.tolist(), dependencies,
        majors.tolist(), days.tolist(), since.tolist(), strict=True,
    )  # fmt: skip
    for consumer, current, newest, dependency, behind, apart, at in rows:
        module = scope.module_at(int(graph.version_module[consumer]))
        found.append(
            LagFacts(
                ecosystem=module.ecosystem,
                module_id=module.id,
                module=module.name,
                owner_id=module.owner_id,
                version=names[consumer],
                dependency_id=dependency,
                dependency=named.get(dependency, ""),
                current=names[current],
                newest=names[newest],
                majors=behind,
                days=apart if apart >= 0 else None,
                newest_published_at=instant(at, scope.now),
            )
        )
    return found
