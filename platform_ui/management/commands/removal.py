"""manage.py removal: can a range be removed? The answer is the exit code."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from lifecycle.selectors.windows import unused_for
from lineage.exceptions import LineageError
from lineage.selectors.modules import module_named
from lineage.selectors.paging import DEFAULT_SIZE
from lineage.selectors.removal import Removal, removal_of
from lineage.versioning import VersioningError
from platform_ui.api.removal_shapes import RemovalShape

REMOVABLE, BLOCKED, UNKNOWN = 0, 1, 2


class Command(BaseCommand):
    help = "Exit 0: the range can be removed. 1: something stands in the way. 2: unknown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("module")
        parser.add_argument("range", help="a line, such as 1.x or 1.4.x, or any range")
        parser.add_argument("--ecosystem", default="platform")
        parser.add_argument("--json", action="store_true", help="print what the API answers")
        parser.add_argument("--page", type=int, default=1, help="of the blockers")
        parser.add_argument("--page-size", type=int, default=DEFAULT_SIZE)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            module = module_named(options["ecosystem"], options["module"])
            removal = removal_of(
                module,
                options["range"],
                now=timezone.now(),
                unused_for=unused_for(module),
                page=options["page"],
                size=options["page_size"],
            )
        except (LineageError, VersioningError) as error:
            raise CommandError(str(error), returncode=UNKNOWN) from error
        if options["json"]:
            self.stdout.write(json.dumps(RemovalShape(removal).data, cls=JSONEncoder))
        else:
            self._tell(removal)
        if removal.is_unknown:
            sys.exit(UNKNOWN)
        sys.exit(REMOVABLE if removal.verdict == "yes" else BLOCKED)

    def _tell(self, removal: Removal) -> None:
        self.stdout.write(removal.sentence)
        for blocker in removal.blockers:
            self.stdout.write(f"  {blocker.name} {blocker.detail}")
        hidden = removal.total_blockers - len(removal.blockers)
        if hidden:
            self.stdout.write(f"  and {hidden:,} more: see --page")
        if removal.way is None or not removal.way.total:
            return
        words = "The shortest way" if removal.way.is_shortest else "A way, perhaps not the shortest"
        self.stdout.write(f"{words}, {removal.way.total:,} upgrades:")
        for upgrade in removal.way.upgrades:
            changes = ", ".join(f"{c.module} to {c.takes}" for c in upgrade.changes)
            takes = f" that takes {changes}" if changes else ""
            owner = upgrade.owner or "nobody"
            self.stdout.write(
                f"  {upgrade.kind} {upgrade.module} {upgrade.version}{takes} ({owner})"
            )
        if removal.way.total > len(removal.way.upgrades):
            self.stdout.write(f"  and {removal.way.total - len(removal.way.upgrades):,} more")
