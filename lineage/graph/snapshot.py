"""Snapshots on disk: one folder an epoch, one file an array, opened by memory map."""

import json
import os
import shutil
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.usage import Usage

FORMAT = 1
META = "meta.json"
ABANDONED = timedelta(hours=1)


class SnapshotFormatError(Exception):
    """The folder is no snapshot this program can read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A graph and its usage, as of ``epoch``, built at ``built_at``; arrays are read only."""

    graph: Graph
    usage: Usage
    epoch: int
    built_at: datetime


def write(graph: Graph, usage: Usage, folder: Path, *, built_at: datetime) -> Path:
    """Write a snapshot beside the others and put it in place by one rename.

    Where another writer was first, its folder stands and ours is dropped. A kill at
    any instant leaves a hidden folder that ``prune`` removes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / str(graph.epoch)
    draft = folder / f".{graph.epoch}.{uuid4().hex}"
    draft.mkdir()
    lengths: dict[str, int] = {}
    for prefix, part in (("graph", graph), ("usage", usage)):
        for name, array in _arrays(part).items():
            lengths[f"{prefix}.{name}"] = len(array)
            with (draft / f"{prefix}.{name}.npy").open("wb") as file:
                np.save(file, array)
                _sync(file)
    meta = {
        "format": FORMAT,
        "epoch": graph.epoch,
        "built_at": built_at.isoformat(),
        "lengths": lengths,
    }
    with (draft / META).open("w") as text:
        json.dump(meta, text)
        _sync(text)
    _put(draft, target)
    return target


def _put(draft: Path, target: Path) -> None:
    try:
        load(target)
    except SnapshotFormatError:
        if target.exists():
            shutil.rmtree(target, ignore_errors=True)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():
            raise


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _arrays(part: Graph | Usage) -> dict[str, np.ndarray[Any, Any]]:
    return {
        field.name: getattr(part, field.name) for field in fields(part) if field.name != "epoch"
    }


def load(path: Path) -> Snapshot:
    """Open a snapshot by memory map; raises SnapshotFormatError."""
    try:
        meta = json.loads((path / META).read_text())
        if meta["format"] != FORMAT:
            raise SnapshotFormatError(f"{path.name} has format {meta['format']}, not {FORMAT}")
        arrays = {
            name: np.load(path / f"{name}.npy", mmap_mode="r" if length else None)
            for name, length in meta["lengths"].items()
        }
        for name, length in meta["lengths"].items():
            if len(arrays[name]) != length:
                raise SnapshotFormatError(f"{path.name}: {name} is not whole")
        graph = Graph(epoch=meta["epoch"], **_part(arrays, "graph"))
        usage = Usage(**_part(arrays, "usage"))
        built_at = datetime.fromisoformat(meta["built_at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotFormatError(f"{path.name} cannot be read: {error}") from error
    return Snapshot(graph, usage, meta["epoch"], built_at)


def _part(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    start = f"{prefix}."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}


def latest(folder: Path) -> Path | None:
    """The snapshot of the greatest epoch, if there is any."""
    if not folder.is_dir():
        return None
    epochs = [path for path in folder.iterdir() if path.name.isdigit()]
    return max(epochs, key=lambda path: int(path.name), default=None)


def prune(folder: Path, *, keep: int, now: datetime) -> None:
    """Remove all but the newest ``keep`` snapshots, and drafts abandoned by killed writers.

    A process that has an old one open keeps its pages.
    """
    epochs = sorted((p for p in folder.iterdir() if p.name.isdigit()), key=lambda p: int(p.name))
    for path in epochs[: -max(keep, 1)]:
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(".*"):
        try:
            age = now.timestamp() - path.stat().st_mtime
        except FileNotFoundError:
            continue
        if age > ABANDONED.total_seconds():
            shutil.rmtree(path, ignore_errors=True)
