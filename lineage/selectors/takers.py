"""Deployments of a module's direct consumers, and which version each takes at an instant."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np
from django.db.models import Q
from django.db.models.functions import Coalesce

from lineage.graph.arrays import RUNTIME
from lineage.models import Deployment, Module, ObservedVersion, Requirement, Version
from lineage.selectors.dependents import edges_into
from lineage.selectors.view import Array, View
from lineage.selectors.window import Window
from lineage.services.graph_rows import raw_rows, seconds_of, whole_seconds
from lineage.services.history import History

MOST_NAMED = 10_000  # consumer versions asked for by name; more are found among all
GROUPS_AT_ONCE = 4_096
FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class UptakeFilter:
    """Which deployments count; empty fields filter nothing."""

    tier: str = ""
    environment: str = ""

    @property
    def matching(self) -> Q:
        stated = {"environment__tier": self.tier, "environment__name": self.environment}
        return Q(**{name: value for name, value in stated.items() if value})


@dataclass(frozen=True, slots=True)
class Takers:
    """Deployments of direct consumers, as parallel arrays; seconds are unix seconds."""

    id: Array
    consumer: Array  # place among the consumers
    observed: Array  # place of the version observed at run time, -1 none
    environment: Array  # primary key
    started: Array
    ended: Array

    def where(self, chosen: Array) -> "Takers":
        """Those that a mask or positions choose."""
        return Takers(*(getattr(self, name)[chosen] for name in Takers.__slots__))


@dataclass(frozen=True, slots=True)
class Consumers:
    """Versions that declare the module at run time, each with its requirements."""

    ids: Array  # primary keys, ascending
    start: Array  # [C] where the requirements of each begin
    requirement: Array  # places in ``ranges``
    ranges: dict[int, str]  # requirement id -> range, in order


def consumers_of(view: View, module: Module) -> Consumers:
    """The versions that declare the module at run time and ever ran or were reached."""
    edges = edges_into(view, module)
    used = view.usage.last_used[edges.consumer] > 0
    edges = edges.where((edges.scope == RUNTIME) & (edges.requirement >= 0) & used)
    ids = view.graph.version_ids[edges.consumer]
    declared = Requirement.objects.filter(module=module, is_locked=False).order_by("id")
    ranges = dict(declared.values_list("id", "range"))
    known = np.fromiter(ranges, dtype=np.int64, count=len(ranges))
    stated = view.graph.requirement_ids[edges.requirement]
    is_known = np.isin(stated, known)
    ids, place = ids[is_known], np.searchsorted(known, stated[is_known])
    order = np.argsort(ids, kind="stable")
    distinct, start = np.unique(ids[order], return_index=True)
    return Consumers(distinct, start, place[order], ranges)


def takers_of(
    consumers: Consumers, versions: list[Version], filter: UptakeFilter, window: Window
) -> Takers:
    """The deployments of the consumers that lived in the window."""
    rows = Deployment.objects.filter(filter.matching, started_at__lte=window.ends[-1]).order_by()
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=window.ends[0]))
    if len(consumers.ids) <= MOST_NAMED:
        rows = rows.filter(version_id__in=consumers.ids.tolist())
    columns = (
        "id", "version_id", Coalesce("profile_id", -1), "environment_id",
        whole_seconds("started_at"), whole_seconds("ended_at"),
    )  # fmt: skip
    table = list(chain.from_iterable(raw_rows(rows, *columns)))
    numbers = np.array([row[:4] for row in table], dtype=np.int64).reshape(-1, 4)
    ended = seconds_of([row[5] for row in table])
    ended[[row[5] is None for row in table]] = FOREVER
    place = np.searchsorted(consumers.ids, numbers[:, 1])
    place = np.minimum(place, max(len(consumers.ids) - 1, 0))
    found = Takers(
        numbers[:, 0], place, _observed(numbers[:, 2], versions), numbers[:, 3],
        seconds_of([row[4] for row in table]), ended,
    )  # fmt: skip
    if not len(consumers.ids):
        return found.where(np.zeros(len(table), dtype=bool))
    return found.where(consumers.ids[place] == numbers[:, 1])


def _observed(profiles: Array, versions: list[Version]) -> Array:
    """Profile -> place of the newest of these versions that it states, -1 none."""
    place = {version.pk: index for index, version in enumerate(versions)}
    rows = ObservedVersion.objects.filter(version_id__in=place)
    stated: dict[int, int] = {}
    for profile, version in rows.values_list("profile_id", "version_id").order_by():
        stated[profile] = max(place[version], stated.get(profile, -1))
    found = [stated.get(profile, -1) for profile in profiles.tolist()]
    return np.array(found, dtype=np.int64)


def taken_by(
    history: History, consumers: Consumers, versions: list[Version], window: Window
) -> list[tuple[int, int, Array]]:
    """(first day, day after the last, consumer -> place of the version its range took).

    One entry for each stretch of days with one resolution; the place after the last
    version stands for none.
    """
    place: dict[int | None, int] = {v.pk: index for index, v in enumerate(versions)}
    none = len(versions)
    found = []
    for first, last in _stretches(history, window.ends):
        resolved = history.resolved_at(window.ends[first], consumers.ranges)
        target = [place.get(pk, none) for pk in resolved.values()]
        # None counts as older than any version where another requirement resolves.
        rank = np.array([-1 if at == none else at for at in target], dtype=np.int64)
        took = rank[consumers.requirement]
        if len(consumers.start):
            took = np.maximum.reduceat(took, consumers.start)
        found.append((first, last, np.where(took < 0, none, took)))
    return found


def _stretches(history: History, ends: list[datetime]) -> Iterator[tuple[int, int]]:
    changes = history.instants(ends[0], ends[-1])
    cuts = sorted({bisect_left(ends, at) for at in changes} - {0, len(ends)})
    return zip([0, *cuts], [*cuts, len(ends)], strict=True)


def counted(
    takers: Takers, taken: list[tuple[int, int, Array]], places: int, window: Window
) -> tuple[Array, dict[int, Array]]:
    """[place of version, day] -> deployments live at its end; and environment -> [place] at last.

    Deployments that always take the same are counted as one group, by differences.
    """
    seconds = np.array([int(at.timestamp()) for at in window.ends])
    days, groups_before = len(seconds), len(taken[0][2])
    counts = np.zeros((places, days), dtype=np.int64)
    group = np.where(takers.observed >= 0, groups_before + takers.observed, takers.consumer)
    labels = [
        (first, last, np.concatenate([took, np.arange(places)])) for first, last, took in taken
    ]
    begin, stop = np.searchsorted(seconds, takers.started), np.searchsorted(seconds, takers.ended)
    for low in range(0, groups_before + places, GROUPS_AT_ONCE):
        high = min(low + GROUPS_AT_ONCE, groups_before + places)
        some = np.flatnonzero((group >= low) & (group < high))
        if not len(some):
            continue
        live = np.zeros((high - low, days + 1), dtype=np.int32)
        np.add.at(live, (group[some] - low, begin[some]), 1)
        np.add.at(live, (group[some] - low, stop[some]), -1)
        live = np.cumsum(live, axis=1)
        for first, last, label in labels:
            np.add.at(counts[:, first:last], label[low:high], live[:, first:last])
    at_end: dict[int, Array] = {}
    is_live = (begin < days) & (stop == days)
    for environment in np.unique(takers.environment[is_live]).tolist():
        here = is_live & (takers.environment == environment)
        at_end[environment] = np.bincount(labels[-1][2][group[here]], minlength=places)
    return counts, at_end
