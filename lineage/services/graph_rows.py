"""Rows of the database into the arrays a graph is built from."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Count,
    Expression,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Cast, Coalesce, Substr

from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, SUNSET, WITHDRAWN, Graph, GraphInput
from lineage.models import Dependency, Module, Requirement, Version
from lineage.services.history import past_resolutions

FETCH = 100_000
SECONDS = len("2026-01-01 00:00:00")
Array = np.ndarray[Any, np.dtype[Any]]


def read_graph(epoch: int, now: datetime, previous: Graph | None = None) -> GraphInput:
    """Read everything the graph is made of.

    Several queries: the caller makes sure that the epoch did not move meanwhile.
    Dependencies are append only, so those an earlier graph holds are taken from it and
    only later ones are read, if it is found to hold what the database does.
    """
    module_ids = table_of(Module.objects.order_by("id"), "id")[:, 0]
    versions, majors, minors = _versions()
    requirements = table_of(
        Requirement.objects.order_by("module_id", "id"),
        "id", "module_id", Coalesce("resolved_version_id", -1),
    )  # fmt: skip
    node_of = Lookup(versions[:, 0])
    requirement_of = Lookup(requirements[:, 0])
    declared, last_dependency = _declared(previous)
    locked = table_of(
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
    sql, params = queryset.annotate(**named).values_list(*named).query.sql_with_params()
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


def _declared(previous: Graph | None) -> tuple[Array, int]:
    """(version id, requirement id, scope) of every declared edge, and the last id looked at."""
    edges = Dependency.objects.filter(lock_root=None).order_by()
    known, last = np.empty((0, 3), dtype=np.int64), 0
    if previous is not None:
        held = _edges_of(previous)
        if _sums(edges.filter(id__lte=previous.last_dependency)) == _held_sums(held):
            known, last = held, previous.last_dependency
    later = table_of(edges.filter(id__gt=last), "version_id", "requirement_id", "scope", "id")
    if len(later):
        last = int(later[:, 3].max())
    return np.concatenate([known, later[:, :3]]), last


def _edges_of(graph: Graph) -> Array:
    counts = np.diff(graph.declared_start)
    return np.column_stack([
        np.repeat(graph.version_ids, counts),
        graph.requirement_ids[graph.declared_requirement],
        graph.declared_scope,
    ]).astype(np.int64)  # fmt: skip


def _sums(edges: "QuerySet[Dependency]") -> tuple[int, ...]:
    """What two sets of edges share only if they are the same, but for a contrived pair."""
    found = edges.aggregate(
        number=Count("id"),
        versions=Sum("version_id"),
        requirements=Sum("requirement_id"),
        pairs=Sum(F("version_id") * F("requirement_id"), output_field=BigIntegerField()),
    )
    return tuple(int(value or 0) for value in found.values())


def _held_sums(edges: Array) -> tuple[int, ...]:
    versions, requirements = edges[:, 0], edges[:, 1]
    return (
        len(edges),
        int(versions.sum()),
        int(requirements.sum()),
        int((versions * requirements).sum()),
    )


def _versions() -> tuple[Array, Array, Array]:
    """(id, module id, published, flags) in node order, and the major and minor line of each."""
    queryset = Version.objects.order_by("module_id", "sort_key", "id")
    columns = (
        "id", "module_id", whole_seconds("published_at"), _is_set("yanked_at"),
        _is_set("sunset_at"), "is_prerelease", "is_placeholder", "major_line", "minor_line",
    )  # fmt: skip
    rows = list(chain.from_iterable(raw_rows(queryset, *columns)))
    if not rows:
        none = np.empty(0, dtype=np.int32)
        return np.empty((0, 4), dtype=np.int64), none, none
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
    table = np.column_stack([
        np.array(ids, dtype=np.int64), module, seconds_of(list(published)), flags,
    ])  # fmt: skip
    return table, _line_numbers(module, major), _line_numbers(module, minor)


def _is_set(field: str) -> Expression:
    return ExpressionWrapper(Q(**{f"{field}__isnull": False}), output_field=BooleanField())


def _line_numbers(modules: Array, lines: tuple[str, ...]) -> Array:
    """Lines numbered in the order of versions: equal neighbours of one module share a number."""
    names = np.array(lines, dtype=object)
    is_new = np.ones(len(names), dtype=bool)
    is_new[1:] = (modules[1:] != modules[:-1]) | (names[1:] != names[:-1])
    return (np.cumsum(is_new) - 1).astype(np.int32)


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
