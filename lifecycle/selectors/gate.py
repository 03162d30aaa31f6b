"""The pipeline's gate: a manifest in, pass, warn or fail out, with why and the smallest fixes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from lifecycle.gate import Facts, GatePolicy, Level, Stricter, Verdict, fixes, judge, stricter
from lifecycle.gate_fixes import Candidate, Fix, Takes
from lifecycle.selectors.gate_shelves import Name, shelves_of
from lineage.ingest.known import batches
from lineage.ingest.manifest import Asked, Manifest
from lineage.selectors.view import current_view

MODULES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """The gate's answer to a manifest, by ``policy``, on the data of ``epoch``."""

    verdict: Verdict
    fixes: tuple[Fix, ...]
    policy: GatePolicy
    manifest: Manifest
    epoch: int


def gate_policy() -> GatePolicy:
    """The policy of this installation, from its settings."""
    levels = dict.fromkeys(settings.GATE_WARN, Level.WARN)
    levels |= dict.fromkeys(settings.GATE_FAIL, Level.FAIL)
    return GatePolicy(
        levels, settings.GATE_DYING_DAYS, settings.GATE_MAX_MAJORS, settings.GATE_MAX_DAYS
    )


def gate(manifest: Manifest, *, now: datetime, asks: Stricter | None = None) -> Answer:
    """Whether what the manifest wants may be used; raises LooserPolicy and InvalidRange.

    Three queries for every 500 modules, whatever the number of requirements.
    """
    policy = stricter(gate_policy(), asks or Stricter())
    wanted: dict[Name, list[Asked]] = defaultdict(list)
    for one in manifest.asked:
        wanted[one.ecosystem, one.module].append(one)
    facts: dict[Asked, Facts] = {}
    troubled: dict[Name, tuple[tuple[Candidate, ...], Takes]] = {}
    for batch in batches(wanted, MODULES_AT_ONCE):
        shelves = shelves_of(batch, now=now)
        for name in batch:
            shelf = shelves.get(name)
            mine = {
                one: shelf.facts(one) if shelf else Facts(one, is_module_known=False)
                for one in wanted[name]
            }
            if shelf and judge(mine.values(), policy, now=now).reasons:
                troubled[name] = shelf.candidates(), shelf.takes
            facts |= mine
    verdict = judge(facts.values(), policy, now=now)
    moves = fixes(verdict, policy, facts, troubled)
    return Answer(verdict, moves, policy, manifest, current_view(now).snapshot.epoch)
