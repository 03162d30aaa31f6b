"""The snapshot as selectors see it: arrays joined with primary keys, computed once an epoch."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.snapshot import Snapshot
from lineage.graph.usage import LIVE, Usage
from lineage.models import Module, Version
from lineage.services.snapshot import current

Array = np.ndarray[Any, np.dtype[Any]]


class View:
    """One snapshot with what every selector asks of it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.graph: Graph = snapshot.graph
        self.usage: Usage = snapshot.usage

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


def current_view(now: datetime) -> View:
    """The view of the newest snapshot, kept until another one is opened."""
    snapshot = current(now)
    view = _kept.get("view")
    if view is None or view.snapshot is not snapshot:
        view = _kept["view"] = View(snapshot)
    return view


def instant(seconds: int, now: datetime) -> datetime | None:
    """A stored instant: LIVE is now, 0 is never."""
    if seconds >= LIVE:
        return now
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def version_rows(view: View, nodes: Iterable[int]) -> dict[int, Version]:
    """Node -> version row with its module, owner and deprecation; -1 is left out."""
    wanted = {int(node): int(view.graph.version_ids[node]) for node in set(nodes) if node >= 0}
    rows = Version.objects.select_related("module__owner", "deprecation").defer(
        "metadata", "runtime"
    )
    found = rows.in_bulk(wanted.values())
    return {node: found[pk] for node, pk in wanted.items() if pk in found}


def module_rows(view: View, indexes: Iterable[int]) -> dict[int, Module]:
    """Module index -> row with its owner."""
    wanted = {int(index): int(view.graph.module_ids[index]) for index in set(indexes)}
    found = Module.objects.select_related("owner").in_bulk(wanted.values())
    return {index: found[pk] for index, pk in wanted.items() if pk in found}
