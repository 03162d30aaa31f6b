"""manage.py ingest: take documents in."""

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from lineage.exceptions import UnreadableDocument
from lineage.services.ingest import IngestSummary, ingest_document
from lineage.services.snapshot import refresh

MAX_NAME = 128
COUNTED = (
    "accepted", "created", "changed", "unchanged", "rejected", "conflicts", "revived", "ended",
    "held",
)  # fmt: skip


class Command(BaseCommand):
    """Exit 0: all in. 1: something was rejected, conflicts or is held. 2: unreadable."""

    help = "Take in documents: records, CDEvents, CycloneDX or SPDX JSON, plain or gzip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, or - for stdin")
        parser.add_argument(
            "--source", type=_name, default="cli", help="where the records come from"
        )
        parser.add_argument(
            "--environment", type=_name, help="the root of an SBOM is deployed here"
        )
        parser.add_argument(
            "--inventory",
            action="store_true",
            help="the document lists every deployment its source knows: others of it have ended",
        )
        parser.add_argument("--json", action="store_true", help="one object, last line of stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["inventory"] and len(options["paths"]) > 1:
            # Each would end what the others list.
            raise CommandError("A full inventory is one document.", returncode=2)
        began = perf_counter()
        summaries: list[IngestSummary] = []
        errors: list[dict[str, str]] = []
        for path in options["paths"]:
            try:
                summaries.append(self._take(path, options))
            except (OSError, UnreadableDocument) as error:
                errors.append({"document": path, "error": str(error)})
                self.stderr.write(f"{path}: {error}")
        refresh(timezone.now())
        total: dict[str, Any] = {
            name: sum(getattr(summary, name) for summary in summaries) for name in COUNTED
        }
        total["seconds"] = round(perf_counter() - began, 3)
        if options["json"]:
            runs = [asdict(summary) for summary in summaries]
            self.stdout.write(json.dumps({**total, "runs": runs, "errors": errors}))
        else:
            self._print(total)
        is_short = total["rejected"] or total["conflicts"] or total["held"]
        sys.exit(2 if errors else int(bool(is_short)))

    def _take(self, path: str, options: dict[str, Any]) -> IngestSummary:
        with ExitStack() as opened:
            stream, size = sys.stdin.buffer, None
            if path != "-":
                stream = opened.enter_context(Path(path).open("rb"))
                size = Path(path).stat().st_size
            bar = opened.enter_context(tqdm(total=size, unit="B", unit_scale=True, desc=path[-40:]))
            return ingest_document(
                stream,
                source=options["source"],
                environment=options["environment"],
                is_inventory=options["inventory"],
                # A path need not be text; the run keeps what can be shown of it.
                document=os.fsencode(path).decode(errors="replace"),
                started_by="command line",
                now=timezone.now(),
                progress=lambda position: bar.update(position - bar.n) and None,
            )

    def _print(self, total: dict[str, Any]) -> None:
        self.stdout.write(
            f"{total['accepted']:,} records in: {total['created']:,} created, "
            f"{total['changed']:,} changed, {total['unchanged']:,} unchanged; "
            f"{total['rejected']:,} rejected, {total['conflicts']:,} conflicts; "
            f"{total['seconds']} s. Rejected lines are kept with the run."
        )
        if total["ended"]:
            self.stdout.write(f"{total['ended']:,} deployments are listed no more and have ended.")
        if total["held"]:
            self.stdout.write(
                f"{total['held']:,} deployments are listed no more. That looks like blindness, so "
                "none of them was ended: an operator accepts or dismisses it on the sources page."
            )


def _name(text: str) -> str:
    if not text.isprintable() or text != text.strip() or not 0 < len(text) <= MAX_NAME:
        raise ArgumentTypeError(f"must be 1 to {MAX_NAME} printable characters")
    return text
