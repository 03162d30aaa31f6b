"""manage.py check_audit: is the audit whole? The answer is the exit code."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from lifecycle.services.audit_check import ChainCheck, check_chain
from lifecycle.services.audit_trust import trust_audit

INTACT, BROKEN, UNPROVEN = 0, 1, 2
CODES = {"intact": INTACT, "broken": BROKEN, "unproven": UNPROVEN}


def anchor(text: str) -> tuple[int, str]:
    """An anchor as it is written; raises ArgumentTypeError."""
    sequence, _, hash = text.partition(":")
    if not (sequence.isascii() and sequence.isdecimal() and len(hash) == 64):
        raise ArgumentTypeError("an anchor is SEQUENCE:HASH, as an earlier check printed it")
    return int(sequence), hash


class Command(BaseCommand):
    help = (
        "Read the whole audit. Exit 0: intact. 1: something is missing, altered, out of order, "
        "cut off or forged. 2: no known key vouches for its end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object, last line of stdout")
        parser.add_argument(
            "--anchor", type=anchor, action="append", default=[],
            help="SEQUENCE:HASH that an earlier check printed and you kept elsewhere",
        )  # fmt: skip

        parser.add_argument(
            "--trust", metavar="REASON", default="",
            help="seal the audit as it stands with the present key; goes on record",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        seen = {sequence: hash for sequence, hash in options["anchor"] if sequence}
        if options["trust"]:
            trust_audit(options["trust"], now=timezone.now())
        check = check_chain(timezone.now(), seen=seen)
        if options["json"]:
            self.stdout.write(json.dumps(check.as_dict()))
        else:
            self._tell(check)
        sys.exit(CODES[check.state])

    def _tell(self, check: ChainCheck) -> None:
        verdict = check.verdict
        self.stdout.write(f"{verdict.entries:,} entries read in {check.seconds} s: {check.state}.")
        for problem in verdict.problems:
            self.stdout.write(f"  {problem}")
        if verdict.found > len(verdict.problems):
            self.stdout.write(f"  and {verdict.found - len(verdict.problems):,} more")
        if verdict.unproven:
            self.stdout.write(f"  the last {verdict.unproven:,} are sealed by an unknown key")
        if check.waiting:
            self.stdout.write(f"  {check.waiting:,} wait to be chained, sealed by an unknown key")
        self.stdout.write(f"Its end, to keep elsewhere: {check.anchor}")
