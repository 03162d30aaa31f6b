"""manage.py simulate: write a simulated platform as records."""

import gzip
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lineage.ingest.values import BadValue, parse_instant
from lineage.simulation import Scale, simulated_lines

DEMO = Scale(until=datetime.max)


class Command(BaseCommand):
    help = "Write a simulated platform as records; the same arguments give the same bytes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--modules", type=int, default=DEMO.modules)
        parser.add_argument("--deployments", type=int, default=DEMO.deployments)
        parser.add_argument("--days", type=int, default=DEMO.days)
        parser.add_argument("--seed", type=int, default=DEMO.seed)
        parser.add_argument("--until", help="the last instant told; the last full hour by default")
        parser.add_argument(
            "--out", required=True, help="a file, gzipped if it ends so; - is stdout"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("modules", "deployments", "days"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1")
        scale = Scale(
            until=_until(options["until"]),
            modules=options["modules"],
            deployments=options["deployments"],
            days=options["days"],
            seed=options["seed"],
        )
        written = 0
        with _opened(options["out"]) as out:
            for line in simulated_lines(scale):
                out.write(line)
                written += 1
        self.stderr.write(f"{written:,} records of a simulated platform, seed {scale.seed}.")


def _until(text: str | None) -> datetime:
    if text is None:
        return timezone.now().replace(minute=0, second=0, microsecond=0)
    try:
        return parse_instant(text).astimezone(UTC)
    except BadValue as error:
        raise CommandError(f"--until {error.reason}") from error


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdout.buffer
        return
    with open(path, "wb") as raw:
        if not path.endswith(".gz"):
            yield raw
            return
        # Without a name and a time inside, the same records give the same file.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            yield cast(BinaryIO, packed)
