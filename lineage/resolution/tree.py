"""What a resolution takes and why: by which chain, and what keeps it from the newest (pure)."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.resolution.registry import Candidate, Clause, ModuleName, Need, Registry

Pick = Callable[[Need], Candidate | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """A version taken.

    ``chain``: the shortest way from what was asked for, a clause a hop. ``asked_by``:
    every clause it answers. ``held_by``, where it is older than ``newest``: the clauses
    that refuse the newest, or else the newest's own needs that the others do not meet.
    """

    candidate: Candidate
    chain: tuple[Clause, ...]
    asked_by: tuple[Clause, ...]
    newest: Candidate | None
    held_by: tuple[Clause, ...]

    @property
    def is_behind(self) -> bool:
        """Whether a newer version is there."""
        return bool(self.held_by)


@dataclass(frozen=True, slots=True)
class Tree:
    """Versions taken, nearest first, and the chains that end in nothing."""

    choices: tuple[Choice, ...]
    unmet: tuple[tuple[Clause, ...], ...]


def tree(roots: Sequence[Need], registry: Registry, pick: Pick) -> Tree:
    """Follow the needs from the roots; ``pick`` says what each is satisfied by, if anything."""
    chains: dict[Candidate, tuple[Clause, ...]] = {}
    asked: dict[Candidate, list[Clause]] = {}
    unmet: list[tuple[Clause, ...]] = []
    waiting: deque[tuple[Clause, tuple[Clause, ...]]] = deque()
    waiting.extend((Clause(None, need), ()) for need in dict.fromkeys(roots))
    while waiting:
        clause, before = waiting.popleft()
        chain: tuple[Clause, ...] = (*before, clause)
        found = pick(clause.need)
        if found is None:
            unmet.append(chain)
            continue
        asked.setdefault(found, []).append(clause)
        if found not in chains:
            chains[found] = chain
            waiting.extend((Clause(found, need), chain) for need in registry.needs(found))
    choices = [
        _choice(candidate, chains[candidate], asked[candidate], registry, pick)
        for candidate in chains
    ]
    return Tree(tuple(choices), tuple(unmet))


def newest_tree(roots: Sequence[Need], registry: Registry) -> Tree:
    """Strategy ``newest``: every need for itself, so a module may be taken in several versions."""
    return tree(roots, registry, lambda need: next(iter(registry.admitted(need)), None))


def joint_tree(
    roots: Sequence[Need], registry: Registry, chosen: dict[ModuleName, Candidate]
) -> Tree:
    """Strategy ``joint``: the tree of the versions chosen."""
    return tree(roots, registry, lambda need: chosen.get(need.module))


def _choice(
    candidate: Candidate,
    chain: tuple[Clause, ...],
    asked: list[Clause],
    registry: Registry,
    pick: Pick,
) -> Choice:
    newest = registry.newest(candidate.module)
    held: list[Clause] = []
    if newest is not None and registry.order_of(candidate) < registry.order_of(newest):
        held = [clause for clause in asked if not registry.admits(clause.need, newest)]
        if not held:
            held = [
                Clause(newest, need)
                for need in registry.needs(newest)
                if not _is_met(need, newest, registry, pick)
            ]
    return Choice(candidate, chain, tuple(asked), newest, tuple(held))


def _is_met(need: Need, newest: Candidate, registry: Registry, pick: Pick) -> bool:
    found = newest if need.module == newest.module else pick(need)
    return found is not None and registry.admits(need, found)
