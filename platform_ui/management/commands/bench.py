"""manage.py bench: the main figures beside their targets and limits, in one run."""

import json
import os
import platform
import sys
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql

from platform_ui.bench.answers import answers
from platform_ui.bench.burst import burst_rows, look_until
from platform_ui.bench.compare import compare_rows, write_deployments
from platform_ui.bench.extremes import extreme_rows, write_extremes
from platform_ui.bench.growth import growth_rows
from platform_ui.bench.page import page
from platform_ui.bench.rows import Row, table
from platform_ui.bench.stages import StageFailed, ingest_rows, run, sbom_row, sweep_rows
from platform_ui.staticfiles import collect_if_changed


class Command(BaseCommand):
    help = "Measure ingest, graph, sweep, API and pages in a folder and a database of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--registry", type=Path, help="versions as records, to ingest first")
        parser.add_argument("--sbom", type=Path, help="a CycloneDX document")
        parser.add_argument("--deployments", type=int, default=200_000)
        parser.add_argument(
            "--database-url",
            default="",
            help="PostgreSQL; the database is dropped and made anew, and its name ends in _bench",
        )
        parser.add_argument("--json", action="store_true")
        parser.add_argument(
            "--postgresql",
            default="",
            metavar="URL",
            help="the main figures there too, after SQLite's; made anew, its name ends in _bench",
        )
        parser.add_argument(
            "--answers", action="store_true", help="only what a loaded database answers"
        )
        parser.add_argument(
            "--scale",
            type=_scales,
            default=[],
            metavar="1,4,16",
            help="the engine's stages on as many copies of what is loaded",
        )
        parser.add_argument(
            "--extremes",
            action="store_true",
            help="a module with 50,000 dependents, a cycle of 300",
        )
        parser.add_argument(
            "--burst",
            action="store_true",
            help="200 modules publish 1,000 versions in an hour to 5,000 consumers",
        )
        parser.add_argument(
            "--look", action="store_true", help="with --answers: open pages until the input ends"
        )
        parser.add_argument(
            "--compare",
            type=int,
            default=0,
            metavar="MODULES",
            help="random modules of the registry whose answers are compared with plain ones",
        )
        parser.add_argument(
            "--markdown", type=Path, help="write the figures as a page to this file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["look"]:
            self.stdout.write(json.dumps(look_until(sys.stdin.buffer)))
            return
        if options["answers"]:
            self.stdout.write(json.dumps([asdict(row) for row in _answered(options)]))
            return
        collect_if_changed()
        self._machine = f"{platform.platform()}, {os.cpu_count()} processors, "
        self._machine += f"load {os.getloadavg()[1]:.1f} before"
        with tempfile.TemporaryDirectory(prefix="sundial-bench-") as folder:
            try:
                rows = self._measure(Path(folder), options)
                self._keep(rows, options)
                if options["postgresql"]:
                    rows += self._on_postgresql(Path(folder), options)
                    self._keep(rows, options)
            except StageFailed as error:
                raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows]))
        else:
            self.stdout.write(table(rows))

    def _keep(self, rows: list[Row], options: dict[str, Any]) -> None:
        """Write the page, also before a later stage that may fail."""
        if options["markdown"]:
            options["markdown"].write_text(page(rows, machine=self._machine))

    def _on_postgresql(self, folder: Path, options: dict[str, Any]) -> list[Row]:
        """Ingest, an SBOM, the sweep and what is asked, without what compares answers."""
        (folder / "postgresql").mkdir()
        chosen = {**options, "database_url": options["postgresql"], "compare": 0}
        chosen |= {"scale": [], "extremes": False, "burst": False}
        self._say("The same on PostgreSQL")
        rows = self._measure(folder / "postgresql", chosen)
        return [replace(row, work=f"PostgreSQL: {row.work}") for row in rows]

    def _measure(self, folder: Path, options: dict[str, Any]) -> list[Row]:
        environment = {"VAR_DIR": str(folder), "REDIS_URL": "", "SNAPSHOT_DIR": str(folder / "s")}
        environment["DATABASE_URL"] = (
            options["database_url"] or f"sqlite:///{folder}/sundial.sqlite3"
        )
        if options["database_url"]:
            _make_database(options["database_url"])
        run("migrate", "--verbosity", "0", environment=environment)
        rows: list[Row] = []
        if options["registry"]:
            self._say(f"Ingesting {options['registry'].name}, twice")
            rows += ingest_rows(
                options["registry"], environment=environment,
                is_sqlite=not options["database_url"], folder=folder,
            )  # fmt: skip
            if options["compare"]:
                self._say(f"Comparing the answers of {options['compare']:,} modules")
                rows += _compared(options, folder / "deployments.ndjson", environment)
        if options["sbom"]:
            rows.append(sbom_row(options["sbom"], environment=environment))
        self._say(f"Ingesting a simulated platform of {options['deployments']:,} deployments")
        simulated = str(folder / "platform.ndjson.gz")
        scale = ("--deployments", str(options["deployments"]))
        run("simulate", *scale, "--out", simulated, environment=environment)
        run("ingest", simulated, "--source", "simulated-platform", environment=environment)
        rows += sweep_rows(options["deployments"], environment=environment)
        self._say("Asking")
        rows += _asked((), environment)
        if options["scale"]:
            self._say("Growing")
            copies = ",".join(map(str, options["scale"]))
            rows += _asked(("--scale", copies), environment)
        if options["extremes"]:
            self._say("Going to extremes")
            extremes = folder / "extremes.ndjson"
            write_extremes(extremes)
            run("ingest", str(extremes), "--source", "bench-extremes", environment=environment)
            rows += _asked(("--extremes",), environment)
        if options["burst"]:
            self._say("Publishing in a burst")
            rows += _asked(("--burst",), environment)
        return rows

    def _say(self, words: str) -> None:
        self.stderr.write(words)


def _scales(text: str) -> list[int]:
    """Whole numbers from 1, by commas; the first is what the others are compared with."""
    scales = [int(part) for part in text.split(",")]
    if min(scales) < 1:
        raise ValueError(text)
    return scales


def _answered(options: dict[str, Any]) -> list[Row]:
    if options["compare"]:
        return compare_rows(options["registry"], modules=options["compare"])
    if options["scale"]:
        return growth_rows(options["scale"])
    if options["burst"]:
        return burst_rows()
    return extreme_rows() if options["extremes"] else answers()


def _asked(options: tuple[str, ...], environment: dict[str, str]) -> list[Row]:
    """What a process of its own measures on the loaded database."""
    found = run("bench", "--answers", *options, environment=environment).output
    return [Row(**row) for row in json.loads(found.splitlines()[-1])]


def _compared(options: dict[str, Any], deployments: Path, environment: dict[str, str]) -> list[Row]:
    """Deployments of the registry's own modules, then every answer beside a plain one."""
    registry = options["registry"]
    write_deployments(registry, deployments)
    run("ingest", str(deployments), "--source", "simulated-use", environment=environment)
    count = str(options["compare"])
    return _asked(("--compare", count, "--registry", str(registry)), environment)


def _make_database(url: str) -> None:
    """Drop and make the database; refuses one whose name does not say that it may go."""
    name = urlsplit(url).path.lstrip("/")
    if not name.endswith("_bench"):
        raise CommandError("The database is dropped first, so its name must end in _bench.")
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
