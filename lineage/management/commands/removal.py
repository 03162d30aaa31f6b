"""manage.py removal: can a line be removed? The answer is the exit code."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lineage.exceptions import LineageError
from lineage.selectors.modules import module_named
from lineage.selectors.removal import removal_of


class Command(BaseCommand):
    help = "Exit 0: the line can be removed. 1: something stands in the way. 2: unknown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("module")
        parser.add_argument("range", help="a line, such as 1.x or 1.4.x")
        parser.add_argument("--ecosystem", default="platform")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            removal = removal_of(
                module_named(options["ecosystem"], options["module"]),
                options["range"],
                now=timezone.now(),
                unused_for=timedelta(days=settings.UNUSED_FOR_DAYS),
            )
        except LineageError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(removal), default=str))
        else:
            self.stdout.write(removal.sentence)
            for blocker in removal.blockers:
                self.stdout.write(f"  {blocker.name} {blocker.detail}")
            hidden = removal.total_blockers - len(removal.blockers)
            if hidden:
                self.stdout.write(f"  and {hidden:,} more")
        sys.exit(0 if removal.verdict == "yes" else 1)
