"""manage.py resolve: what a range of a module resolves to, strategy newest."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lineage.exceptions import LineageError
from lineage.selectors.modules import module_named
from lineage.selectors.resolution import resolution_of
from lineage.versioning import VersioningError


class Command(BaseCommand):
    help = "Print the version a range resolves to now. Exit 1: none satisfies it. 2: unreadable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("module")
        parser.add_argument("range")
        parser.add_argument("--ecosystem", default="platform")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            module = module_named(options["ecosystem"], options["module"])
            version = resolution_of(module, options["range"])
        except (LineageError, VersioningError) as error:
            raise CommandError(str(error), returncode=2) from error
        if version is None:
            self.stderr.write(f"No version of {module.name} satisfies {options['range']}.")
            sys.exit(1)
        self.stdout.write(version.version)
