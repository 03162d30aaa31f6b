"""The registry a search runs on: versions of the database, needs of the snapshot."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lineage.graph.arrays import RUNTIME, WITHDRAWN
from lineage.graph.closure import modules_within
from lineage.ingest.known import batches
from lineage.models import Module, Requirement
from lineage.resolution.registry import Candidate, KnownVersion, ModuleName, Need, Registry
from lineage.selectors.view import View
from lineage.services.resolve import versions_of
from lineage.versioning import range_in

Known = dict[ModuleName, list[KnownVersion]]


class SnapshotNeeds:
    """What versions need, read from the snapshot's arrays; ranges are parsed when asked for."""

    def __init__(self, view: View, names: Mapping[int, ModuleName], ranges: Mapping[int, str]):
        self._view = view
        self._names = names  # by module index
        self._ranges = ranges  # by requirement index
        self._nodes: dict[int, int] = {}

    def __call__(self, candidate: Candidate) -> list[Need]:
        graph = self._view.graph
        node = int(self._view.node_of([candidate.id])[0])
        if node < 0:
            return []
        part = slice(int(graph.declared_start[node]), int(graph.declared_start[node + 1]))
        needed = graph.declared_requirement[part][graph.declared_scope[part] == RUNTIME]
        return [
            self.need(int(index), self._ranges[int(index)])
            for index in needed
            if int(index) in self._ranges
        ]

    def need(self, requirement: int, text: str) -> Need:
        name = self._names[int(self._view.graph.requirement_module[requirement])]
        return Need(name, range_in(name[0], text))


def name_of(module: Module) -> ModuleName:
    """A module as resolution names it."""
    return module.ecosystem, module.name


def known_versions(view: View, roots: Collection[Module]) -> tuple[Known, SnapshotNeeds]:
    """All that a search from these modules could come to: versions by module, and their needs.

    A handful of queries, whatever the number of modules.
    """
    indexes = view.module_indexes([module.pk for module in roots])
    found = modules_within(view.graph, indexes[indexes >= 0])
    ids = [int(pk) for pk in view.graph.module_ids[found]]
    names = dict(zip(map(int, found), _names(ids), strict=True))
    versions: Known = {name_of(module): [] for module in roots}
    for batch in batches(sorted({*ids, *(module.pk for module in roots)})):
        stored = versions_of(batch)
        by_id = dict(zip(batch, _names(batch), strict=True))
        for pk, rows in stored.items():
            versions[by_id[pk]] = _known(view, rows)
    return versions, SnapshotNeeds(view, names, _ranges(view, ids))


def _known(view: View, rows: list[KnownVersion]) -> list[KnownVersion]:
    """Those that were published, as withdrawn as they are or were then."""
    if view.past is None:
        return rows
    flags, published = view.graph.version_flags, view.graph.version_published
    at = view.past.at.timestamp()
    return [
        KnownVersion(row.parsed, bool(flags[node] & WITHDRAWN), row.id)
        for row, node in zip(rows, view.node_of(row.id for row in rows), strict=True)
        if node >= 0 and published[node] <= at
    ]


def registry_from(view: View, roots: Collection[Module]) -> Registry:
    """The registry of everything a search from these modules could come to, now or then."""
    versions, needs = known_versions(view, roots)
    return Registry(versions, needs)


def _names(module_ids: Sequence[int]) -> list[ModuleName]:
    rows: dict[int, ModuleName] = {}
    for batch in batches(list(module_ids)):
        found = Module.objects.filter(id__in=batch).order_by()
        rows |= {pk: (eco, name) for pk, eco, name in found.values_list("id", "ecosystem", "name")}
    return [rows[pk] for pk in module_ids]


def _ranges(view: View, module_ids: Sequence[int]) -> dict[int, str]:
    """Requirement index -> its range, of every declared requirement on these modules."""
    ids: list[int] = []
    texts: list[str] = []
    for batch in batches(list(module_ids)):
        rows = Requirement.objects.filter(module_id__in=batch, is_locked=False).order_by()
        for pk, text in rows.values_list("id", "range").iterator(10_000):
            ids.append(pk)
            texts.append(text)
    graph = view.graph
    order = np.argsort(graph.requirement_ids, kind="stable")
    places = np.searchsorted(graph.requirement_ids, ids, sorter=order)
    places = order[np.minimum(places, max(len(order) - 1, 0))] if len(order) else places
    return {
        int(place): text
        for place, pk, text in zip(places, ids, texts, strict=True)
        if len(order) and graph.requirement_ids[place] == pk
    }
