"""Ways out: the shortest list of upgrades that frees a range of a module, by name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from lineage.graph.arrays import RUNTIME
from lineage.graph.csr import distinct, expand, levels, neighbours
from lineage.models import Module
from lineage.resolution.unblock import (
    DEPLOY,
    RELEASE,
    Fleet,
    Need,
    Running,
    WayOut,
    reaches,
    way_out,
)
from lineage.selectors.live_groups import LiveGroup
from lineage.selectors.range_facts import Subject
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, module_rows, version_rows
from lineage.versioning import VersioningError, satisfies, scheme_for
from lineage.versioning.following import next_release

MOST_VERSIONS = 3_000
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class RangeChange:
    """A module to require anew: the range declared now (None: locked) and the version to take."""

    module: Module
    declared: str | None
    takes: str


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One thing to do: ``release`` a module with other ranges, ``deploy`` or ``redeploy`` one."""

    kind: str
    module: Module
    version: str  # what is released or deployed
    owner: str
    changes: tuple[RangeChange, ...]
    live: int  # live deployments that move


@dataclass(frozen=True, slots=True)
class Ways:
    """The upgrades in the order in which to do them, the first of ``total``.

    ``is_shortest``: no fewer do. ``waits_until``: when the last consumer version that
    holds the range only because it was published recently no longer counts.
    """

    upgrades: tuple[Upgrade, ...]
    total: int
    releases: int
    deploys: int
    is_shortest: bool
    looked: int
    waits_until: datetime | None


def ways_out(
    view: View, subject: Subject, *, now: datetime, published_within: timedelta
) -> Ways | None:
    """What to do; None where too much leads there to search: more than MOST_VERSIONS versions."""
    scope = _scope(view, subject)
    if scope is None:
        return None
    fleet, texts = _fleet(view, subject, scope)
    found = way_out(fleet)
    released = {module for kind, module in found.actions if kind == RELEASE}
    deployed = {module for kind, module in found.actions if kind == DEPLOY}
    upgrades = _upgrades(view, subject, fleet, found, texts)
    return Ways(
        upgrades=tuple(upgrades),
        total=len(found.actions),
        releases=len(released),
        deploys=len(deployed),
        is_shortest=found.is_shortest,
        looked=found.looked,
        waits_until=_waits_until(view, subject, now, published_within),
    )


def _scope(view: View, subject: Subject) -> Array | None:
    """The versions that lead there and that something live or a newest version starts from."""
    graph = view.graph
    virtual = neighbours(graph.virtual_start, graph.virtual_node, subject.nodes)
    starts = np.concatenate([subject.nodes, virtual]).astype(np.int32)
    leads = levels(graph.in_start, graph.in_source, starts, graph.nodes) >= 0
    roots = [group.node for group in subject.groups]
    roots += [node for group in subject.groups for node in group.stated]
    holding = subject.fates.consumer[subject.fates.is_held]
    roots += holding[np.isin(holding, view.newest)].tolist()
    known = np.zeros(graph.nodes, dtype=bool)
    frontier = np.array(sorted({root for root in roots if leads[root]}), dtype=np.int64)
    while len(frontier):
        known[frontier] = True
        newest = view.newest[graph.version_module[graph.node_version[frontier]]]
        below = neighbours(graph.out_start, graph.out_target, frontier)
        modules = graph.version_module[graph.node_version[below]]
        found = np.concatenate([below, newest, view.newest[modules]])
        found = distinct(found[found >= 0])
        frontier = found[leads[found] & ~known[found]]
        if int(known[: graph.versions].sum()) + len(frontier) > MOST_VERSIONS:
            return None
    return np.flatnonzero(known)


def _fleet(view: View, subject: Subject, scope: Array) -> tuple[Fleet, dict[int, str]]:
    """The model to search, and requirement index -> declared range."""
    graph = view.graph
    going = frozenset(subject.nodes.tolist())
    versions = scope[(scope < graph.versions) & ~np.isin(scope, subject.nodes)]
    inside = np.zeros(graph.nodes, dtype=bool)
    inside[scope] = True
    inside[subject.nodes] = True
    places, sizes = expand(graph.declared_start, versions)
    source = np.repeat(versions, sizes)
    requirement = graph.declared_requirement[places]
    target = graph.requirement_target[requirement]
    leads = (graph.declared_scope[places] == RUNTIME) & (target >= 0)
    leads &= inside[target]
    source, requirement, target = source[leads], requirement[leads], target[leads]
    ranges = ranges_of(view, requirement)
    modules = distinct(graph.version_module[np.concatenate([versions, target])])
    takes = _takes_next(view, requirement, ranges)
    needs: dict[int, list[Need]] = {node: [] for node in versions.tolist()}
    for node, place, leads_to in zip(
        source.tolist(), requirement.tolist(), target.tolist(), strict=True
    ):
        needs[node].append(Need(int(graph.version_module[leads_to]), leads_to, takes[place]))
    for node in _locked(view, versions, inside):
        needs[node].append(Need(int(graph.version_module[subject.nodes[0]]), min(going)))
    holding = subject.fates.consumer[subject.fates.is_held]
    holding = holding[np.isin(holding, view.newest)]
    fleet = Fleet(
        going=going,
        needs={node: tuple(found) for node, found in needs.items() if found},
        newest={int(m): int(view.newest[m]) for m in modules}
        | {int(graph.version_module[g.node]): _newest(view, g.node) for g in subject.groups},
        running=(),
        holding=frozenset(graph.version_module[holding].tolist()),
    )
    return _with_running(view, fleet, subject.groups), ranges


