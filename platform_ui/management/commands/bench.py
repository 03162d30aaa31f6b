"""manage.py bench: the main figures beside their targets and limits, in one run."""

import json
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql

from platform_ui.bench.answers import answers
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
            "--answers", action="store_true", help="only what a loaded database answers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["answers"]:
            self.stdout.write(json.dumps([asdict(row) for row in answers()]))
            return
        collect_if_changed()
        with tempfile.TemporaryDirectory(prefix="sundial-bench-") as folder:
            try:
                rows = self._measure(Path(folder), options)
            except StageFailed as error:
                raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows]))
        else:
            self.stdout.write(table(rows))

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
        if options["sbom"]:
            rows.append(sbom_row(options["sbom"], environment=environment))
        self._say(f"Ingesting a simulated platform of {options['deployments']:,} deployments")
        platform = str(folder / "platform.ndjson.gz")
        scale = ("--deployments", str(options["deployments"]))
        run("simulate", *scale, "--out", platform, environment=environment)
        run("ingest", platform, "--source", "simulated-platform", environment=environment)
        rows += sweep_rows(options["deployments"], environment=environment)
        self._say("Asking")
        found = run("bench", "--answers", environment=environment).output
        return rows + [Row(**row) for row in json.loads(found.splitlines()[-1])]

    def _say(self, words: str) -> None:
        self.stderr.write(words)


def _make_database(url: str) -> None:
    """Drop and make the database; refuses one whose name does not say that it may go."""
    name = urlsplit(url).path.lstrip("/")
    if not name.endswith("_bench"):
        raise CommandError("The database is dropped first, so its name must end in _bench.")
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
