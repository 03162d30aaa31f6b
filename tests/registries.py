"""Small random registries, and a solver that tries everything."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lineage.resolution.registry import (
    Candidate,
    Clause,
    KnownVersion,
    ModuleName,
    Need,
    Registry,
)
from lineage.versioning import parse_range, parse_version, satisfies

NUMBERS = ("1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0-rc.1", "2.0.0-beta.1", "3.0.0", "1.0.0+b")
RANGES = (
    "*", "*", ">=1", "^1", "^1", "~1.0", "^2", ">=1.1", "=1.0.0", "=2.0.0", "^2.0.0-0", "^3",
    "<2", "<3", "1.2.0 || 3", ">=1.0.0 <3", "^9",
)  # fmt: skip
Chosen = dict[ModuleName, int]


@dataclass
class Small:
    """A registry as plain data."""

    versions: dict[ModuleName, list[KnownVersion]]
    needs: dict[tuple[ModuleName, int], list[Need]]
    roots: list[Need]

    @cached_property
    def registry(self) -> Registry:
        return Registry(self.versions, self.needs_of)

    def needs_of(self, candidate: Candidate) -> list[Need]:
        return self.needs.get((candidate.module, candidate.place), [])

    def places(self, need: Need) -> list[int]:
        """What satisfies a need, found without the code under test."""
        known = self.versions.get(need.module, [])
        inside = [i for i, one in enumerate(known) if satisfies(one.parsed, need.range)]
        usable = [i for i in inside if not known[i].is_withdrawn]
        is_pin = need.range.text.startswith("=")
        return usable or (inside if is_pin else [])

    @property
    def clauses(self) -> list[Clause]:
        """Every clause there is."""
        stated = [Clause(None, need) for need in self.roots]
        for (module, place), needs in self.needs.items():
            consumer = self.registry.candidate(module, place)
            stated += [Clause(consumer, need) for need in needs]
        return stated


def small(seed: int) -> Small:
    """A registry of two to six modules, cyclic as often as not."""
    rng = random.Random(seed)
    modules = [("platform", name) for name in "abcdef"[: rng.randint(2, 6)]]
    density = rng.choice([0.5, 1, 2, 3])
    versions, needs = {}, {}
    for module in modules:
        texts = rng.sample(NUMBERS, rng.randint(0 if rng.random() < 0.05 else 2, 5))
        versions[module] = [KnownVersion(parse_version(t), rng.random() < 0.15) for t in texts]
        for place in range(len(texts)):
            count = min(len(modules), int(rng.expovariate(1 / density)))
            needs[module, place] = [a_need(rng, name) for name in rng.sample(modules, count)]
    roots = [a_need(rng, name) for name in rng.sample(modules, rng.randint(1, 2))]
    return Small(versions, needs, roots)


def a_need(rng: random.Random, module: ModuleName) -> Need:
    return Need(module, parse_range(rng.choice(RANGES)))


def solvable(small: Small, clauses: Iterable[Clause]) -> bool:
    """Whether one version per module can satisfy the clauses, by trying every choice."""
    stated: dict[tuple[ModuleName, int] | None, list[Need]] = {}
    for clause in clauses:
        consumer = clause.consumer
        key = None if consumer is None else (consumer.module, consumer.place)
        stated.setdefault(key, []).append(clause.need)

    def can(chosen: Chosen, waiting: list[Need]) -> bool:
        if not waiting:
            return True
        need, rest = waiting[0], waiting[1:]
        if need.module in chosen:
            return chosen[need.module] in small.places(need) and can(chosen, rest)
        return any(
            can({**chosen, need.module: place}, rest + stated.get((need.module, place), []))
            for place in small.places(need)
        )

    return can({}, stated.get(None, []))
