"""Snapshots on disk: one folder an epoch, one file an array, opened by memory map (pure)."""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import numpy as np

from lineage.graph.arrays import SCALARS, Graph
from lineage.graph.csr import Array
from lineage.graph.usage import Usage

FORMAT = 5
META = "meta.json"
ABANDONED = timedelta(hours=1)  # a draft older than this has lost its writer


class SnapshotFormatError(Exception):
    """The folder is no snapshot this program can read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A graph and its usage, as of ``epoch``, built at ``built_at``; arrays are read only.

    ``stamp`` is the writer's: it tells an epoch from one of the same number elsewhere.
    """

    graph: Graph
    usage: Usage
    epoch: int
    built_at: datetime
    stamp: str = ""


def write(graph: Graph, usage: Usage, folder: Path, *, built_at: datetime, stamp: str = "") -> Path:
    """Write a snapshot beside the others and put it in place by one rename.

    Where another writer was first and left a whole one, that stands and ours is
    dropped. A kill at any instant leaves a hidden folder, which ``prune`` removes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{graph.epoch}.{uuid4().hex}"
    draft.mkdir()
    try:
        _fill(draft, graph, usage, built_at, stamp)
        return _put(draft, folder / str(graph.epoch))
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def load(path: Path) -> Snapshot:
    """Open a snapshot by memory map, its pages shared; raises SnapshotFormatError."""
    try:
        meta = json.loads((path / META).read_text())
        if meta["format"] != FORMAT:
            raise SnapshotFormatError(f"{path.name} has format {meta['format']}, not {FORMAT}")
        arrays = {name: _open(path, name, shape) for name, shape in meta["shapes"].items()}
        return Snapshot(
            graph=Graph(**{name: meta[name] for name in SCALARS}, **_part(arrays, "graph")),
            usage=Usage(**_part(arrays, "usage")),
            epoch=meta["epoch"],
            built_at=datetime.fromisoformat(meta["built_at"]),
            stamp=meta["stamp"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotFormatError(f"{path.name} cannot be read: {error}") from error


def latest(folder: Path) -> Path | None:
    """The snapshot of the greatest epoch, None if there is none; it may still not load."""
    return max(_epochs(folder), key=_number, default=None)


def prune(folder: Path, *, keep: int, now: datetime) -> list[Path]:
    """Remove all but the newest ``keep`` snapshots, and drafts of writers long gone.

    The newest always stays. A process that has an old one open keeps its pages.
    Returns what it removed.
    """
    doomed = sorted(_epochs(folder), key=_number)[: -max(keep, 1)]
    oldest = (now - ABANDONED).timestamp()
    for draft in folder.glob(".*"):
        try:
            if draft.is_dir() and draft.stat().st_mtime < oldest:
                doomed.append(draft)
        except FileNotFoundError:
            continue
    for path in doomed:
        shutil.rmtree(path, ignore_errors=True)
    return doomed


def _epochs(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.isdecimal()]


def _number(path: Path) -> int:
    return int(path.name)


def _fill(draft: Path, graph: Graph, usage: Usage, built_at: datetime, stamp: str) -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    for prefix, part in (("graph", graph), ("usage", usage)):
        for field in fields(part):
            if field.name in SCALARS:
                continue
            name, array = f"{prefix}.{field.name}", getattr(part, field.name)
            shapes[name] = array.shape
            with (draft / f"{name}.npy").open("wb") as file:
                np.save(file, array, allow_pickle=False)
                _sync(file)
    meta = {
        "format": FORMAT,
        **{name: getattr(graph, name) for name in SCALARS},
        "built_at": built_at.isoformat(),
        "stamp": stamp,
        "shapes": shapes,
    }
    with (draft / META).open("w") as text:
        json.dump(meta, text)
        _sync(text)
    _sync_folder(draft)


def _put(draft: Path, target: Path) -> Path:
    if target.exists():
        try:
            load(target)
        except SnapshotFormatError:
            # Moved aside first: another process may be writing the same epoch.
            with suppress(FileNotFoundError):
                target.rename(draft.with_name(f".broken.{uuid4().hex}"))
        else:
            return target
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
    _sync_folder(target.parent)
    return target


def _sync(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open(path: Path, name: str, shape: list[int]) -> Array:
    # An empty file cannot be mapped.
    array = np.load(path / f"{name}.npy", mmap_mode="r" if all(shape) else None)
    if list(array.shape) != shape:
        raise SnapshotFormatError(f"{path.name}: {name} has {array.shape}, not {shape}")
    # A plain view of the same pages: the memmap class slows every small operation.
    plain: Array = np.asarray(array)
    plain.flags.writeable = False
    return plain


def _part(arrays: dict[str, Array], prefix: str) -> dict[str, Any]:
    start = f"{prefix}."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
