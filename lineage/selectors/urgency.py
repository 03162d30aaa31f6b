"""How urgent it is to leave what a consumer gets, and the version to go to."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import GONE as GONE_FLAGS
from lineage.graph.arrays import PLACEHOLDER, PRERELEASE
from lineage.models import Version
from lineage.selectors.view import Array, View

STATUSES = ("dying", "deprecated", "withdrawn", "fix", "behind", "current")
DYING, DEPRECATED, WITHDRAWN, FIX, BEHIND, CURRENT = range(len(STATUSES))
NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Urgency:
    """Of each asked version node: its status, when it dies, and where to go, -1 for nowhere."""

    status: Array
    ends: Array
    target: Array


def urgency_of(view: View, current: Array, newest: Array) -> Urgency:
    """How urgent it is to leave ``current`` while ``newest`` is there, in parallel.

    A fix is the newest sound version of the same minor line that comes after it; what
    must be left anyway has one in its major line too. Sound is a release that is not
    withdrawn, sunset or deprecated. None resolved (-1) counts as withdrawn. The target is
    the fix, else the newest version where that is sound and comes after.
    """
    graph, dies_at = view.graph, _deprecated(view)
    there = current >= 0
    flags = graph.version_flags[current]
    gone = ~there | ((flags & GONE_FLAGS) != 0)
    ends = np.where(there, dies_at[current], np.nan)
    is_urgent = gone | ~np.isnan(ends)
    sound = (graph.version_flags & (GONE_FLAGS | PLACEHOLDER | PRERELEASE)) == 0
    sound &= np.isnan(dies_at)
    nodes = np.flatnonzero(sound)
    patch = _last_of(graph.version_minor, nodes)[graph.version_minor[current]]
    minor = _last_of(graph.version_major, nodes)[graph.version_major[current]]
    fix = np.where(patch > current, patch, np.where(is_urgent & (minor > current), minor, -1))
    fix = np.where(there, fix, -1)
    status = np.select(
        # Nodes of a module stand in the order of its versions.
        [gone, np.isfinite(ends), np.isinf(ends), newest <= current, fix >= 0],
        [WITHDRAWN, DYING, DEPRECATED, CURRENT, FIX],
        default=BEHIND,
    )
    is_open = (newest > current) & sound[newest]
    target = np.where(fix >= 0, fix, np.where(is_open, newest, -1))
    return Urgency(
        status,
        np.where(status == DYING, ends, NEVER),
        np.where(status == CURRENT, -1, target),
    )


def _last_of(line: Array, nodes: Array) -> Array:
    """Line index -> the last of these nodes on it, -1 for none."""
    last = np.full(int(line.max(initial=-1)) + 2, -1, dtype=np.int64)
    last[line[nodes]] = nodes  # ascending, so the last stays
    return last


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
