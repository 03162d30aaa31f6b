"""The fewest upgrades that free some versions of a module of every use and hold (pure).

Two things can be done. A module can *release*: publish a version after its newest that
takes the newest of whatever leads it to the versions that are to go. And a module can be
*deployed*: its live deployments move to its newest version, released or not. A release
reaches a consumer by itself where the consumer's range takes it.

The search is a hitting set: whatever still reaches the versions is traced to the actions
that could change it, one of which every answer must contain. It deepens one action at a
time, so the first answer is a shortest one; after ``LOOKS`` tries, or ``EDGES`` edges
walked, it settles for an answer from which nothing can be left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

LOOKS = 2_000
EDGES = 400_000
RELEASE, DEPLOY = "release", "deploy"

Action = tuple[str, int]  # RELEASE or DEPLOY, and a module
Node = int | tuple[str, int]  # a version, or the release a module could make


@dataclass(frozen=True, slots=True)
class Need:
    """An edge that leads to the versions: the module and version it takes now.

    ``takes_next`` says that its range would take the next release of that module.
    """

    module: int
    target: int
    takes_next: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """Live deployments of a module that run one version with one observed profile."""

    module: int
    version: int
    stated: frozenset[int] = frozenset()  # versions observed beside it
    stated_modules: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Fleet:
    """What leads to the versions that are to go, ``going``; what does not is left out."""

    going: frozenset[int]
    needs: Mapping[int, tuple[Need, ...]]  # version -> its edges that lead there
    newest: Mapping[int, int]  # module -> its newest version
    running: tuple[Running, ...]
    holding: frozenset[int]  # modules whose newest version nothing else satisfies


@dataclass(frozen=True, slots=True)
class WayOut:
    """``actions`` free the versions; ``is_shortest`` says that no fewer can.

    ``changes`` names, per module that releases, the modules whose newest it must take.
    """

    actions: frozenset[Action]
    changes: Mapping[int, tuple[int, ...]]
    is_shortest: bool
    looked: int


@dataclass(slots=True)
class Spread:
    """What leads to ``going`` once some actions are taken, and why each does."""

    fleet: Fleet
    chosen: frozenset[Action]
    why: dict[Node, tuple[Node, ...]] = field(default_factory=dict)
    levers: dict[Node, frozenset[Action]] = field(default_factory=dict)

    def newest(self, module: int) -> Node:
        """What a deployment of the module's newest version runs."""
        if (RELEASE, module) in self.chosen:
            return (RELEASE, module)
        return self.fleet.newest[module]

    def kept(self, need: Need) -> Node:
        """Where an edge leads if its range stays as it is."""
        if need.takes_next and (RELEASE, need.module) in self.chosen:
            return (RELEASE, need.module)
        return need.target

    def needs_of(self, node: Node) -> tuple[Need, ...]:
        version = self.fleet.newest[node[1]] if isinstance(node, tuple) else node
        return self.fleet.needs.get(version, ())


