"""The fewest range changes that move a dependency, against trying every tree there is."""

from itertools import product
from random import Random

import pytest

from lineage.resolution.upgrade_path import Option, Tree, UpgradePath, upgrade_path

C, D, E, F = 0, 1, 2, 3


def option(version: int, *needs, satisfies=(), release: bool = False) -> Option:
    return Option(version, needs, frozenset(satisfies), release)


def told(found: UpgradePath) -> list[tuple[int, int, object]]:
    return [(change.by, change.on, change.range) for change in found.changes]


NEWEST = option(2, satisfies=["^2", "*"])
OLD = option(1, satisfies=["^1", "*"])


def test_nothing_is_to_change_where_the_range_takes_it() -> None:
    tree = Tree(C, ((D, "*"),), {D: (NEWEST, OLD)})
    assert told(upgrade_path(tree, to=NEWEST, of=D)) == []


def test_a_range_of_one_s_own_is_changed() -> None:
    tree = Tree(C, ((D, "^1"),), {D: (NEWEST, OLD)})
    assert told(upgrade_path(tree, to=NEWEST, of=D)) == [(C, D, "^1")]


def test_not_before_another_module_widens_its_range() -> None:
    pinned = option(10, (D, "^1"), satisfies=["E^1"])
    release = option(10, (D, "^1"), satisfies=["E^1"], release=True)
    tree = Tree(C, ((D, "^1"), (E, "E^1")), {D: (NEWEST, OLD), E: (pinned, release)})
    found = upgrade_path(tree, to=NEWEST, of=D)
    assert told(found) == [(C, D, "^1"), (E, D, "^1")]
    assert found.changes[1].chain == (C, E)


def test_changes_of_one_s_own_go_before_asking_others() -> None:
    pinned = option(10, (D, "^1"), satisfies=["E^1"])
    free = option(20, (D, "^2"), satisfies=["E^2"])
    release = option(20, (D, "^2"), satisfies=["E^2"], release=True)
    tree = Tree(C, ((D, "^1"), (E, "E^1")), {D: (NEWEST, OLD), E: (free, pinned, release)})
    assert told(upgrade_path(tree, to=NEWEST, of=D)) == [(C, D, "^1"), (C, E, "E^1")]


def test_a_pin_deep_in_the_tree_names_the_chain_to_it() -> None:
    deep = option(30, (D, "^1"), satisfies=["F"])
    release = option(30, (D, "^1"), satisfies=["F"], release=True)
    middle = option(10, (F, "F"), satisfies=["E"])
    tree = Tree(C, ((D, "*"), (E, "E")), {D: (NEWEST, OLD), E: (middle,), F: (deep, release)})
    (change,) = upgrade_path(tree, to=NEWEST, of=D).changes
    assert (change.by, change.on, change.chain) == (F, D, (C, E, F))


def test_a_search_that_takes_too_long_says_so() -> None:
    options = {D: (NEWEST,)}
    for module in range(10, 30):
        needs = [(other, "never") for other in range(10, 30) if other != module]
        options[module] = tuple(
            Option(n, tuple(needs), frozenset(), is_release=True) for n in range(4)
        )
    tree = Tree(C, tuple((module, "never") for module in options), options)
    found = upgrade_path(tree, to=NEWEST, of=D)
    assert (found.changes, found.looked) == (None, 1_000)


@pytest.mark.parametrize("seed", range(200))
def test_no_tree_asks_for_fewer_changes(seed: int) -> None:
    tree, to = random_tree(Random(seed))
    found = upgrade_path(tree, to=to, of=D)
    best = by_hand(tree, to)
    if best is None:
        assert found.changes is None
        return
    own = sum(change.by == C for change in found.changes)
    assert (len(found.changes) - own, own) == best


def by_hand(tree: Tree, to: Option) -> tuple[int, int] | None:
    """The least cost over every choice of an option for every module."""
    modules = [module for module in tree.options if module != D]
    best = None
    for options in product(*(tree.options[module] for module in modules)):
        cost = cost_of(tree, {D: to, **dict(zip(modules, options, strict=True))})
        if cost is not None and (best is None or cost < best):
            best = cost
    return best


def cost_of(tree: Tree, choice: dict[int, Option]) -> tuple[int, int] | None:
    """(by others, own) of the tree that a choice makes from the consumer on, and from D."""
    reached, waiting = {D}, [D, *(on for on, _ in tree.needs)]
    while waiting:
        module = waiting.pop()
        if module in choice:
            fresh = {on for on, _ in choice[module].needs} - reached
            reached |= {module} | (fresh & set(choice))
            waiting += fresh
    own = sum(range not in choice[on].satisfies for on, range in tree.needs if on in choice)
    others = 0
    for module in reached:
        option = choice[module]
        broken = sum(
            range not in choice[on].satisfies for on, range in option.needs if on in choice
        )
        if (broken and not option.is_release) or (option.is_release and not broken):
            return None
        others += broken
    return others, own


def random_tree(random: Random) -> tuple[Tree, Option]:
    modules = range(1, random.randint(3, 5))
    ranges = ["a", "b", "c"]

    def needs(module: int):
        return tuple(
            (other, f"{other}{random.choice(ranges)}")
            for other in (*modules, 9)
            if other != module and random.random() < 0.5
        )

    options = {}
    for module in modules:
        made = []
        for version in range(random.randint(1, 3)):
            takes = frozenset(f"{module}{r}" for r in ranges if random.random() < 0.5)
            made.append(Option(version, needs(module), takes))
        if random.random() < 0.6 and module != D:
            takes = frozenset(f"{module}{r}" for r in ranges if random.random() < 0.5)
            made.append(Option(made[0].version, made[0].needs, takes, is_release=True))
        options[module] = tuple(made)
    return Tree(C, needs(C), options), options[D][0]
