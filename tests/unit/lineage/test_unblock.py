"""The fewest upgrades that free a range, against trying every set of them."""

from itertools import combinations, product
from random import Random

import pytest

from lineage.resolution.unblock import (
    DEPLOY,
    RELEASE,
    Fleet,
    Need,
    Running,
    conflict_of,
    reaches,
    way_out,
)

GOING = 0  # the one version that is to go; its module is 0, whose newest is version 1


def fleet(needs=None, newest=None, running=(), holding=()) -> Fleet:
    return Fleet(
        frozenset({GOING}),
        needs or {},
        {0: 1, **(newest or {})},
        tuple(running),
        frozenset(holding),
    )


def actions(found: Fleet) -> set:
    answer = way_out(found)
    assert answer.is_shortest
    return set(answer.actions)


def test_nothing_to_do_where_nothing_leads_there() -> None:
    assert actions(fleet()) == set()


def test_a_deployment_of_a_newer_version_frees_what_an_older_one_uses() -> None:
    old = fleet({10: (Need(0, GOING),)}, {1: 11}, [Running(1, 10)])
    assert actions(old) == {(DEPLOY, 1)}


def test_what_was_only_observed_is_freed_by_deploying_again() -> None:
    seen = fleet({}, {1: 10}, [Running(1, 10, frozenset({GOING}), frozenset({0}))])
    assert actions(seen) == {(DEPLOY, 1)}


def test_one_release_in_the_middle_beats_a_change_of_every_consumer() -> None:
    needs = {20: (Need(0, GOING),)}
    newest = {2: 20}
    for consumer in range(3, 8):
        needs[consumer * 10] = (Need(2, 20, takes_next=True),)
        newest[consumer] = consumer * 10
    hub = fleet(needs, newest, [Running(consumer, consumer * 10) for consumer in range(3, 8)])
    assert actions(hub) == {(RELEASE, 2)}
    assert way_out(hub).changes == {2: (0,)}


def test_what_every_answer_holds_is_found_without_trying_others() -> None:
    count = 40
    newest = {module: 10 + 2 * module for module in range(1, count + 1)}
    needs = {pk: (Need(0, GOING),) for pk in newest.values()}
    found = way_out(fleet(needs, newest, [Running(m, pk) for m, pk in newest.items()]))
    assert found.actions == {(RELEASE, m) for m in newest} | {(DEPLOY, m) for m in newest}
    assert found.looked < 2 * len(found.actions)


def test_greedy_is_not_enough() -> None:
    """Six consumers reach it through two middles each; the middle most share is not needed."""
    needs, running, newest = {}, [], {}
    for number, (first, second) in enumerate([(1, 2), (1, 3), (1, 4), (2, 5), (3, 6), (4, 7)]):
        consumer, upper, lower = 20 + number, 100 + number, 200 + number
        needs |= {
            consumer: (Need(first, upper, takes_next=True),),
            upper: (Need(second, lower, takes_next=True),),
            lower: (Need(0, GOING),),
        }
        newest |= {consumer: consumer, first: 300 + first, second: 300 + second}
        running.append(Running(consumer, consumer))
    assert actions(fleet(needs, newest, running)) == {(RELEASE, 2), (RELEASE, 3), (RELEASE, 4)}


def test_a_newest_version_that_nothing_else_satisfies_must_release() -> None:
    held = fleet({10: (Need(0, GOING),)}, {1: 10}, holding=[1])
    assert actions(held) == {(RELEASE, 1)}


def test_a_circle_ends() -> None:
    needs = {10: (Need(2, 20, True), Need(0, GOING)), 20: (Need(1, 10, True),)}
    assert actions(fleet(needs, {1: 10, 2: 20}, [Running(2, 20)])) == {(RELEASE, 1)}


def test_too_many_choices_still_give_an_answer_of_which_nothing_can_be_left_out() -> None:
    needs, newest, running = {}, {}, []
    for chain in range(30):
        middle, top = 100 + chain, 200 + chain
        needs[middle] = (Need(0, GOING),)
        needs[top] = (Need(middle, middle, takes_next=True),)
        newest |= {middle: middle, top: top}
        running.append(Running(top, top))
    found = fleet(needs, newest, running)
    answer = way_out(found)
    assert (answer.is_shortest, conflict_of(found, answer.actions)) == (False, None)
    assert all(conflict_of(found, answer.actions - {action}) for action in answer.actions)


