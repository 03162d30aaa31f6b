"""Snapshots: the graph as arrays on disk, one folder an epoch, opened by every process."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Count, Max, QuerySet

from lineage.graph.arrays import Graph, build
from lineage.graph.growth import Earlier
from lineage.graph.snapshot import Snapshot, SnapshotFormatError, latest, load, prune, write
from lineage.graph.usage import Ended, Profiles, Roots, Usage, measure
from lineage.ingest.bulk import graph_lock
from lineage.models import Deployment, Environment, Epoch, ObservedVersion
from lineage.services.epoch import MOST_LISTED, changed_since, current_epoch, renew, stamp_of
from lineage.services.graph_rows import Lookup, read_graph, seconds_of, table_of, whole_seconds
from lineage.services.history import changed_after

ATTEMPTS = 3


@dataclass(slots=True)
class Opened:
    """The snapshot this process has open, and where from."""

    path: Path | None = None
    snapshot: Snapshot | None = None


_opened = Opened()
_lock = Lock()


def current(now: datetime) -> Snapshot:
    """The newest snapshot there is; built only where there is none at all."""
    epoch, newest = _newest()
    with _lock:
        path, opened = _opened.path, _opened.snapshot
    if opened is not None and newest == path and _is_of(opened, epoch):
        return opened
    found = _opened_if_of(newest, epoch)
    return refresh(now) if found is None else found


def refresh(now: datetime) -> Snapshot:
    """Build and write a snapshot unless the newest is of this epoch; returns the newest.

    Idempotent; two at once do the work twice and keep one. Reads without a lock and
    starts over when the epoch moved meanwhile; after ATTEMPTS it takes the lock.
    """
    epoch, newest = _newest()
    found = _opened_if_of(newest, epoch)
    if found is None and newest is not None and newest.name == str(epoch.number):
        epoch = renew(epoch)
    elif found is not None and found.epoch == epoch.number:
        return found
    for _ in range(ATTEMPTS):
        graph, usage = _build(epoch.number, now, _earlier(found))
        if current_epoch().number == epoch.number:
            break
        epoch = current_epoch()
    else:
        with graph_lock():
            epoch = current_epoch()
            graph, usage = _build(epoch.number, now, _earlier(found))
    place = folder_of(epoch)
    path = write(graph, usage, place, built_at=now, stamp=stamp_of(epoch))
    prune(place, keep=settings.SNAPSHOTS_KEPT, now=now)
    return _open(path)


def folder_of(epoch: Epoch) -> Path:
    """Where the snapshots of this very database lie."""
    return Path(settings.SNAPSHOT_DIR) / str(epoch.database_id)


def _newest() -> tuple[Epoch, Path | None]:
    """The epoch and the newest snapshot's folder.

    A snapshot ahead of the database says that the database was restored from a
    backup: it gets another id, and nothing written before counts.
    """
    epoch = current_epoch()
    newest = latest(folder_of(epoch))
    if newest is not None and int(newest.name) > epoch.number:
        epoch = current_epoch()  # asked again: one may have been written in between
        if int(newest.name) > epoch.number:
            return renew(epoch), None
    return epoch, newest


def _opened_if_of(newest: Path | None, epoch: Epoch) -> Snapshot | None:
    """The snapshot in the folder, None where it cannot be read or is of another history."""
    if newest is None:
        return None
    with _lock:
        path, opened = _opened.path, _opened.snapshot
    if opened is not None and newest == path:
        return opened if _is_of(opened, epoch) else None
    try:
        snapshot = load(newest)
    except (SnapshotFormatError, OSError):
        return None
    return _keep_open(newest, snapshot) if _is_of(snapshot, epoch) else None


def _is_of(snapshot: Snapshot, epoch: Epoch) -> bool:
    return snapshot.epoch < epoch.number or snapshot.stamp == stamp_of(epoch)


def _open(path: Path) -> Snapshot:
    return _keep_open(path, load(path))


def _keep_open(path: Path, snapshot: Snapshot) -> Snapshot:
    with _lock:
        _opened.path, _opened.snapshot = path, snapshot
    return snapshot


def _earlier(found: Snapshot | None) -> Earlier | None:
    """What a snapshot knows that still holds; None where nothing is known to."""
    if found is None:
        return None
    changed = changed_since(found.epoch, found.stamp)
    if changed is None:
        return None
    # Instants that lay ahead when it was built, and may have come since.
    changed |= changed_after(found.built_at)
    if len(changed) > MOST_LISTED:
        return None
    return Earlier(found.graph, np.array(sorted(changed), dtype=np.int64))


def _build(epoch: int, now: datetime, earlier: Earlier | None) -> tuple[Graph, Usage]:
    graph = build(read_graph(epoch, now, earlier))
    node_of = Lookup(graph.version_ids)
    profiles, profile_of = observed_profiles(node_of)
    roots = roots_of(Deployment.objects.live(), node_of, profile_of)
    return graph, measure(graph, roots, _ended(node_of, profile_of), profiles)


def observed_profiles(node_of: Lookup) -> tuple[Profiles, dict[int | None, int]]:
    """Every observed profile, and primary key -> its place; None, no profile, is -1."""
    rows = table_of(ObservedVersion.objects.order_by("profile_id"), "profile_id", "version_id")
    ids, starts = np.unique(rows[:, 0], return_index=True)
    profiles = Profiles(
        start=np.append(starts, len(rows)).astype(np.int32), version=node_of(rows[:, 1])
    )
    places: dict[int | None, int] = {int(pk): place for place, pk in enumerate(ids)}
    places[None] = -1
    return profiles, places


def roots_of(
    deployments: "QuerySet[Deployment]", node_of: Lookup, profile_of: dict[int | None, int]
) -> Roots:
    """The deployments grouped by version and observed profile; counted by the database."""
    rows = (
        deployments.order_by()
        .values_list("version_id", "profile_id", "environment__tier")
        .annotate(number=Count("id"))
    )
    counts: dict[tuple[int, int], list[int]] = {}
    for version_id, profile_id, tier, number in rows:
        pair = counts.setdefault((version_id, profile_of[profile_id]), [0, 0])
        pair[0 if tier == Environment.Tier.PROD else 1] += number
    versions = np.array([version for version, _ in counts], dtype=np.int64)
    return Roots(
        version=node_of(versions),
        profile=_integers(profile for _, profile in counts),
        prod=_integers(prod for prod, _ in counts.values()),
        preprod=_integers(preprod for _, preprod in counts.values()),
    )


def _ended(node_of: Lookup, profile_of: dict[int | None, int]) -> Ended:
    ended = Deployment.objects.filter(ended_at__isnull=False).order_by()
    rows = list(
        ended.values_list("version_id", "profile_id").annotate(until=whole_seconds(Max("ended_at")))
    )
    return Ended(
        version=node_of(np.array([row[0] for row in rows], dtype=np.int64)),
        profile=_integers(profile_of[row[1]] for row in rows),
        until=seconds_of([row[2] for row in rows]),
    )


def _integers(values: Any) -> "np.ndarray[Any, np.dtype[np.int32]]":
    return np.array(list(values), dtype=np.int32)
