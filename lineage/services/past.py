"""The graph as of a past instant, rebuilt from the instants that rows carry."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from django.db.models import Min, Q

from lineage.graph.arrays import WITHDRAWN, Graph, build
from lineage.graph.past import NONE, Then, past_input
from lineage.graph.snapshot import Snapshot
from lineage.graph.usage import Ended, Profiles, Roots, measure
from lineage.ingest.known import batches
from lineage.models import (
    Dependency,
    Deployment,
    Module,
    ObservedVersion,
    Requirement,
    Retirement,
    Version,
)
from lineage.resolution.newest import ModuleVersions
from lineage.services.graph_rows import Lookup, raw_rows, table_of
from lineage.services.resolve import stored_version
from lineage.services.snapshot import observed_profiles, roots_of
from lineage.versioning import ParsedVersion, range_in

MODULES_AT_ONCE = 2_000
Array = np.ndarray[Any, np.dtype[Any]]
Sunsets = dict[int, datetime]


@dataclass(frozen=True, slots=True)
class Past:
    """A snapshot as of ``at``, and since when the versions sunset then had been."""

    snapshot: Snapshot
    at: datetime
    sunsets: Sunsets  # version id -> instant


def last_of_second(at: datetime) -> datetime:
    """The last instant of the second: the past is asked by the second, as arrays keep it."""
    return at.astimezone(UTC).replace(microsecond=999_999)


def first_instant() -> datetime | None:
    """The earliest instant that any version or deployment carries, None before any data."""
    versions = Version.objects.aggregate(said=Min("published_at"), heard=Min("received_at"))
    started = Deployment.objects.aggregate(said=Min("started_at"))["said"]
    stated = (versions["said"], versions["heard"], started)
    return min((at for at in stated if at is not None), default=None)


def sunsets_at(at: datetime) -> Sunsets:
    """The versions that were sunset at an instant, and since when."""
    spans = Retirement.objects.filter(Q(restored_at=None) | Q(restored_at__gt=at))
    rows = spans.filter(sunset_at__lte=at).order_by("sunset_at")
    return dict(rows.values_list("version_id", "sunset_at"))


def past_snapshot(snapshot: Snapshot, at: datetime) -> Past:
    """The snapshot as it would have been at the end of a past second, with what ran then.

    A version was there from its publication, or while it ran; one of unknown
    publication always, but never before ``first_instant``. Dependencies and observed
    profiles never change, so only resolution is redone, of modules that were not as
    they are. Names, owners and kinds are today's. ``usage.last_used`` says only what
    was in use, not when the rest last was.
    """
    at = last_of_second(at)
    graph, node_of = snapshot.graph, Lookup(snapshot.graph.version_ids)
    sunsets = sunsets_at(at)
    is_sunset = _marked(graph, node_of, np.array(list(sunsets), dtype=np.int64))
    yanked = table_of(Version.objects.filter(yanked_at__lte=at).order_by(), "id")[:, 0]
    is_yanked = _marked(graph, node_of, yanked)
    first = first_instant()
    is_published = graph.version_published <= int(at.timestamp())
    is_published &= first is not None and at >= first
    then = Then(
        is_there=is_published | _ran(graph, node_of, at),
        is_yanked=is_yanked,
        is_sunset=is_sunset,
        target=_targets(graph, node_of, is_published, is_yanked | is_sunset),
        **_locked(graph, node_of),
    )
    old = build(past_input(graph, then))
    usage = measure(old, *_running(Lookup(old.version_ids), at))
    return Past(Snapshot(old, usage, snapshot.epoch, at, snapshot.stamp), at, sunsets)


def _marked(graph: Graph, node_of: Lookup, version_ids: Array) -> Array:
    mask = np.zeros(graph.versions, dtype=bool)
    nodes = node_of(version_ids)
    mask[nodes[nodes >= 0]] = True
    return mask


def _ran(graph: Graph, node_of: Lookup, at: datetime) -> Array:
    """Version node -> whether it ran or was observed running, published or not."""
    live = Deployment.objects.live_at(at).order_by()
    versions = live.values_list("version_id", flat=True).distinct()
    profiles = live.exclude(profile=None).values("profile_id")
    observed = ObservedVersion.objects.filter(profile_id__in=profiles).order_by()
    ids = {*versions, *observed.values_list("version_id", flat=True).distinct()}
    return _marked(graph, node_of, np.array(list(ids), dtype=np.int64))


def _running(node_of: Lookup, at: datetime) -> tuple[Roots, Ended, Profiles]:
    every, profile_of = observed_profiles(node_of)
    roots = roots_of(Deployment.objects.live_at(at), node_of, profile_of)
    # Versions that came later are in no profile that ran; they only have to be left out.
    there = every.version >= 0
    counted = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(there)])
    profiles = Profiles(counted[every.start].astype(np.int32), every.version[there])
    return roots, Ended(NONE, NONE, NONE), profiles


def _locked(graph: Graph, node_of: Lookup) -> dict[str, Array]:
    """Locked edges; a tree is believed for the whole life of its root."""
    ends = np.empty((0, 3), dtype=np.int64)
    if graph.nodes > graph.versions:
        locked = Dependency.objects.exclude(lock_root=None).order_by()
        columns = ("lock_root_id", "version_id", "requirement__resolved_version_id")
        ends = table_of(locked, *columns)
    names = ("locked_root", "locked_source", "locked_target")
    return {name: node_of(ends[:, place]) for place, name in enumerate(names)}


def _targets(graph: Graph, node_of: Lookup, is_published: Array, is_withdrawn: Array) -> Array:
    """Requirement -> node it resolved to; stored ones where a module is as it was."""
    target = np.array(graph.requirement_target, copy=True)
    was = is_withdrawn != ((graph.version_flags & WITHDRAWN) != 0)
    changed = np.unique(graph.version_module[~is_published | was])
    some = np.unique(graph.version_module[is_published])
    is_redone = np.zeros(len(graph.module_ids), dtype=bool)
    is_redone[changed] = True
    target[is_redone[graph.requirement_module]] = -1
    requirement_of = Lookup(graph.requirement_ids)
    ids = graph.module_ids[np.intersect1d(changed, some)].tolist()
    for batch in batches(ids, MODULES_AT_ONCE):
        modules = _resolvable(batch, node_of, is_published, is_withdrawn)
        declared = Requirement.objects.filter(module_id__in=batch, is_locked=False).order_by()
        rows = list(declared.values_list("id", "module_id", "range"))
        places = requirement_of(np.array([row[0] for row in rows], dtype=np.int64))
        for place, (_, module_id, text) in zip(places, rows, strict=True):
            if place >= 0 and module_id in modules:
                target[place] = modules[module_id].newest(text)
    return target


class _Resolvable:
    """The versions of one module that resolution could choose from."""

    def __init__(self, ecosystem: str) -> None:
        self.ecosystem = ecosystem
        self.nodes: list[int] = []
        self.parsed: list[ParsedVersion] = []
        self.withdrawn: list[bool] = []

    @cached_property
    def versions(self) -> ModuleVersions:
        return ModuleVersions(self.parsed, self.withdrawn)

    def newest(self, text: str) -> int:
        """The node a range resolves to, -1 for none."""
        found = self.versions.newest(range_in(self.ecosystem, text))
        return -1 if found is None else self.nodes[found]


def _resolvable(
    module_ids: list[int], node_of: Lookup, is_published: Array, is_withdrawn: Array
) -> dict[int, _Resolvable]:
    ecosystems = dict(Module.objects.filter(id__in=module_ids).values_list("id", "ecosystem"))
    found = {pk: _Resolvable(ecosystem) for pk, ecosystem in ecosystems.items()}
    versions = Version.objects.filter(module_id__in=module_ids).order_by()
    columns = ("id", "module_id", "version", "sort_key", "is_prerelease")
    rows = list(chain.from_iterable(raw_rows(versions, *columns)))
    nodes = node_of(np.array([row[0] for row in rows], dtype=np.int64))
    for node, (pk, module_id, text, key, is_prerelease) in zip(nodes.tolist(), rows, strict=True):
        if node < 0 or not is_published[node]:
            continue
        withdrawn = bool(is_withdrawn[node])
        row = (pk, text, key, bool(is_prerelease), withdrawn)
        one = found[module_id]
        one.nodes.append(node)
        one.parsed.append(stored_version(ecosystems[module_id], row).parsed)
        one.withdrawn.append(withdrawn)
    return found