@pytest.mark.parametrize("seed", range(150))
def test_no_smaller_set_of_actions_does(seed: int) -> None:
    found = random_fleet(Random(seed), profiles=False)
    answer = way_out(found)
    assert answer.is_shortest
    assert frees(found, answer.actions)
    every = sorted(possible(found))
    for size in range(len(answer.actions)):
        assert not any(frees(found, frozenset(chosen)) for chosen in combinations(every, size))


@pytest.mark.parametrize("seed", range(60))
def test_with_observed_profiles_no_smaller_set_does(seed: int) -> None:
    found = random_fleet(Random(seed), profiles=True)
    answer = way_out(found)
    assert conflict_of(found, answer.actions) is None
    every = sorted(possible(found))
    for size in range(len(answer.actions)):
        for chosen in combinations(every, size):
            assert conflict_of(found, frozenset(chosen)) is not None


def possible(found: Fleet) -> set:
    deploys = {(DEPLOY, running.module) for running in found.running}
    return deploys | {(RELEASE, module) for module in found.newest}


def frees(found: Fleet, chosen: frozenset) -> bool:
    """Whether the releases can choose their ranges so that nothing leads there; tries all ways."""
    if any((RELEASE, module) not in chosen for module in found.holding):
        return False
    released = sorted(module for kind, module in chosen if kind == RELEASE)
    edges = [
        (module, place)
        for module in released
        for place in range(len(found.needs.get(found.newest[module], ())))
    ]
    for moved in product([False, True], repeat=len(edges)):
        choice = dict(zip(edges, moved, strict=True))
        if not any(leads(found, chosen, choice, running) for running in found.running):
            return True
    return False


def leads(found: Fleet, chosen: frozenset, choice: dict, running: Running) -> bool:
    def newest(module: int):
        is_released = (RELEASE, module) in chosen
        return ("new", module) if is_released else found.newest[module]

    start = newest(running.module) if (DEPLOY, running.module) in chosen else running.version
    waiting, seen = [start], {start}
    while waiting:
        node = waiting.pop()
        if node == GOING:
            return True
        is_new = isinstance(node, tuple)
        version = found.newest[node[1]] if is_new else node
        for place, need in enumerate(found.needs.get(version, ())):
            released = (RELEASE, need.module) in chosen and need.takes_next
            target = ("new", need.module) if released else need.target
            if is_new and choice[node[1], place]:
                target = newest(need.module)
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False


def random_fleet(random: Random, *, profiles: bool) -> Fleet:
    """Up to four modules of two versions each beside the one that is to go; circles happen."""
    modules = range(1, random.randint(2, 5))
    versions = {module: [module * 10, module * 10 + 1] for module in modules}
    needs: dict[int, tuple[Need, ...]] = {}
    for module in modules:
        for version in versions[module]:
            edges = []
            if random.random() < 0.5:
                edges.append(Need(0, GOING))
            for other in modules:
                if other != module and random.random() < 0.4:
                    target = random.choice(versions[other])
                    takes = target == versions[other][1] and random.random() < 0.6
                    edges.append(Need(other, target, takes))
            if edges:
                needs[version] = tuple(edges)
    newest = {module: versions[module][1] for module in modules}
    running = [
        Running(module, random.choice(versions[module]))
        for module in modules
        if random.random() < 0.7
    ]
    if profiles:
        running = [observing(random, one, versions) for one in running]
    holding = [
        module
        for module in modules
        if any(need.module == 0 for need in needs.get(newest[module], ())) and random.random() < 0.3
    ]
    found = fleet(needs, newest, [], holding)
    return fleet(needs, newest, [one for one in running if reaches(found, one)], holding)


def observing(random: Random, one: Running, versions: dict) -> Running:
    stated = {
        random.choice(versions[module])
        for module in versions
        if module != one.module and random.random() < 0.4
    }
    if random.random() < 0.2:
        stated.add(GOING)
    return Running(one.module, one.version, frozenset(stated), frozenset(s // 10 for s in stated))
