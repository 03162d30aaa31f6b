"""The snapshot as selectors see it: arrays joined with primary keys, computed once an epoch."""

from collections import deque
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from lineage.exceptions import NotPast
from lineage.graph.arrays import Graph
from lineage.graph.snapshot import Snapshot
from lineage.graph.usage import Usage
from lineage.models import Deployment, Module, ObservedVersion, Version
from lineage.querysets import DeploymentQuerySet
from lineage.services.graph_rows import table_of
from lineage.services.past import Past, last_of_second, past_snapshot
from lineage.services.snapshot import current

Array = np.ndarray[Any, np.dtype[Any]]


class View:
    """One snapshot with what every selector asks of it."""

    def __init__(self, snapshot: Snapshot, past: Past | None = None) -> None:
        self.snapshot = snapshot
        self.past = past  # what it is the view of, None now
        self.graph: Graph = snapshot.graph
        self.usage: Usage = snapshot.usage

    def live(self) -> DeploymentQuerySet:
        """The deployments that are live, or were then."""
        if self.past is None:
            return Deployment.objects.live()
        return Deployment.objects.live_at(self.past.at)

    @cached_property
    def newest(self) -> Array:
        """Module index -> node of its newest version, -1 if it has none."""
        return self.graph.newest_of_modules()

    @cached_property
    def is_live(self) -> Array:
        """Version node -> whether a live deployment is or reaches it."""
        in_use: Array = self.usage.version_live.sum(axis=1) > 0
        return in_use

    @cached_property
    def is_current(self) -> Array:
        """Version node -> whether it counts as a consumer today: its module's newest, or in use."""
        mask: Array = self.is_live.copy()
        mask[self.newest[self.newest >= 0]] = True
        return mask

    @cached_property
    def observed(self) -> Array:
        """(version, version observed beside it) nodes of all live deployments, each pair once."""
        live = self.live().exclude(profile=None).order_by()
        runs = table_of(live.distinct(), "version_id", "profile_id")
        rows = ObservedVersion.objects.order_by("profile_id")
        stated = table_of(rows, "profile_id", "version_id")
        start = np.searchsorted(stated[:, 0], runs[:, 1], side="left")
        sizes = np.searchsorted(stated[:, 0], runs[:, 1], side="right") - start
        places = np.repeat(start - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        pairs = np.stack(
            [self.node_of(np.repeat(runs[:, 0], sizes)), self.node_of(stated[places, 1])], axis=1
        )
        return np.unique(pairs[(pairs >= 0).all(axis=1)], axis=0)

    @cached_property
    def name_rank(self) -> Array:
        """Module index -> its place among all modules by name; names never change."""
        names = dict(Module.objects.order_by().values_list("id", "name"))
        return np.argsort(np.argsort([names[int(pk)] for pk in self.graph.module_ids]))

    def module_index(self, module_id: int) -> int | None:
        """The index of a module; None if it came after this snapshot."""
        place = int(np.searchsorted(self.graph.module_ids, module_id))
        if place < len(self.graph.module_ids) and self.graph.module_ids[place] == module_id:
            return place
        return None

    def module_indexes(self, module_ids: Collection[int]) -> Array:
        """Indexes of modules, -1 for those that came after this snapshot."""
        wanted = np.fromiter(module_ids, dtype=np.int64, count=len(module_ids))
        if not len(self.graph.module_ids):
            return np.full(len(wanted), -1)
        places = np.searchsorted(self.graph.module_ids, wanted)
        places = np.minimum(places, len(self.graph.module_ids) - 1)
        return np.where(self.graph.module_ids[places] == wanted, places, -1)

    def versions_of(self, module_id: int) -> Array:
        """The version nodes of a module, oldest first."""
        index = self.module_index(module_id)
        if index is None:
            return np.empty(0, dtype=np.int64)
        return np.arange(self.graph.module_start[index], self.graph.module_start[index + 1])

    def node_of(self, version_ids: Iterable[int]) -> Array:
        """The node of each version, -1 for those that came after this snapshot."""
        wanted = np.array(list(version_ids), dtype=np.int64)
        order = self.graph.version_lookup
        if not len(order):
            return np.full(len(wanted), -1)
        ids = self.graph.version_ids
        places = np.searchsorted(ids, wanted, sorter=order)
        found = order[np.minimum(places, len(order) - 1)]
        return np.where(ids[found] == wanted, found, -1)


# One entry. Kept in a dict: threads swap it, and CPython 3.11 may read an attribute of a class
# that another thread replaces from freed memory.
_kept: dict[str, View] = {}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAST_KEPT = 3
_past_views: deque[tuple[View, Snapshot]] = deque(maxlen=PAST_KEPT)
_building = Lock()


def current_view(now: datetime) -> View:
    """The view of the newest snapshot, kept until another one is opened."""
    snapshot = current(now)
    view = _kept.get("view")
    if view is None or view.snapshot is not snapshot:
        view = _kept["view"] = View(snapshot)
    return view


def view_at(now: datetime, as_of: datetime | None) -> View:
    """The view as of a past instant, None for now; the last few are kept.

    Raises NotPast for an instant after ``now``. A rebuilt view costs a second or two on
    a large registry: processes build one at a time.
    """
    view = current_view(now)
    if as_of is None:
        return view
    if as_of > now:
        raise NotPast(as_of)
    at = last_of_second(max(as_of, EPOCH))
    with _building:
        for found, built_on in _past_views:
            if built_on is view.snapshot and found.past is not None and found.past.at == at:
                return found
        past = past_snapshot(view.snapshot, at)
        found = View(past.snapshot, past)
        _past_views.append((found, view.snapshot))
    return found


def version_rows(view: View, nodes: Iterable[int]) -> dict[int, Version]:
    """Node -> version row with its module, owner and deprecation; -1 is left out."""
    wanted = {int(node): int(view.graph.version_ids[node]) for node in set(nodes) if node >= 0}
    rows = Version.objects.select_related("module__owner", "deprecation").defer(
        "metadata", "runtime"
    )
    found = rows.in_bulk(wanted.values())
    if view.past is not None:
        for version in found.values():
            as_it_was(version, view.past)
    return {node: found[pk] for node, pk in wanted.items() if pk in found}


def as_it_was(version: Version, past: Past) -> Version:
    """A version row without what was said of it later; not to be saved."""
    if version.deprecation is not None and version.deprecation.since > past.at:
        version.deprecation = None
    if version.yanked_at is not None and version.yanked_at > past.at:
        version.yanked_at, version.yank_reason = None, ""
    version.sunset_at = past.sunsets.get(version.pk)
    return version


def module_rows(view: View, indexes: Iterable[int]) -> dict[int, Module]:
    """Module index -> row with its owner."""
    wanted = {int(index): int(view.graph.module_ids[index]) for index in set(indexes)}
    found = Module.objects.select_related("owner").in_bulk(wanted.values())
    return {index: found[pk] for index, pk in wanted.items() if pk in found}
