"""Facts of single versions: those old enough that some policy might let them go."""

from collections.abc import Collection, Set
from datetime import timedelta

import numpy as np

from lifecycle.policies.precedence import Policies
from lifecycle.rules.facts import VersionFacts
from lifecycle.selectors.facts.scope import Scope, rows_of
from lineage.graph.arrays import PLACEHOLDER, SUNSET, WITHDRAWN
from lineage.graph.csr import Array
from lineage.graph.line_facts import instant
from lineage.graph.version_facts import newer_in_line, wanted_by
from lineage.models import Version
from lineage.selectors.fates import counted_consumers


def versions_in(
    scope: Scope, policies: Policies, *, covered: Collection[int], lines: Set[tuple[int, str]]
) -> list[VersionFacts]:
    """Standing versions nobody uses or wants, with enough newer ones in their line.

    ``covered`` are ids of versions that something else speaks of, which are left out;
    ``lines`` are the lines of modules of which that is so.
    """
    graph, last_used = scope.view.graph, scope.view.usage.last_used
    nodes, newer = _candidates(scope, policies, covered)
    ids = graph.version_ids[nodes].tolist()
    columns = ("id", "version", "major_line", "minor_line")
    texts = {row[0]: row[1:] for row in rows_of(Version.objects.order_by(), ids, *columns)}
    found = []
    for node, pk in zip(nodes.tolist(), ids, strict=True):
        if pk not in texts:
            continue
        module = scope.module_at(int(graph.version_module[node]))
        version, major, minor = texts[pk]
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
                last_used_at=instant(int(last_used[node]), scope.now),
                vouched_since=scope.vouched.get(module.ecosystem),
                is_covered=not lines.isdisjoint({(module.id, major), (module.id, minor)}),
            )
        )
    return found


def _candidates(scope: Scope, policies: Policies, covered: Collection[int]) -> tuple[Array, Array]:
    """The version nodes that may be flagged, and how many newer ones each node has."""
    view, graph = scope.view, scope.view.graph
    gone = (graph.version_flags & (SUNSET | PLACEHOLDER)) != 0
    newer = newer_in_line(graph, gone | ((graph.version_flags & WITHDRAWN) != 0))
    keep, wait = policies.least("keep_newest"), policies.least("unused_for_days")
    if keep is None or wait is None:
        return np.empty(0, dtype=np.int64), newer
    before = scope.seconds_before(wait)
    fit = scope.is_vouched[graph.version_module] & (newer >= keep) & ~view.is_current & ~gone
    fit &= (graph.version_published <= before) & (view.usage.last_used <= before)
    recent = timedelta(days=_longest(policies))
    consumers = np.flatnonzero(counted_consumers(view, scope.now, recent))
    fit &= wanted_by(graph, consumers, graph.requirement_target) == 0
    nodes = np.flatnonzero(fit)
    spoken_of = np.fromiter(covered, dtype=np.int64, count=len(covered))
    return nodes[~np.isin(graph.version_ids[nodes], spoken_of)], newer


def _longest(policies: Policies) -> int:
    """The longest wait of any policy: what was published within it is wanted by what it needs."""
    return max((p.settings.unused_for_days for p in policies.ranked), default=0)
