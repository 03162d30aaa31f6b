"""What is measured from outside: whole commands, in a folder and a database of their own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import IO, Any

from platform_ui.bench.rows import Row

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


class StageFailed(RuntimeError):
    """A command of the benchmark ended badly; its last lines are the message."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command: seconds by the clock and of its own work, greatest memory in MB, its output."""

    seconds: float
    cpu: float
    peak: float
    output: str


def run(*arguments: str, environment: Mapping[str, str]) -> Ran:
    """Run a management command to its end; raises StageFailed."""
    with TemporaryFile() as out, TemporaryFile() as errors:
        began = perf_counter()
        started = subprocess.Popen(  # noqa: S603 # our own command, no shell
            [sys.executable, str(MANAGE), *arguments],
            env={**os.environ, **environment},
            stdout=out,
            stderr=errors,
        )
        # Waited for by hand: only so does the system tell what this one child used.
        _, status, used = os.wait4(started.pid, 0)
        seconds = perf_counter() - began
        started.returncode = os.waitstatus_to_exitcode(status)
        if started.returncode:
            raise StageFailed(f"{' '.join(arguments[:2])}: {_read(errors)[-2000:]}")
        cpu = used.ru_utime + used.ru_stime
        return Ran(seconds, cpu, used.ru_maxrss / 1024, _read(out))


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def ingest_rows(
    registry: Path, *, environment: Mapping[str, str], is_sqlite: bool, folder: Path
) -> list[Row]:
    """Ingest a registry fresh and again, beside SQLite writing the same rows with nothing else."""
    fresh = run("ingest", str(registry), "--json", environment=environment)
    again = run("ingest", str(registry), "--json", environment=environment)
    first, second = _summary(fresh), _summary(again)
    if second["created"] or second["changed"]:
        raise StageFailed(f"the second ingest changed {second['created'] + second['changed']} rows")
    limit = _bare_writes(folder / "sundial.sqlite3") if is_sqlite else None
    return [
        Row(
            f"ingest {first['accepted']:,} versions, everything included", fresh.seconds, "s",
            30 if is_sqlite else 60, limit, "bare executemany of the edges and versions", fresh.cpu,
        ),
        Row("again, unchanged, no row rewritten", again.seconds, "s", 15, cpu=again.cpu),
        Row("peak memory of it", fresh.peak, "MB", 700),
    ]  # fmt: skip


def sbom_row(sbom: Path, *, environment: Mapping[str, str]) -> Row:
    """An SBOM taken in by a process that has just started."""
    done = run("ingest", str(sbom), "--source", "sbom", "--json", environment=environment)
    summary = _summary(done)
    inside = summary["seconds"]
    return Row(f"an SBOM, {sbom.name}, visible", inside, "s", 1.5)


def sweep_rows(deployments: int, *, environment: Mapping[str, str]) -> list[Row]:
    """Every rule over everything, then again with nothing new to say."""
    first = _summary(run("sweep", "--json", environment=environment))
    again = _summary(run("sweep", "--json", environment=environment))
    work = f"sweep, {deployments:,} deployments, {first['opened']:,} findings written"
    return [
        Row(work, first["seconds"], "s", 10),
        Row("of it, bringing the graph up to date", first["graph_seconds"], "s", 0.2),
        Row("sweep again, nothing new", again["seconds"], "s", 10),
    ]


def _summary(done: Ran) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(done.output.splitlines()[-1])
    return summary


def _bare_writes(path: Path) -> float:
    """Seconds SQLite takes to write the same rows in one transaction, keys unique."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as source:
        versions = source.execute(
            "SELECT id, module_id, version, sort_key, published_at FROM lineage_version"
        ).fetchall()
        edges = source.execute(
            "SELECT id, version_id, requirement_id, scope FROM lineage_dependency"
        ).fetchall()
    bare = path.with_name("bare.sqlite3")
    with sqlite3.connect(bare) as target:
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("CREATE TABLE v (id INTEGER PRIMARY KEY, m, v, k, p, UNIQUE (m, v))")
        target.execute("CREATE TABLE e (id INTEGER PRIMARY KEY, v, r, s, UNIQUE (v, r, s))")
        began = perf_counter()
        target.executemany("INSERT INTO v VALUES (?, ?, ?, ?, ?)", versions)
        target.executemany("INSERT INTO e VALUES (?, ?, ?, ?)", edges)
        target.commit()
        return perf_counter() - began
