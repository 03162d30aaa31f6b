"""Rows of the database into the arrays a graph is built from."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import QuerySet

from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, SUNSET, WITHDRAWN, GraphInput
from lineage.models import Dependency, Module, Requirement, Version
from lineage.services.history import past_resolutions

FETCH = 100_000
Array = np.ndarray[Any, np.dtype[Any]]


def read_graph(epoch: int, now: datetime) -> GraphInput:
    """Read everything the graph is made of.

    Several queries: the caller makes sure that the epoch did not move meanwhile.
    """
    module_ids = _column(Module.objects.order_by("id"), "id")
    versions, majors, minors = _versions(module_ids)
    requirements = _table(
        Requirement.objects.order_by("module_id", "id"), "id", "module_id", "resolved_version_id"
    )
    node_of = Lookup(versions[:, 0])
    requirement_of = Lookup(requirements[:, 0])
    declared = _table(
        Dependency.objects.filter(lock_root=None).order_by(),
        "version_id", "requirement_id", "scope",
    )  # fmt: skip
    locked = _table(
        Dependency.objects.exclude(lock_root=None).order_by(),
        "lock_root_id", "version_id", "requirement__resolved_version_id",
    )  # fmt: skip
    dependency_version = node_of(declared[:, 0])
    dependency_requirement = requirement_of(declared[:, 1])
    past = _past_edges(
        now, requirement_of, node_of, dependency_version, dependency_requirement, declared[:, 2]
    )
    return GraphInput(
        epoch=epoch,
        module_ids=module_ids,
        version_ids=versions[:, 0],
        version_module=np.searchsorted(module_ids, versions[:, 1]).astype(np.int32),
        version_major=majors,
        version_minor=minors,
        version_published=versions[:, 2],
        version_flags=versions[:, 3].astype(np.uint8),
        requirement_ids=requirements[:, 0],
        requirement_module=np.searchsorted(module_ids, requirements[:, 1]).astype(np.int32),
        requirement_target=node_of(requirements[:, 2]),
        dependency_version=dependency_version,
        dependency_requirement=dependency_requirement,
        dependency_scope=declared[:, 2].astype(np.uint8),
        locked_root=node_of(locked[:, 0]),
        locked_source=node_of(locked[:, 1]),
        locked_target=node_of(locked[:, 2]),
        past_source=past[0],
        past_target=past[1],
        past_until=past[2],
    )


class Lookup:
    """Primary keys to positions; an empty or unknown key gives -1."""

    def __init__(self, ids: Array) -> None:
        self._order = np.argsort(ids, kind="stable")
        self._sorted = ids[self._order]

    def __call__(self, keys: Array) -> Array:
        if not len(self._sorted):
            return np.full(len(keys), -1, dtype=np.int32)
        places = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        found = np.where(self._sorted[places] == keys, self._order[places], -1)
        return found.astype(np.int32)


def _table(queryset: "QuerySet[Any]", *fields: str) -> Array:
    """The columns as one int64 array; NULL becomes -1."""
    parts = [
        np.array([[-1 if v is None else v for v in row] for row in rows], dtype=np.int64)
        if any(None in row for row in rows)
        else np.array(rows, dtype=np.int64)
        for rows in _fetch(queryset.values_list(*fields))
    ]
    return np.concatenate(parts) if parts else np.empty((0, len(fields)), dtype=np.int64)


def _column(queryset: "QuerySet[Any]", field: str) -> Array:
    return _table(queryset, field)[:, 0]


def _fetch(rows: "QuerySet[Any, Any]") -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for row in rows.iterator(chunk_size=FETCH):
        chunk.append(row)
        if len(chunk) == FETCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _versions(module_ids: Array) -> tuple[Array, Array, Array]:
    """(id, module id, published, flags) in node order, and the major and minor line of each."""
    rows: list[tuple[int, int, int, int]] = []
    majors: list[int] = []
    minors: list[int] = []
    last_major: tuple[int, str] | None = None
    last_minor: tuple[int, str] | None = None
    queryset = Version.objects.order_by("module_id", "sort_key", "id").values_list(
        "id", "module_id", "published_at", "yanked_at", "sunset_at", "is_prerelease",
        "is_placeholder", "major_line", "minor_line",
    )  # fmt: skip
    major = minor = -1
    for (
        pk,
        module_id,
        published,
        yanked,
        sunset,
        is_pre,
        is_placeholder,
        *lines,
    ) in queryset.iterator(10_000):
        flags = (
            (WITHDRAWN if yanked or sunset else 0)
            | (PRERELEASE if is_pre else 0)
            | (PLACEHOLDER if is_placeholder else 0)
            | (SUNSET if sunset else 0)
        )
        rows.append((pk, module_id, int(published.timestamp()) if published else 0, flags))
        if (module_id, lines[0]) != last_major:
            last_major = (module_id, lines[0])
            major += 1
        if (module_id, lines[1]) != last_minor:
            last_minor = (module_id, lines[1])
            minor += 1
        majors.append(major)
        minors.append(minor)
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return table, np.array(majors, dtype=np.int32), np.array(minors, dtype=np.int32)


def _past_edges(
    now: datetime,
    requirement_of: Lookup,
    node_of: Lookup,
    versions: Array,
    requirements: Array,
    scopes: Array,
) -> tuple[Array, Array, Array]:
    """Edges that held in recent history and do not now: source, target, until (unix seconds)."""
    superseded = past_resolutions(now)
    if not superseded:
        none = np.empty(0, dtype=np.int32)
        return none, none, np.empty(0, dtype=np.int64)
    table = np.array([(r, t, u) for (r, t), u in superseded.items()], dtype=np.int64)
    past_requirement = requirement_of(table[:, 0])
    past_target = node_of(table[:, 1])
    runtime = scopes == 0
    order = np.argsort(requirements[runtime], kind="stable")
    by_requirement = requirements[runtime][order]
    dependents = versions[runtime][order]
    starts = np.searchsorted(by_requirement, past_requirement, side="left")
    ends = np.searchsorted(by_requirement, past_requirement, side="right")
    counts = ends - starts
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    sources = dependents[np.repeat(starts, counts) + offsets]
    return (
        sources.astype(np.int32),
        np.repeat(past_target, counts).astype(np.int32),
        np.repeat(table[:, 2], counts),
    )