def _newest(view: View, node: int) -> int:
    return int(view.newest[view.graph.version_module[node]])


def _locked(view: View, versions: Array, inside: Array) -> list[int]:
    """Roots of locked trees that lead there: only a release with another tree frees them."""
    graph = view.graph
    places, sizes = expand(graph.out_start, versions)
    target = graph.out_target[places]
    roots = np.repeat(versions, sizes)[(target >= graph.versions) & inside[target]]
    return [int(root) for root in distinct(roots)]


def _with_running(view: View, fleet: Fleet, groups: Iterable[LiveGroup]) -> Fleet:
    module_of = view.graph.version_module
    first = min(fleet.going)
    running = []
    for group in groups:
        one = Running(
            int(module_of[group.node]),
            group.node,
            frozenset(group.stated),
            frozenset(int(module_of[node]) for node in group.stated),
        )
        if not reaches(fleet, one):
            # Inside locked trees the model is coarser than the walk: only a deployment helps.
            one = replace(one, stated=frozenset({first}), stated_modules=frozenset())
        running.append(one)
    return replace(fleet, running=tuple(dict.fromkeys(running)))


def _takes_next(view: View, requirements: Array, ranges: dict[int, str]) -> dict[int, bool]:
    """Requirement -> whether its range would take the next release of its module."""
    graph = view.graph
    places = distinct(requirements).tolist()
    modules = {int(graph.requirement_module[place]) for place in places}
    following = _next_releases(view, modules)
    rows = module_rows(view, modules)
    takes = {}
    for place in places:
        module = int(graph.requirement_module[place])
        text, range = following.get(module, ""), ranges.get(place)
        scheme = scheme_for(rows[module].ecosystem).name if module in rows else ""
        takes[place] = bool(text and range is not None and satisfies(text, range, scheme=scheme))
    return takes


def _next_releases(view: View, modules: Iterable[int]) -> dict[int, str]:
    """Module index -> the version it would publish after its newest, where that can be told."""
    indexes = [module for module in modules if view.newest[module] >= 0]
    rows = version_rows(view, [int(view.newest[module]) for module in indexes])
    found = {}
    for module in indexes:
        version = rows.get(int(view.newest[module]))
        if version is None:
            continue
        try:
            text = next_release(version.version, scheme=scheme_for(version.module.ecosystem).name)
        except VersioningError:
            continue
        found[module] = text
    return found


def _upgrades(
    view: View, subject: Subject, fleet: Fleet, found: WayOut, ranges: dict[int, str]
) -> list[Upgrade]:
    """By name: releases, those nearest to the range first, then what they let be deployed."""
    graph = view.graph
    chosen = sorted(found.actions, key=lambda action: (action[0] == DEPLOY, action[1]))
    chosen = chosen[:MOST_NAMED]
    named = {module for _, module in chosen}
    taken = {other for module in named for other in found.changes.get(module, ())}
    rows = module_rows(view, named | taken)
    newest = version_rows(view, [fleet.newest[module] for module in named | taken])
    following = _next_releases(
        view, {m for k, m in found.actions if k == RELEASE} & (named | taken)
    )
    texts = {
        module: following.get(module) or newest[fleet.newest[module]].version
        for module in named | taken
        if fleet.newest[module] in newest
    }
    declared = _declared(view, [fleet.newest[module] for module in named], ranges)
    running: dict[int, list[LiveGroup]] = {}
    for group in subject.groups:
        running.setdefault(int(graph.version_module[group.node]), []).append(group)
    upgrades = []
    for kind, module in chosen:
        groups = running.get(module, []) if kind == DEPLOY else []
        same = {group.node for group in groups} == {fleet.newest[module]}
        is_redeploy = kind == DEPLOY and same and module not in following
        owner = rows[module].owner
        upgrades.append(
            Upgrade(
                "redeploy" if is_redeploy else kind,
                rows[module],
                texts.get(module, ""),
                owner.name if owner else "",
                tuple(
                    RangeChange(
                        rows[other], declared.get((fleet.newest[module], other)), texts[other]
                    )
                    for other in (found.changes.get(module, ()) if kind == RELEASE else ())
                ),
                sum(group.live for group in groups),
            )
        )
    return upgrades


def _declared(view: View, nodes: list[int], ranges: dict[int, str]) -> dict[tuple[int, int], str]:
    """(version node, module) -> the range declared, of those that lead there."""
    graph = view.graph
    found = {}
    for node in nodes:
        bounds = slice(int(graph.declared_start[node]), int(graph.declared_start[node + 1]))
        for place in graph.declared_requirement[bounds].tolist():
            if place in ranges:
                found[node, int(graph.requirement_module[place])] = ranges[place]
    return found


def _waits_until(
    view: View, subject: Subject, now: datetime, published_within: timedelta
) -> datetime | None:
    holders = subject.fates.consumer[subject.fates.is_held]
    published = view.graph.version_published[holders]
    recent = published[published > int((now - published_within).timestamp())]
    if not len(recent):
        return None
    return datetime.fromtimestamp(int(recent.max()), UTC) + published_within
