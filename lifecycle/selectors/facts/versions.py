"""Facts of single versions: those old enough that some policy might let them go."""

from collections.abc import Collection, Set
from datetime import datetime, timedelta

import numpy as np

from lifecycle.policies.precedence import Policies
from lifecycle.rules.facts import VersionFacts
from lifecycle.selectors.facts.scope import Scope, rows_of
from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, RUNTIME, SUNSET, WITHDRAWN
from lineage.graph.csr import distinct, neighbours
from lineage.graph.line_facts import instant
from lineage.models import Version
from lineage.selectors.fates import counted_consumers
from lineage.selectors.view import Array, View


def versions_in(
    scope: Scope, policies: Policies, *, covered: Collection[int], lines: Set[tuple[int, str]]
) -> list[VersionFacts]:
    """Standing versions nobody uses or wants, with enough newer ones in their line.

    ``covered`` are ids of versions that something else speaks of, ``lines`` the lines
    of modules of which that is so.
    """
    keep, wait = policies.least("keep_newest"), policies.least("unused_for_days")
    if keep is None or wait is None:
        return []
    view, graph = scope.view, scope.view.graph
    newer = newer_in_line(view)
    fit = scope.is_wanted[graph.version_module] & (newer >= keep) & ~view.is_current
    fit &= (graph.version_flags & (SUNSET | PLACEHOLDER)) == 0
    fit &= graph.version_published <= scope.seconds_before(wait)
    recent = timedelta(days=_longest(policies))
    nodes = np.flatnonzero(fit & (wanted_by(view, scope.now, recent) == 0))
    ids = graph.version_ids[nodes].tolist()
    columns = ("id", "version", "major_line", "minor_line")
    texts = {row[0]: row[1:] for row in rows_of(Version.objects.order_by(), ids, *columns)}
    found = []
    for node, pk in zip(nodes.tolist(), ids, strict=True):
        module = scope.module_at(int(graph.version_module[node]))
        if pk not in texts:
            continue
        version, major, minor = texts[pk]
        spoken_of = pk in covered or not lines.isdisjoint({(module.id, major), (module.id, minor)})
        found.append(
            VersionFacts(
                module_id=module.id,
                ecosystem=module.ecosystem,
                module=module.name,
                owner_id=module.owner_id,
                version_id=pk,
                version=version,
                line=major,
                rank=node,
                newer_in_line=int(newer[node]),
                published_at=instant(int(graph.version_published[node]), scope.now),
                is_newest=False,
                is_in_use=False,
                wanted_by=0,
                last_used_at=instant(int(view.usage.last_used[node]), scope.now),
                vouched_since=scope.vouched.get(module.ecosystem),
                is_covered=spoken_of,
            )
        )
    return found


def newer_in_line(view: View) -> Array:
    """Version node -> newer releases of its major line that stand and were not withdrawn."""
    graph = view.graph
    unfit = SUNSET | PLACEHOLDER | WITHDRAWN | PRERELEASE
    counts = np.cumsum((graph.version_flags & unfit) == 0)
    last = graph.major_start[graph.version_major + 1] - 1
    return np.asarray(counts[last] - counts)


def wanted_by(view: View, now: datetime, published_within: timedelta) -> Array:
    """Version node -> the other modules of which a current version resolves to exactly it.

    Current is the newest of a module, one in use, and one published recently.
    """
    graph = view.graph
    consumers = np.flatnonzero(counted_consumers(view, now, published_within))
    counts = graph.declared_start[consumers + 1] - graph.declared_start[consumers]
    source = np.repeat(consumers, counts)
    requirement = neighbours(graph.declared_start, graph.declared_requirement, consumers)
    scopes = neighbours(graph.declared_start, graph.declared_scope, consumers)
    target = graph.requirement_target[requirement]
    fit = (scopes == RUNTIME) & (target >= 0)
    fit &= graph.version_module[source] != graph.requirement_module[requirement]
    modules = max(len(graph.module_ids), 1)
    pairs = distinct(target[fit].astype(np.int64) * modules + graph.version_module[source[fit]])
    return np.bincount(pairs // modules, minlength=graph.versions)


def _longest(policies: Policies) -> int:
    """The longest wait of any policy: what was published within it is wanted by what it needs."""
    return max((p.settings.unused_for_days for p in policies.ranked), default=0)