def way_out(fleet: Fleet) -> WayOut:
    """The fewest actions after which nothing live reaches ``going`` and nothing holds it."""
    weight = 1 + sum(map(len, fleet.needs.values())) + len(fleet.running)
    most = max(min(LOOKS, EDGES // weight), 1)
    forced, looked = _forced(fleet, most)
    everything = _everything(fleet) | forced
    for budget in range(len(forced), len(everything)):
        if looked >= most:
            break
        found, tries = _within(fleet, forced, budget, most - looked)
        looked += tries
        if found is not None:
            return WayOut(found, _changes(fleet, found), is_shortest=True, looked=looked)
    else:
        return WayOut(everything, _changes(fleet, everything), is_shortest=True, looked=looked)
    for action in sorted(everything - forced)[:most]:
        if conflict_of(fleet, everything - {action}) is None:
            everything -= {action}
        looked += 1
    return WayOut(everything, _changes(fleet, everything), is_shortest=False, looked=looked)


def reaches(fleet: Fleet, running: Running) -> bool:
    """Whether these deployments reach ``going`` as things stand."""
    return _levers(_spread(fleet, frozenset()), running) is not None


def conflict_of(fleet: Fleet, chosen: frozenset[Action]) -> frozenset[Action] | None:
    """Actions of which one must be added to ``chosen``; None where nothing is in the way.

    Exact: without any of them the same deployment reaches the same version.
    """
    for module in sorted(fleet.holding):
        if (RELEASE, module) not in chosen:
            return frozenset({(RELEASE, module)})
    spread = _spread(fleet, chosen)
    conflicts = [
        levers for running in fleet.running if (levers := _levers(spread, running)) is not None
    ]
    return min(conflicts, key=lambda found: (len(found), sorted(found)), default=None)


def _forced(fleet: Fleet, most: int) -> tuple[frozenset[Action], int]:
    """The actions found to be in every answer, each the only one against some conflict."""
    forced = frozenset((RELEASE, module) for module in fleet.holding)
    for looked in range(most):
        only = conflict_of(fleet, forced)
        if only is None or len(only) != 1:
            return forced, looked
        forced |= only
    return forced, most


def _within(
    fleet: Fleet, forced: frozenset[Action], budget: int, most: int
) -> tuple[frozenset[Action] | None, int]:
    stack, seen = [forced], {forced}
    tries = 0
    while stack and tries < most:
        chosen = stack.pop()
        tries += 1
        conflict = conflict_of(fleet, chosen)
        if conflict is None:
            return chosen, tries
        if len(chosen) >= budget:
            continue
        for action in sorted(conflict, reverse=True):
            more = chosen | {action}
            if more not in seen:
                seen.add(more)
                stack.append(more)
    return None, tries


def _everything(fleet: Fleet) -> frozenset[Action]:
    """An answer that always holds: deploy all that runs, release all that this then reaches."""
    deployed = {running.module for running in fleet.running}
    actions = {(DEPLOY, module) for module in deployed}
    waiting = [module for module in deployed if fleet.newest[module] in fleet.needs]
    released = set(waiting)
    while waiting:
        module = waiting.pop()
        for need in fleet.needs[fleet.newest[module]]:
            newest = fleet.newest[need.module]
            if newest in fleet.needs and need.module not in released:
                released.add(need.module)
                waiting.append(need.module)
    return frozenset(actions | {(RELEASE, module) for module in released})


def _spread(fleet: Fleet, chosen: frozenset[Action]) -> Spread:
    """Everything that leads to ``going``, backwards from it; each node once, cycles end."""
    spread = Spread(fleet, chosen)
    nodes: list[Node] = [*fleet.needs, *((RELEASE, m) for kind, m in chosen if kind == RELEASE)]
    users: dict[Node, list[Node]] = defaultdict(list)
    for node in nodes:
        for option in _options(spread, node):
            users[option].append(node)
    waiting: list[Node] = [*fleet.going]
    for node in waiting:
        spread.why[node] = ()
    while waiting:
        for user in users[waiting.pop()]:
            if user not in spread.why and (why := _why(spread, user)):
                spread.why[user] = why
                waiting.append(user)
    return spread


def _options(spread: Spread, node: Node) -> Iterator[Node]:
    for need in spread.needs_of(node):
        yield spread.kept(need)
        if isinstance(node, tuple):
            yield spread.newest(need.module)


def _why(spread: Spread, node: Node) -> tuple[Node, ...]:
    """What makes a node lead to ``going``: one edge, with every choice a release has for it."""
    for need in spread.needs_of(node):
        choices = {spread.kept(need)}
        if isinstance(node, tuple):
            choices.add(spread.newest(need.module))
        if all(choice in spread.why for choice in choices):
            spread.levers[node] = _levers_of(spread, node, need)
            return tuple(choices)
    return ()


def _levers_of(spread: Spread, node: Node, need: Need) -> frozenset[Action]:
    action = (RELEASE, need.module)
    if action in spread.chosen or not (need.takes_next or isinstance(node, tuple)):
        return frozenset()
    return frozenset({action})


def _levers(spread: Spread, running: Running) -> frozenset[Action] | None:
    """The actions that could keep these deployments off ``going``; None where they are off it."""
    if (DEPLOY, running.module) in spread.chosen:
        start = spread.newest(running.module)
        if start not in spread.why:
            return None
        release = (RELEASE, running.module)
        return _behind(spread, [start]) | ({release} - spread.chosen)
    deploy = frozenset({(DEPLOY, running.module)})
    if not running.stated:
        if running.version not in spread.why:
            return None
        return deploy | _behind(spread, [running.version])
    found = _observed(spread, running)
    return None if found is None else deploy | found


def _behind(spread: Spread, starts: Iterable[Node]) -> frozenset[Action]:
    found: frozenset[Action] = frozenset()
    waiting, seen = list(starts), set(starts)
    while waiting:
        node = waiting.pop()
        found |= spread.levers.get(node, frozenset())
        fresh = [other for other in spread.why[node] if other not in seen]
        seen.update(fresh)
        waiting += fresh
    return found


def _observed(spread: Spread, running: Running) -> frozenset[Action] | None:
    """As ``_levers``, walking forward: edges into an observed module give way to the profile."""
    starts: list[Node] = [running.version, *sorted(running.stated)]
    before: dict[Node, tuple[Node, frozenset[Action]] | None] = dict.fromkeys(starts)
    waiting = list(starts)
    while waiting:
        node = waiting.pop(0)
        if node in spread.fleet.going:
            return _path_levers(before, node)
        for need in spread.needs_of(node):
            option = _taken(spread, node, need)
            if need.module in running.stated_modules or option not in spread.why:
                continue
            if option not in before:
                levers = _levers_of(spread, node, need)
                if isinstance(node, tuple):
                    levers |= _behind(spread, [spread.kept(need)])
                before[option] = (node, levers)
                waiting.append(option)
    return None


def _taken(spread: Spread, node: Node, need: Need) -> Node:
    """Where an edge leads: that of a release to the newest, if its range leads astray."""
    kept = spread.kept(need)
    return spread.newest(need.module) if isinstance(node, tuple) and kept in spread.why else kept


def _path_levers(
    before: Mapping[Node, tuple[Node, frozenset[Action]] | None], node: Node
) -> frozenset[Action]:
    found: frozenset[Action] = frozenset()
    step = before[node]
    while step is not None:
        found |= step[1]
        step = before[step[0]]
    return found


def _changes(fleet: Fleet, chosen: frozenset[Action]) -> dict[int, tuple[int, ...]]:
    """Per releasing module, the modules whose newest it takes: where its ranges lead astray."""
    spread = _spread(fleet, chosen)
    changes = {}
    for kind, module in chosen:
        if kind == RELEASE:
            needs = spread.needs_of((RELEASE, module))
            astray = {need.module for need in needs if spread.kept(need) in spread.why}
            changes[module] = tuple(sorted(astray))
    return changes
