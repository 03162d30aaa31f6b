"""Strategy ``joint``: one version per module for a whole tree, searched by resolvelib (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Resolution

from lineage.resolution.registry import Candidate, Clause, ModuleName, Need, Registry

MOST_ROUNDS = 5_000
MOST_STEPS = 20_000
MOST_MODULES = 1_000  # resolvelib copies its state a choice, so memory grows with their square


class Outcome(StrEnum):
    """How a search ended; stopped says that a limit was met before an answer."""

    FOUND = "found"
    CONFLICT = "conflict"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search goes.

    Rounds choose or take back; steps narrow a module's candidates; modules are those met.
    """

    rounds: int = MOST_ROUNDS
    steps: int = MOST_STEPS
    modules: int = MOST_MODULES


@dataclass(frozen=True, slots=True)
class Joint:
    """What a joint resolution found.

    ``chosen``: one version of every module that the roots lead to, none other.
    ``tried``: the clauses the search met, which on a conflict cannot all hold.
    """

    outcome: Outcome
    chosen: dict[ModuleName, Candidate] = field(default_factory=dict)
    tried: tuple[Clause, ...] = ()
    steps: int = 0


class _LimitMet(Exception):
    """The search narrowed more often, or met more modules, than it may."""


class _Provider(AbstractProvider[Need, Candidate, ModuleName]):
    """Answers resolvelib's questions from a registry."""

    def __init__(self, registry: Registry, limits: Limits) -> None:
        self.registry = registry
        self.limits = limits
        self.steps = 0
        self.met: dict[Candidate, None] = {}
        self.seen: dict[ModuleName, int] = {}

    def identify(self, requirement_or_candidate: Need | Candidate) -> ModuleName:
        return requirement_or_candidate.module

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[ModuleName],
        resolutions: Mapping[ModuleName, Candidate],
        candidates: Mapping[ModuleName, Iterator[Candidate]],
        information: Mapping[ModuleName, Iterator[Any]],
        backtrack_causes: Sequence[Any],
    ) -> Iterable[ModuleName]:
        """Whatever made the last choice fail is settled first."""
        waiting = list(identifiers)
        if not backtrack_causes:
            return waiting
        causes = {cause.requirement.module for cause in backtrack_causes}
        causes |= {cause.parent.module for cause in backtrack_causes if cause.parent}
        return [module for module in waiting if module in causes] or waiting

    def get_preference(
        self,
        identifier: ModuleName,
        resolutions: Mapping[ModuleName, Candidate],
        candidates: Mapping[ModuleName, Iterator[Candidate]],
        information: Mapping[ModuleName, Iterator[Any]],
        backtrack_causes: Sequence[Any],
    ) -> int:
        """In the order met: what is asked for before what that needs."""
        return self.seen[identifier]

    def find_matches(
        self,
        identifier: ModuleName,
        requirements: Mapping[ModuleName, Iterator[Need]],
        incompatibilities: Mapping[ModuleName, Iterator[Candidate]],
    ) -> list[Candidate]:
        self.steps += 1
        self.seen.setdefault(identifier, len(self.seen))
        if self.steps > self.limits.steps or len(self.seen) > self.limits.modules:
            raise _LimitMet
        first, *others = requirements[identifier]
        refused = {candidate.place for candidate in incompatibilities[identifier]}
        return [
            candidate
            for candidate in self.registry.admitted(first)
            if candidate.place not in refused
            and all(self.registry.admits(need, candidate) for need in others)
        ]

    def is_satisfied_by(self, requirement: Need, candidate: Candidate) -> bool:
        return self.registry.admits(requirement, candidate)

    def get_dependencies(self, candidate: Candidate) -> tuple[Need, ...]:
        self.met[candidate] = None
        return self.registry.needs(candidate)


def search(needs: Sequence[Need], registry: Registry, *, limits: Limits | None = None) -> Joint:
    """One version per module such that the needs, and those of all chosen, are satisfied.

    Newest first, what is asked for before what that needs; afterwards no single choice
    could be newer with all others as they are. Iterative, and ends on cycles.
    """
    limits = limits or Limits()
    provider = _Provider(registry, limits)
    # Not by its Resolver, which then walks the result by recursion and never ends on some cycles.
    resolution = Resolution(provider, BaseReporter[Need, Candidate, ModuleName]())
    roots = list(dict.fromkeys(needs))
    try:
        state = resolution.resolve(roots, max_rounds=limits.rounds)
    except ResolutionImpossible:
        tried = [Clause(None, need) for need in roots]
        tried += [Clause(c, need) for c in provider.met for need in registry.needs(c)]
        return Joint(Outcome.CONFLICT, tried=tuple(tried), steps=provider.steps)
    except (ResolutionTooDeep, _LimitMet):
        return Joint(Outcome.STOPPED, steps=provider.steps)
    chosen = _reached(roots, registry, dict(state.mapping))
    chosen = _reached(roots, registry, _risen(roots, registry, chosen))
    return Joint(Outcome.FOUND, chosen=chosen, steps=provider.steps)


def _reached(
    roots: Iterable[Need], registry: Registry, mapping: Mapping[ModuleName, Candidate]
) -> dict[ModuleName, Candidate]:
    """What of a mapping the roots lead to."""
    waiting = [need.module for need in roots]
    chosen: dict[ModuleName, Candidate] = {}
    while waiting:
        module = waiting.pop()
        if module not in chosen:
            chosen[module] = mapping[module]
            waiting += [need.module for need in registry.needs(mapping[module])]
    return chosen


def _risen(
    roots: list[Need], registry: Registry, chosen: dict[ModuleName, Candidate]
) -> dict[ModuleName, Candidate]:
    """Each choice as new as the others let it be; ends, because versions only rise."""
    asked: dict[ModuleName, list[Need]] = {}
    for need in [*roots, *(need for one in chosen.values() for need in registry.needs(one))]:
        asked.setdefault(need.module, []).append(need)
    has_risen = True
    while has_risen:
        has_risen = False
        for module, current in list(chosen.items()):
            better = _better(current, asked[module], registry, chosen)
            if better is not None:
                for need in registry.needs(current):
                    asked[need.module].remove(need)
                for need in registry.needs(better):
                    asked[need.module].append(need)
                chosen[module] = better
                has_risen = True
    return chosen


def _better(
    current: Candidate,
    asked: list[Need],
    registry: Registry,
    chosen: Mapping[ModuleName, Candidate],
) -> Candidate | None:
    """A newer version that everybody admits and whose own needs the others satisfy already."""
    theirs = list(asked)
    for need in registry.needs(current):
        if need.module == current.module:
            theirs.remove(need)
    if not theirs:
        return None
    for candidate in registry.admitted(theirs[0]):
        if registry.order_of(candidate) <= registry.order_of(current):
            return None
        others = {**chosen, current.module: candidate}
        if all(registry.admits(need, candidate) for need in theirs) and all(
            need.module in others and registry.admits(need, others[need.module])
            for need in registry.needs(candidate)
        ):
            return candidate
    return None
