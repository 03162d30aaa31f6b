"""manage.py check_manifest: may what a manifest wants be used? The answer is the exit code."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from lifecycle.exceptions import LooserPolicy
from lifecycle.gate import KINDS, Level, Stricter
from lifecycle.selectors.gate import Answer, gate
from lineage.exceptions import UnreadableDocument
from lineage.ingest.manifest import read_manifest
from lineage.services.ingest import limits
from lineage.versioning import VersioningError
from platform_ui.api.check_shapes import CheckShape

PASSED, FAILED, UNREADABLE, WARNED = 0, 1, 2, 3


class Command(BaseCommand):
    help = "Exit 0: it passes. 1: it fails. 2: unreadable. 3: warnings, with --strict."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH", help="a file, or - for stdin")
        parser.add_argument("--json", action="store_true", help="print what the API answers")
        parser.add_argument("--strict", action="store_true", help="exit 3 on warnings")
        parser.add_argument("--fail", type=_kinds, default=(), help="what fails too, by commas")
        parser.add_argument("--warn", type=_kinds, default=(), help="what is warned of too")
        for name in ("dying-days", "max-majors", "max-days"):
            parser.add_argument(f"--{name}", type=int, metavar="N", help="stricter than the policy")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("fail", "warn", "dying_days", "max_majors", "max_days")
        asks = Stricter(**{name: options[name] for name in names})
        try:
            with ExitStack() as opened:
                stream = sys.stdin.buffer
                if options["path"] != "-":
                    stream = opened.enter_context(Path(options["path"]).open("rb"))
                manifest = read_manifest(stream, limits=limits())
            answer = gate(manifest, now=timezone.now(), asks=asks)
        except (OSError, UnreadableDocument, VersioningError, LooserPolicy) as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        if options["json"]:
            self.stdout.write(json.dumps(CheckShape(answer).data, cls=JSONEncoder))
        else:
            self._tell(answer)
        level = answer.verdict.level
        if level is Level.FAIL:
            sys.exit(FAILED)
        sys.exit(WARNED if level is Level.WARN and options["strict"] else PASSED)

    def _tell(self, answer: Answer) -> None:
        verdict = answer.verdict
        self.stdout.write(f"{verdict.level.name}: {verdict.checked:,} checked.")
        for reason in verdict.reasons:
            self.stdout.write(f"  {reason.level.word} {reason.kind}: {reason.sentence}")
        if answer.fixes:
            self.stdout.write("The smallest fixes:")
        for fix in answer.fixes:
            self.stdout.write(f"  {fix.sentence}")
        if answer.manifest.left_out:
            self.stdout.write(
                f"{answer.manifest.left_out:,} parts state no identity or version; left out."
            )


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(word.strip() for word in text.split(",") if word.strip())
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        raise ArgumentTypeError(f"there is no {wrong[0]}; there are {', '.join(KINDS)}")
    return kinds
