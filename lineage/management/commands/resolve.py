"""manage.py resolve: what a range of a module resolves to, alone or with all it leads to."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lineage.exceptions import LineageError
from lineage.ingest.values import BadValue, parse_instant
from lineage.selectors.modules import module_named
from lineage.selectors.past import end_of, past_at
from lineage.selectors.resolution import Resolution, Strategy, Wanted, resolution_of
from lineage.versioning import VersioningError


class Command(BaseCommand):
    help = "Print what a range resolves to. Exit 1: nothing satisfies it. 2: unreadable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("module")
        parser.add_argument("range")
        parser.add_argument("--ecosystem", default="platform")
        parser.add_argument(
            "--strategy",
            choices=[strategy.value for strategy in Strategy],
            default=Strategy.NEWEST.value,
            help="newest: the version alone. joint: the whole tree, one version per module.",
        )
        parser.add_argument(
            "--as-of", type=_instant, metavar="DAY", help="a past day, to its end, or an instant"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            module = module_named(options["ecosystem"], options["module"])
            found = resolution_of(
                [Wanted(module, options["range"])],
                strategy=Strategy(options["strategy"]),
                now=now,
                as_of=past_at(options["as_of"], now),
            )
        except (LineageError, VersioningError) as error:
            raise CommandError(str(error), returncode=2) from error
        if found.strategy is Strategy.JOINT:
            self._tell_tree(found)
            return
        version = found.results[0].resolved
        if version is None:
            self.stderr.write(f"No version of {module.name} satisfies {options['range']}.")
            sys.exit(1)
        self.stdout.write(version.version)

    def _tell_tree(self, found: Resolution) -> None:
        for choice in found.versions:
            self.stdout.write(f"{choice.candidate.module[1]} {choice.candidate.text}")
        for sentence in found.sentences:
            self.stderr.write(sentence)
        if not found.satisfiable:
            sys.exit(1)


def _instant(text: str) -> datetime:
    try:
        at = parse_instant(text)
    except BadValue as error:
        raise ArgumentTypeError(error.reason) from error
    return at if "T" in text.upper() else end_of(at)
