"""Upgrade paths: the fewest range changes after which a whole tree takes a newer version (pure).

One version a module in the tree, as in strategy ``joint``. A consumer, free to change its
own ranges, is to take one version of a dependency; every other requirement in its tree
must be satisfied, or be changed by the module that declares it, in a release after its
newest version. Changes of others cost more than any number of the consumer's own: where
the answer asks others for something, the consumer cannot move before they do.

Uniform-cost search over partial trees: costs only grow, so the first whole tree is a
cheapest one. It ends after ``LOOKS`` partial trees.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

LOOKS = 1_000

Need = tuple[int, Hashable]  # a module and a range on it


@dataclass(frozen=True, slots=True)
class Option:
    """A version a module could have in the tree: what it needs, and which ranges take it.

    ``is_release``: a release after the newest, ``version``, whose ranges may change.
    """

    version: int
    needs: tuple[Need, ...]
    satisfies: frozenset[Hashable]
    is_release: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """The consumer's needs and every module's options, those to prefer first.

    Needs of modules without options are passed over, as is a way back to the consumer.
    """

    consumer: int
    needs: tuple[Need, ...]
    options: Mapping[int, tuple[Option, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """``by`` changes its range on ``on``, so that it takes ``version``, or the release after it."""

    by: int
    on: int
    range: Hashable
    version: int
    takes_release: bool
    chain: tuple[int, ...]  # modules from the consumer to ``by``


@dataclass(frozen=True, slots=True)
class UpgradePath:
    """The changes, own ones first; None where ``looked`` partial trees did not reach an end."""

    changes: tuple[Change, ...] | None
    looked: int


@dataclass(frozen=True, slots=True)
class Partial:
    """A tree in the making: the option chosen for each module so far."""

    chosen: Mapping[int, Option]
    waiting: tuple[int, ...]  # modules needed and not chosen yet


def upgrade_path(tree: Tree, *, to: Option, of: int) -> UpgradePath:
    """The fewest changes by others, then of the consumer's own, after which it takes ``to``.

    ``of`` is the dependency. Ties go to the options that come first.
    """
    first = Partial({of: to}, tuple(_wanted(tree, {of: to})))
    start = _cost(tree, first.chosen, of)
    if start is None:
        return UpgradePath(None, 0)
    number = looked = 0
    heap: list[tuple[int, int, int, int, Partial]] = [(*start, 0, number, first)]
    while heap and looked < LOOKS:
        others, own, _, _, partial = heappop(heap)
        looked += 1
        if not partial.waiting:
            changes = _changes(tree, partial.chosen)
            if _is_honest(partial.chosen, changes):
                return UpgradePath(changes, looked)
            continue
        module, *rest = partial.waiting
        for option in tree.options[module]:
            chosen = {**partial.chosen, module: option}
            more = _cost(tree, chosen, module)
            if more is not None:
                number += 1
                found = Partial(chosen, tuple(_later(tree, chosen, rest, option)))
                item = (others + more[0], own + more[1], -len(chosen), number, found)
                heappush(heap, item)
    return UpgradePath(None, looked)


def _wanted(tree: Tree, chosen: Mapping[int, Option]) -> Iterator[int]:
    needs = [*tree.needs, *(need for option in chosen.values() for need in option.needs)]
    return _open(tree, chosen, needs)


def _later(
    tree: Tree, chosen: Mapping[int, Option], rest: list[int], option: Option
) -> Iterator[int]:
    yield from rest
    for module in _open(tree, chosen, option.needs):
        if module not in rest:
            yield module


def _open(tree: Tree, chosen: Mapping[int, Option], needs: Iterable[Need]) -> Iterator[int]:
    """The modules needed that have options and none chosen yet, each once."""
    for module in dict.fromkeys(module for module, _ in needs):
        if module in tree.options and module not in chosen and module != tree.consumer:
            yield module


def _cost(tree: Tree, chosen: Mapping[int, Option], module: int) -> tuple[int, int] | None:
    """(by others, own) that the option chosen last for a module adds; None where nothing can."""
    option = chosen[module]
    own = sum(on == module and range not in option.satisfies for on, range in tree.needs)
    others = 0
    for by, source in chosen.items():
        for on, range in source.needs:
            # Every edge is paid for once: when the later of its two ends is chosen.
            if by != module and on != module:
                continue
            target = chosen.get(on)
            if target is None or range in target.satisfies:
                continue
            if not source.is_release:
                return None
            others += 1
    return others, own


def _changes(tree: Tree, chosen: Mapping[int, Option]) -> tuple[Change, ...]:
    chains = _chains(tree, chosen)
    sources = [(tree.consumer, tree.needs), *((m, o.needs) for m, o in sorted(chosen.items()))]
    return tuple(
        Change(by, on, range, chosen[on].version, chosen[on].is_release, chains.get(by, (by,)))
        for by, needs in sources
        for on, range in needs
        if on in chosen and range not in chosen[on].satisfies
    )


def _chains(tree: Tree, chosen: Mapping[int, Option]) -> dict[int, tuple[int, ...]]:
    """Module -> a shortest way to it from the consumer through the tree."""
    chains: dict[int, tuple[int, ...]] = {tree.consumer: (tree.consumer,)}
    waiting = [tree.consumer]
    while waiting:
        module = waiting.pop(0)
        needs = tree.needs if module == tree.consumer else chosen[module].needs
        for on, _ in needs:
            if on in chosen and on not in chains:
                chains[on] = (*chains[module], on)
                waiting.append(on)
    return chains


def _is_honest(chosen: Mapping[int, Option], changes: tuple[Change, ...]) -> bool:
    """Whether nobody is asked for a release that changes nothing."""
    changing = {change.by for change in changes}
    return all(module in changing for module, option in chosen.items() if option.is_release)
