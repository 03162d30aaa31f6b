"""Snapshots come back as they were written, or not at all."""

import dataclasses
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lineage.graph import snapshot as snapshots
from lineage.graph.arrays import SCALARS, Graph, build
from lineage.graph.reach import dependents_reach
from lineage.graph.snapshot import SnapshotFormatError, latest, load, prune, write
from lineage.graph.usage import Ended, Profiles, Roots, Usage, measure
from tests.graph_text import draw

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "a@1.0.0 -> b@*; b@1.0.0; c; [r@1.0.0] r@1.0.0 -> b@1.0.0"


def measured(text: str = TEXT, epoch: int = 1) -> tuple[Graph, Usage]:
    graph = build(draw(text).input(epoch))
    none, whole = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
    ones = np.ones(min(graph.versions, 1), dtype=np.int32)
    roots = Roots(ones * 0, ones * -1, ones, ones)
    profiles = Profiles(np.zeros(1, dtype=np.int32), none)
    return graph, measure(graph, roots, Ended(none, none, whole), profiles)


def assert_same(part: Graph | Usage, other: Graph | Usage) -> None:
    for field in dataclasses.fields(part):
        mine, theirs = getattr(part, field.name), getattr(other, field.name)
        assert np.array_equal(mine, theirs), field.name
        if field.name not in SCALARS:
            assert mine.dtype == theirs.dtype, field.name


@pytest.mark.parametrize("text", [TEXT, "", "c"])
def test_a_snapshot_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    graph, usage = measured(text, epoch=7)
    path = write(graph, usage, tmp_path / "new", built_at=NOW)
    assert path == tmp_path / "new" / "7"
    found = load(path)
    assert (found.epoch, found.built_at) == (7, NOW)
    assert_same(found.graph, graph)
    assert_same(found.usage, usage)
    assert [child.name for child in path.parent.iterdir()] == ["7"]


def test_a_loaded_snapshot_answers_and_cannot_be_changed(tmp_path: Path) -> None:
    graph, usage = measured()
    found = load(write(graph, usage, tmp_path, built_at=NOW)).graph
    roots = np.array([1], dtype=np.int32)
    assert dependents_reach(found, roots).versions.tolist() == [0, 2]
    assert type(found.out_target) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        found.out_target[0] = 3


def test_the_first_writer_of_an_epoch_stands(tmp_path: Path) -> None:
    graph, usage = measured()
    write(graph, usage, tmp_path, built_at=NOW)
    path = write(graph, usage, tmp_path, built_at=NOW + timedelta(hours=1))
    assert load(path).built_at == NOW
    assert [child.name for child in tmp_path.iterdir()] == ["1"]


def cut(path: Path) -> None:
    file = path / "graph.out_target.npy"
    file.write_bytes(file.read_bytes()[:-4])


def empty(path: Path) -> None:
    (path / "usage.last_used.npy").write_bytes(b"")


def remove(path: Path) -> None:
    (path / "graph.version_ids.npy").unlink()


def shorten(path: Path) -> None:
    np.save(path / "graph.version_ids.npy", np.arange(1))


def blur(path: Path) -> None:
    (path / "meta.json").write_text("{")


def other_format(path: Path) -> None:
    meta = json.loads((path / "meta.json").read_text())
    (path / "meta.json").write_text(json.dumps({**meta, "format": 999}))


def forget(path: Path) -> None:
    meta = json.loads((path / "meta.json").read_text())
    del meta["shapes"]["graph.in_start"]
    (path / "meta.json").write_text(json.dumps(meta))


def listed(path: Path) -> None:
    (path / "meta.json").write_text("[]")


DAMAGES = [cut, empty, remove, shorten, blur, other_format, forget, listed]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_snapshot_is_refused_and_replaced(tmp_path: Path, damage) -> None:
    graph, usage = measured()
    path = write(graph, usage, tmp_path, built_at=NOW)
    damage(path)
    with pytest.raises(SnapshotFormatError):
        load(path)
    assert_same(load(write(graph, usage, tmp_path, built_at=NOW)).graph, graph)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotFormatError, match="9"):
        load(tmp_path / "9")


def test_a_writer_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, usage = measured()

    def no_room(folder: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(snapshots, "_sync_folder", no_room)
    with pytest.raises(OSError, match="No space"):
        write(graph, usage, tmp_path, built_at=NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_latest_is_the_greatest_epoch(tmp_path: Path) -> None:
    assert latest(tmp_path / "none") is None
    assert latest(tmp_path) is None
    for epoch in (9, 10, 2):
        write(*measured(epoch=epoch), tmp_path, built_at=NOW)
    (tmp_path / ".11.abc").mkdir()
    assert latest(tmp_path) == tmp_path / "10"


@pytest.mark.parametrize(("keep", "kept"), [(2, ["10", "9"]), (0, ["10"]), (5, ["10", "2", "9"])])
def test_prune_keeps_the_newest(tmp_path: Path, keep: int, kept: list[str]) -> None:
    for epoch in (9, 10, 2):
        write(*measured(epoch=epoch), tmp_path, built_at=NOW)
    prune(tmp_path, keep=keep, now=NOW)
    assert sorted(child.name for child in tmp_path.iterdir()) == kept


def test_prune_removes_drafts_of_writers_long_gone(tmp_path: Path) -> None:
    for name, age in ((".1.old", 3601), (".2.young", 3599)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "graph.out_start.npy").write_bytes(b"half")
        instant = NOW.timestamp() - age
        os.utime(tmp_path / name, (instant, instant))
    removed = prune(tmp_path, keep=1, now=NOW)
    assert removed == [tmp_path / ".1.old"]
    assert [child.name for child in tmp_path.iterdir()] == [".2.young"]


def test_an_open_snapshot_outlives_its_folder(tmp_path: Path) -> None:
    graph, usage = measured()
    found = load(write(graph, usage, tmp_path, built_at=NOW))
    write(*measured(epoch=2), tmp_path, built_at=NOW)
    prune(tmp_path, keep=1, now=NOW)
    assert_same(found.graph, graph)
