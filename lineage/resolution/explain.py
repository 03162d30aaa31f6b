"""Why a joint resolution is impossible: a least set of clauses, and sentences of it (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from lineage.resolution.joint import MOST_STEPS as SEARCH_STEPS
from lineage.resolution.joint import Joint, Limits, Outcome, search
from lineage.resolution.registry import Candidate, Clause, ModuleName, Need, Registry

MOST_STEPS = 50_000  # of all searches that shrink one conflict
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Conflict:
    """Clauses that cannot all hold.

    ``is_minimal``: without any one of them they could. False only where the searches
    that shrink the set ran out.
    """

    clauses: tuple[Clause, ...]
    sentences: tuple[str, ...]
    is_minimal: bool


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A subset of clauses that still conflicts, and the steps its searches took."""

    clauses: tuple[Clause, ...]
    is_minimal: bool
    steps: int


def explained(found: Joint, registry: Registry) -> Conflict:
    """The conflict behind a joint resolution that found one."""
    least = shrunk(found.tried, registry)
    said = tuple(sentences(least.clauses, registry))
    return Conflict(least.clauses, said, least.is_minimal)


def shrunk(tried: Sequence[Clause], registry: Registry, *, steps: int = MOST_STEPS) -> Shrunk:
    """A subset that still conflicts, no clause of which can be left out.

    Deletion by halves, then one by one; what a search did not meet on its way to the
    conflict leaves at once. It is minimal where every clause was tried within the ``steps``.
    """
    kept, taken = list(tried), 0
    place, size = 0, max(len(kept) // 2, 1)
    while taken < steps:
        if place >= len(kept):
            if size == 1:
                return Shrunk(tuple(kept), is_minimal=True, steps=taken)
            place, size = 0, size // 2
            continue
        found = _search_among(kept[:place] + kept[place + size :], registry, steps - taken)
        taken += max(found.steps, 1)
        if found.outcome is not Outcome.CONFLICT:
            place += size
            continue
        remaining = set(found.tried)
        place = sum(clause in remaining for clause in kept[:place])
        kept = [clause for clause in kept if clause in remaining]
    return Shrunk(tuple(kept), is_minimal=False, steps=taken)


def _search_among(clauses: list[Clause], registry: Registry, steps: int) -> Joint:
    roots = [clause.need for clause in clauses if clause.consumer is None]
    limits = Limits(steps=min(steps, SEARCH_STEPS))
    return search(roots, registry.only(clauses), limits=limits)


def sentences(clauses: Sequence[Clause], registry: Registry) -> list[str]:
    """The clauses in words, each with the chain that leads to it, then what they rule out."""
    ways = _ways(clauses, registry)
    groups: dict[tuple[str, ModuleName, Need], list[Candidate]] = {}
    said: list[str] = []
    for clause in clauses:
        if clause.consumer is None:
            said.append(f"{need_text(clause.need)} is asked for.")
        else:
            way = ways.get(clause.consumer, ())
            key = way_text(way), clause.consumer.module, clause.need
            groups.setdefault(key, []).append(clause.consumer)
    for (through, module, need), consumers in groups.items():
        verb = "needs" if len(consumers) == 1 else "need"
        said.append(
            f"{through}{module[1]} {_versions(consumers, registry)} {verb} {need_text(need)}."
        )
    return said + _dead_ends(clauses, registry)


def need_text(need: Need) -> str:
    """A need as module and range."""
    return f"{need.module[1]} {need.range.text.strip() or '*'}"


def candidate_text(candidate: Candidate) -> str:
    """A version with its module."""
    return f"{candidate.module[1]} {candidate.text}"


def way_text(way: Iterable[Candidate]) -> str:
    """The versions before the last of a chain, each with its arrow."""
    return "".join(f"{candidate_text(one)} → " for one in way)


def _ways(clauses: Sequence[Clause], registry: Registry) -> dict[Candidate, tuple[Candidate, ...]]:
    """Consumer -> the versions through which the clauses lead to it."""
    by_consumer: dict[Candidate | None, list[Need]] = {}
    consumers: dict[ModuleName, list[Candidate]] = {}
    for clause in clauses:
        if clause.consumer is not None and clause.consumer not in by_consumer:
            consumers.setdefault(clause.consumer.module, []).append(clause.consumer)
        by_consumer.setdefault(clause.consumer, []).append(clause.need)
    ways: dict[Candidate, tuple[Candidate, ...]] = {}
    waiting: list[tuple[Candidate | None, tuple[Candidate, ...]]] = [(None, ())]
    for consumer, way in waiting:
        through = way if consumer is None else (*way, consumer)
        for need in by_consumer.get(consumer, ()):
            for found in consumers.get(need.module, ()):
                if found not in ways and registry.admits(need, found):
                    ways[found] = through
                    waiting.append((found, through))
    return ways


def _versions(consumers: list[Candidate], registry: Registry) -> str:
    ordered = sorted(consumers, key=registry.order_of)
    texts = [one.text for one in ordered[:MOST_NAMED]]
    hidden = len(ordered) - len(texts)
    if hidden:
        texts.append(f"{hidden:,} more")
    return _listed(texts)


def _listed(texts: Sequence[str]) -> str:
    *others, last = texts
    return f"{', '.join(others)} and {last}" if others else last


def _dead_ends(clauses: Sequence[Clause], registry: Registry) -> list[str]:
    """Per module, which of the clauses leave no version of it."""
    on: dict[ModuleName, list[Clause]] = {}
    for clause in clauses:
        on.setdefault(clause.need.module, []).append(clause)
    said: dict[str, None] = {}
    for module, asking in on.items():
        dead = [group for size in (1, 2) for group in combinations(asking, size)
                if _is_dead(group, registry)]  # fmt: skip
        alone = {group[0].need for group in dead if len(group) == 1}
        dead = [g for g in dead if len(g) == 1 or not any(c.need in alone for c in g)]
        if not dead and len(asking) > 2 and _is_dead(tuple(asking), registry):
            dead = [tuple(asking)]
        for group in dead:
            said[_dead_text(module, group, registry)] = None
    return list(said)


def _is_dead(group: tuple[Clause, ...], registry: Registry) -> bool:
    """Whether no version satisfies all; two versions of one module never ask together."""
    consumers = {clause.consumer for clause in group if clause.consumer is not None}
    if len(consumers) > len({consumer.module for consumer in consumers}):
        return False
    first, *others = group
    return not any(
        all(registry.admits(other.need, candidate) for other in others)
        for candidate in registry.admitted(first.need)
    )


def _dead_text(module: ModuleName, group: tuple[Clause, ...], registry: Registry) -> str:
    ranges = list(dict.fromkeys(clause.need.range.text.strip() or "*" for clause in group))
    if not registry.is_known(module):
        return f"No version of {module[1]} is known."
    both = "both " if len(ranges) == 2 else "all of " if len(ranges) > 2 else ""
    return f"No version of {module[1]} satisfies {both}{_listed(ranges)}."
