"""Rows of the database into the arrays a graph is built from."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    Expression,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast, Coalesce, Substr

from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, SUNSET, WITHDRAWN, GraphInput
from lineage.graph.growth import Earlier, line_numbers, merged
from lineage.models import Dependency, Module, Requirement, Version
from lineage.services.history import HISTORY, past_resolutions

FETCH = 100_000
SECONDS = len("2026-01-01 00:00:00")
NO_EDGES = np.empty((0, 3), dtype=np.int64)
Array = np.ndarray[Any, np.dtype[Any]]


def read_graph(epoch: int, now: datetime, earlier: Earlier | None = None) -> GraphInput:
    """Read everything the graph is made of.

    Several queries: the caller makes sure that the epoch did not move meanwhile. What an
    earlier graph holds of modules that did not change since is taken from it;
    dependencies are append only, so of these only later ones are read.
    """
    module_ids = table_of(Module.objects.order_by("id"), "id")[:, 0]
    versions, majors, minors = _versions(earlier)
    requirements = _requirements(earlier)
    node_of = Lookup(versions[:, 0])
    requirement_of = Lookup(requirements[:, 0])
    declared, last_dependency = _declared(earlier)
    locked = table_of(
        Dependency.objects.exclude(lock_root=None).order_by(),
        "lock_root_id", "version_id", "requirement__resolved_version_id",
    )  # fmt: skip
    dependency_version = node_of(declared[:, 0])
    dependency_requirement = requirement_of(declared[:, 1])
    resolution = _past_resolutions(now, earlier)
    past = _past_edges(
        resolution, requirement_of, node_of,
        dependency_version, dependency_requirement, declared[:, 2],
    )  # fmt: skip
    return GraphInput(
        epoch=epoch,
        last_dependency=last_dependency,
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
        past_resolution=resolution,
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


def seconds_of(instants: list[str | None]) -> Array:
    """Texts of ``whole_seconds`` as unix seconds, 0 for none."""
    stated = np.array([text or "1970-01-01 00:00:00" for text in instants], dtype="datetime64[s]")
    return stated.astype(np.int64)


def whole_seconds(instant: str | Expression) -> Expression:
    """An instant as the text both databases write: parsed for all rows at once, not one by one."""
    return Substr(Cast(instant, CharField()), 1, SECONDS)


def raw_rows(queryset: "QuerySet[Any]", *columns: str | Expression) -> Iterator[list[Any]]:
    """Rows of a query in chunks, as the driver gives them: no conversion of any column."""
    named = {
        f"column_{place}": F(column) if isinstance(column, str) else column
        for place, column in enumerate(columns)
    }
    try:
        sql, params = queryset.annotate(**named).values_list(*named).query.sql_with_params()
    except EmptyResultSet:  # asked of no module
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(FETCH):
            yield chunk


def table_of(queryset: "QuerySet[Any]", *columns: str | Expression) -> Array:
    """Columns of whole numbers, none NULL, as one int64 array."""
    width = len(columns)
    parts = [
        np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
        for rows in raw_rows(queryset, *columns)
    ]
    return (np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)).reshape(-1, width)


def _declared(earlier: Earlier | None) -> tuple[Array, int]:
    """(version id, requirement id, scope) of every declared edge, and the last id looked at."""
    known, last = (
        (NO_EDGES, 0) if earlier is None else (earlier.declared(), earlier.last_dependency)
    )
    edges = Dependency.objects.filter(lock_root=None, id__gt=last).order_by()
    later = table_of(edges, "version_id", "requirement_id", "scope", "id")
    if len(later):
        last = int(later[:, 3].max())
    return np.concatenate([known, later[:, :3]]), last


def _versions(earlier: Earlier | None) -> tuple[Array, Array, Array]:
    """(id, module id, published, flags) in node order, and the major and minor line of each."""
    queryset = Version.objects.order_by("module_id", "sort_key", "id")
    if earlier is None:
        table = _version_table(queryset)
    else:
        changed = queryset.filter(module_id__in=earlier.changed.tolist())
        table = merged(earlier.versions(), _version_table(changed))
    modules = table[:, 1]
    return table[:, :4], line_numbers(modules, table[:, 4]), line_numbers(modules, table[:, 5])


def _version_table(queryset: "QuerySet[Version]") -> Array:
    """(id, module id, published, flags, major line, minor line); lines are numbers that differ."""
    columns = (
        "id", "module_id", whole_seconds("published_at"), _is_set("yanked_at"),
        _is_set("sunset_at"), "is_prerelease", "is_placeholder", "major_line", "minor_line",
    )  # fmt: skip
    rows = list(chain.from_iterable(raw_rows(queryset, *columns)))
    if not rows:
        return np.empty((0, 6), dtype=np.int64)
    ids, modules, published, yanked, sunset, is_pre, is_placeholder, major, minor = zip(
        *rows, strict=True
    )
    flags = (
        np.where(np.array(yanked, dtype=bool) | np.array(sunset, dtype=bool), WITHDRAWN, 0)
        | np.where(np.array(is_pre, dtype=bool), PRERELEASE, 0)
        | np.where(np.array(is_placeholder, dtype=bool), PLACEHOLDER, 0)
        | np.where(np.array(sunset, dtype=bool), SUNSET, 0)
    )
    module = np.array(modules, dtype=np.int64)
    return np.column_stack([
        np.array(ids, dtype=np.int64), module, seconds_of(list(published)), flags,
        line_numbers(module, np.array(major, dtype=object)),
        line_numbers(module, np.array(minor, dtype=object)),
    ]).astype(np.int64)  # fmt: skip


def _requirements(earlier: Earlier | None) -> Array:
    """(id, module id, resolved version id or -1), grouped by module in module order."""
    queryset = Requirement.objects.order_by("module_id", "id")
    columns = "id", "module_id", Coalesce("resolved_version_id", -1)
    if earlier is None:
        return table_of(queryset, *columns)
    changed = queryset.filter(module_id__in=earlier.changed.tolist())
    return merged(earlier.requirements(), table_of(changed, *columns))


def _past_resolutions(now: datetime, earlier: Earlier | None) -> Array:
    """(requirement id, version id, until) of what held in recent history and does not now."""
    among = None if earlier is None else earlier.changed.tolist()
    found = past_resolutions(now, among)
    rows = [(requirement, version, until) for (requirement, version), until in found.items()]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    if earlier is not None:
        since = int((now - HISTORY).timestamp())
        kept = earlier.past_resolutions()
        table = np.concatenate([kept[kept[:, 2] > since], table])
    return table[np.lexsort((table[:, 1], table[:, 0]))]


def _is_set(field: str) -> Expression:
    return ExpressionWrapper(Q(**{f"{field}__isnull": False}), output_field=BooleanField())


def _past_edges(
    resolution: Array,
    requirement_of: Lookup,
    node_of: Lookup,
    versions: Array,
    requirements: Array,
    scopes: Array,
) -> tuple[Array, Array, Array]:
    """Edges that held in recent history and do not now: source, target, until (unix seconds)."""
    if not len(resolution):
        none = np.empty(0, dtype=np.int32)
        return none, none, np.empty(0, dtype=np.int64)
    past_requirement = requirement_of(resolution[:, 0])
    past_target = node_of(resolution[:, 1])
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
        np.repeat(resolution[:, 2], counts),
    )
