"""Which versions were in use at every instant, and by whom (pure).

Deployments that ran the same version with the same observed profile are one root. A
root's walk is that of ``lineage.graph.walks``. A root is walked when its first
deployment starts, and again when something it uses resolves otherwise: never once a
day, so what a replay costs is what happened.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineage.graph.csr import Array
from lineage.history.links import Links
from lineage.history.resolutions import Change

ENDS, CHANGES, STARTS = range(3)  # of one instant, in this order: ends belong to what was before
Root = tuple[int, int]  # version node, profile or -1
NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """One deployment as usage sees it; instants in microseconds, ``ended`` None while live."""

    id: int
    root: Root
    started: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class Again:
    """A watched version came into use, by the deployment that of all started first."""

    version: int  # node
    at: int
    run: Run


class UsageHistory:
    """The platform as its records say, moved forward in time by ``advance``.

    ``in_use`` and ``last_used`` (microseconds, 0 never) are over version nodes,
    ``target`` and ``lowest`` over requirements; all are as of the last instant
    advanced to. A version in use has no ``last_used`` yet, save of an earlier use.
    """

    def __init__(
        self,
        links: Links,
        runs: Iterable[Run],
        changes: Iterable[Change],
        *,
        profiles: Sequence[tuple[int, ...]] = (),
        published: Mapping[int, int] | None = None,
        requirements: int,
    ) -> None:
        self.in_use: Array = np.zeros(links.versions, dtype=bool)
        self.last_used: Array = np.zeros(links.versions, dtype=np.int64)
        self.target: Array = np.full(requirements, -1, dtype=np.int32)
        self.lowest: Array = np.full(requirements, -1, dtype=np.int32)
        self.watched: set[int] = set()
        self.live: dict[int, Run] = {}
        self.now = 0
        self._links = links
        self._observed = [frozenset(profile) for profile in profiles]
        self._stated = [frozenset(links.module_of[one] for one in p) for p in profiles]
        self._published = published or {}
        self._runs_of: dict[Root, set[int]] = defaultdict(set)
        self._reach: dict[Root, set[int]] = {}
        self._users: dict[int, set[Root]] = defaultdict(set)
        self._found: dict[int, Run] = {}
        self._target_of: dict[int, int] = {}
        self._out: dict[int, list[int]] = {}
        self._events = sorted(_events(links, runs, changes, self._published), key=_order)
        self._place = 0

    def advance(self, until: int) -> list[Again]:
        """Let happen what happened up to an instant; tells the watched that came into use.

        Each is told once, and no longer watched then.
        """
        again: list[Again] = []
        while self._place < len(self._events) and self._events[self._place][0] <= until:
            at = self._events[self._place][0]
            self.now = at
            self._happen(at)
            again += [Again(version, at, run) for version, run in sorted(self._found.items())]
            self.watched.difference_update(self._found)
            self._found.clear()
        self.now = until
        return again

    def end(self, run_id: int, at: int) -> None:
        """End a live deployment otherwise than its record says; its own end then says nothing."""
        self._end(self.live[run_id], at)

    def _happen(self, at: int) -> None:
        """Everything of one instant: ends, then changes of resolution, then starts."""
        touched: set[Root] = set()
        changed = False
        for _, kind, what in self._of(at):
            if isinstance(what, Run):
                if kind == STARTS and not changed:
                    self._walk_again(touched, at)
                    changed = True
                self._start(what, at) if kind == STARTS else self._end(what, at)
            elif isinstance(what, Change):
                touched.update(self._resolve(what))
            else:
                self._out.pop(what, None)
                touched.update(self._users.get(self._links.version_of[what], ()))
        if not changed:
            self._walk_again(touched, at)

    def _of(self, at: int) -> "Iterator[Event]":
        while self._place < len(self._events) and self._events[self._place][0] == at:
            yield self._events[self._place]
            self._place += 1

    def _resolve(self, change: Change) -> Iterator[Root]:
        self.lowest[change.requirement] = change.lowest
        if self._target_of.get(change.requirement, -1) == change.target:
            return
        self.target[change.requirement] = change.target
        self._target_of[change.requirement] = change.target
        module = self._links.module_of_requirement[change.requirement]
        for version in self._links.declarers_of(change.requirement):
            self._out.pop(version, None)
            for root in self._users.get(version, ()):
                # Where its profile states the module, resolution decides nothing.
                if root[1] < 0 or module not in self._stated[root[1]]:
                    yield root

    def _start(self, run: Run, at: int) -> None:
        self.live[run.id] = run
        runs = self._runs_of[run.root]
        runs.add(run.id)
        if len(runs) == 1:
            self._reach[run.root] = self._walk(run.root)
            for version in self._reach[run.root]:
                self._enter(version, run.root)

    def _end(self, run: Run, at: int) -> None:
        if self.live.pop(run.id, None) is None:
            return
        runs = self._runs_of[run.root]
        runs.discard(run.id)
        if not runs:
            del self._runs_of[run.root]
            for version in self._reach.pop(run.root):
                self._leave(version, run.root, at)

    def _walk_again(self, roots: set[Root], at: int) -> None:
        for root in roots:
            old, new = self._reach[root], self._walk(root)
            self._reach[root] = new
            for version in old - new:
                self._leave(version, root, at)
            for version in new - old:
                self._enter(version, root)

    def _enter(self, version: int, root: Root) -> None:
        users = self._users[version]
        users.add(root)
        if len(users) == 1:
            self.in_use[version] = True
        if version in self.watched:
            first = min((self.live[pk] for pk in self._runs_of[root]), key=_seniority)
            known = self._found.get(version)
            if known is None or _seniority(first) < _seniority(known):
                self._found[version] = first

    def _leave(self, version: int, root: Root, at: int) -> None:
        users = self._users[version]
        users.discard(root)
        if not users:
            self.in_use[version] = False
            self.last_used[version] = at

    def _walk(self, root: Root) -> set[int]:
        """The versions a root is or reaches, at the instant that is now."""
        version, profile = root
        links, out = self._links, self._out
        observed: frozenset[int] = self._observed[profile] if profile >= 0 else NOTHING
        stated: frozenset[int] = self._stated[profile] if profile >= 0 else NOTHING
        module_of, version_of = links.module_of, links.version_of
        seen = {version, *observed}
        waiting = list(seen)
        while waiting:
            node = waiting.pop()
            targets = out.get(node)
            for target in self._targets_of(node) if targets is None else targets:
                if target in seen:
                    continue
                if stated:
                    reached = version_of[target]
                    if module_of[reached] in stated and reached not in observed:
                        continue
                seen.add(target)
                waiting.append(target)
        return {version_of[node] for node in seen} if links.has_locked else seen

    def _targets_of(self, node: int) -> list[int]:
        """Where the edges of a node lead now; kept until one of them changes."""
        links = self._links
        targets = [
            target
            for target in links.locked_out.get(node, ())
            if self._published.get(links.version_of[target], 0) <= self.now
        ]
        if node < links.versions:
            resolved = (self._target_of.get(r, -1) for r in links.requirements_of(node))
            targets += [target for target in resolved if target >= 0]
        self._out[node] = targets
        return targets


Event = tuple[int, int, Run | Change | int]


def _events(
    links: Links, runs: Iterable[Run], changes: Iterable[Change], published: Mapping[int, int]
) -> Iterator[Event]:
    for run in runs:
        if run.ended is None or run.ended > run.started:
            yield run.started, STARTS, run
            if run.ended is not None:
                yield run.ended, ENDS, run
    for change in changes:
        yield change.at, CHANGES, change
    # What an SBOM states is there once its publication has come.
    for source, targets in links.locked_out.items():
        for target in targets:
            at = published.get(links.version_of[target], 0)
            if at:
                yield at, CHANGES, source


def _order(event: Event) -> tuple[int, int, int]:
    what = event[2]
    return (event[0], event[1], what.id if isinstance(what, Run) else 0)


def _seniority(run: Run) -> tuple[int, int]:
    return (run.started, run.id)
