"""manage.py sweep: every rule, now."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from lifecycle.services.notices import deliver_due
from lifecycle.services.sweep import sweep


class Command(BaseCommand):
    help = "Run every rule on the newest data; findings open, refresh and close by themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object, last line of stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        summary = sweep(timezone.now())
        deliver_due(timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(summary)))
            return
        rules = ", ".join(f"{number:,} {rule}" for rule, number in summary.by_rule.items())
        self.stdout.write(
            f"{summary.opened:,} findings opened, {summary.refreshed:,} confirmed, "
            f"{summary.closed:,} closed ({rules}); epoch {summary.epoch}, {summary.seconds} s."
        )
