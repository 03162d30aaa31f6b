"""Upgrade paths by name: what has to change before a consumer runs the newest of a dependency."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from lineage.exceptions import NoSuchDependency
from lineage.graph.arrays import RUNTIME, SUNSET, WITHDRAWN
from lineage.models import Module, Requirement, Version
from lineage.resolution.upgrade_path import Change, Option, Tree, upgrade_path
from lineage.selectors.view import View, current_view, module_rows, version_rows
from lineage.versioning import (
    CompiledRange,
    ParsedVersion,
    VersioningError,
    parse_range,
    parse_version,
    scheme_for,
)
from lineage.versioning.following import next_release

MOST_MODULES = 300
MOST_OPTIONS = 30


@dataclass(frozen=True, slots=True)
class PathStep:
    """One range change: ``by`` lets its range on ``on`` take ``takes``.

    ``chain`` leads from the consumer to ``by``; an empty one is the consumer's own change.
    """

    by: Module
    owner: str
    on: Module
    declared: str
    takes: str
    is_own: bool
    chain: tuple[Module, ...]


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """How a module gets to the newest version of a dependency, one version a module.

    ``state``: nothing, own (its own changes do), blocked (not before others change
    theirs) or unknown (too large to search). ``deploy`` is the newest version of the
    consumer where an older one was asked about: the steps start there. ``modules`` of
    ``total_modules`` were looked at, each with its newest versions.
    """

    consumer: Version
    dependency: Module
    newest: Version
    state: str
    deploy: str
    steps: tuple[PathStep, ...]
    modules: int
    total_modules: int
    looked: int
    epoch: int

    @property
    def blocked_by(self) -> tuple[PathStep, ...]:
        """The changes that others must make first."""
        return tuple(step for step in self.steps if not step.is_own)


@dataclass(slots=True)
class Scope:
    """Version nodes by module index, those to prefer first, and modules left out."""

    options: dict[int, list[int]] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)


def path_of(consumer: Version, dependency: Module, *, now: datetime) -> PathAnswer:
    """The fewest range changes that bring the consumer's module to the dependency's newest.

    Raises NoSuchDependency where the consumer's newest version does not declare it, or
    it has no version. Five queries, whatever the size of the tree.
    """
    view = current_view(now)
    index, root = view.module_index(dependency.pk), view.module_index(consumer.module_id)
    newest = int(view.newest[index]) if index is not None else -1
    start = int(view.newest[root]) if root is not None else -1
    needs = _needs(view, start) if start >= 0 else []
    if newest < 0 or index is None or index not in {module for module, _ in needs}:
        raise NoSuchDependency(str(consumer), dependency.name)
    scope = _scope(view, start, newest)
    tree, texts = _tree(view, start, scope)
    target = next(option for option in tree.options[index] if option.version == newest)
    found = upgrade_path(tree, to=target, of=index)
    rows = version_rows(view, [start, newest, *(c.version for c in found.changes or ())])
    steps = _steps(view, found.changes or (), rows, texts)
    return PathAnswer(
        consumer=rows[start],
        dependency=dependency,
        newest=rows[newest],
        state="unknown" if found.changes is None else _state(steps),
        deploy="" if rows[start].pk == consumer.pk else rows[start].version,
        steps=steps,
        modules=len(scope.options),
        total_modules=len(scope.options) + len(scope.left_out),
        looked=found.looked,
        epoch=view.snapshot.epoch,
    )


def _state(steps: tuple[PathStep, ...]) -> str:
    if not steps:
        return "nothing"
    return "own" if all(step.is_own for step in steps) else "blocked"


def _needs(view: View, node: int) -> list[tuple[int, int]]:
    """(module, requirement) of a version's runtime dependencies."""
    graph = view.graph
    bounds = slice(int(graph.declared_start[node]), int(graph.declared_start[node + 1]))
    required = graph.declared_requirement[bounds][graph.declared_scope[bounds] == RUNTIME]
    return [(int(graph.requirement_module[place]), int(place)) for place in required]


def _scope(view: View, start: int, newest: int) -> Scope:
    """The modules the tree could hold, nearest first, with the newest versions of each."""
    scope, graph = Scope(), view.graph
    own = int(graph.version_module[start])
    waiting = [int(graph.version_module[newest]), *(module for module, _ in _needs(view, start))]
    targets = {int(graph.requirement_target[place]) for _, place in _needs(view, start)} | {newest}
    while waiting:
        module = waiting.pop(0)
        if module in scope.options or module == own:
            continue
        if len(scope.options) >= MOST_MODULES:
            scope.left_out.add(module)
            continue
        nodes = _standing(view, module)
        scope.options[module] = nodes
        for node in nodes:
            for other, place in _needs(view, node):
                targets.add(int(graph.requirement_target[place]))
                waiting.append(other)
    for node in targets:
        # What resolution takes today is always a choice, however old or withdrawn.
        if node >= 0:
            nodes = scope.options.get(int(graph.version_module[node]), [])
            if node not in nodes:
                nodes.append(node)
    scope.options = {module: nodes for module, nodes in scope.options.items() if nodes}
    return scope


def _standing(view: View, module: int) -> list[int]:
    """The newest version, then the others that stand, newest first, MOST_OPTIONS at most."""
    graph = view.graph
    nodes = np.arange(graph.module_start[module], graph.module_start[module + 1])
    standing = nodes[(graph.version_flags[nodes] & (WITHDRAWN | SUNSET)) == 0]
    newest = int(view.newest[module])
    others = [int(node) for node in standing[::-1][:MOST_OPTIONS] if node != newest]
    return [newest, *others] if newest >= 0 else others


def _tree(view: View, start: int, scope: Scope) -> tuple[Tree, dict[int, str]]:
    """The tree to search, and requirement -> its declared range."""
    every = {node: _needs(view, node) for nodes in scope.options.values() for node in nodes}
    asked = {place for needs in (*every.values(), _needs(view, start)) for _, place in needs}
    pks = {int(view.graph.requirement_ids[place]): place for place in asked}
    rows = Requirement.objects.filter(id__in=pks, is_locked=False).order_by()
    texts = {pks[pk]: text for pk, text in rows.values_list("id", "range")}
    ids = {int(view.graph.version_ids[node]): node for node in every}
    versions = Version.objects.filter(id__in=ids).order_by()
    names = {ids[pk]: text for pk, text in versions.values_list("id", "version")}
    ecosystems = {module: row.ecosystem for module, row in module_rows(view, scope.options).items()}
    ranges: dict[int, list[int]] = {}
    for place in texts:
        ranges.setdefault(int(view.graph.requirement_module[place]), []).append(place)
    options = {
        module: _options(
            view, module, nodes, every, names, scheme_for(ecosystems[module]).name,
            {place: texts[place] for place in ranges.get(module, ())},
        )
        for module, nodes in scope.options.items()
    }  # fmt: skip
    needs = [need for need in _needs(view, start) if need[1] in texts]
    return Tree(int(view.graph.version_module[start]), tuple(needs), options), texts


def _options(
    view: View,
    module: int,
    nodes: list[int],
    every: dict[int, list[tuple[int, int]]],
    names: dict[int, str],
    scheme: str,
    ranges: dict[int, str],
) -> tuple[Option, ...]:
    """One option for all versions that need the same and satisfy the same, then the release."""
    compiled = {place: parse_range(text, scheme=scheme) for place, text in ranges.items()}
    found: dict[tuple[object, ...], Option] = {}
    for node in nodes:
        takes = _taking(compiled, _parsed(names.get(node, ""), scheme))
        # A withdrawn version satisfies the pin that resolves to it.
        takes |= {place for place in ranges if int(view.graph.requirement_target[place]) == node}
        needs = tuple(every[node])
        found.setdefault((needs, takes), Option(node, needs, takes))
    newest = int(view.newest[module])
    following = _following(names.get(newest, ""), scheme)
    if following and every.get(newest):
        takes = _taking(compiled, _parsed(following, scheme))
        release = Option(newest, tuple(every[newest]), takes, is_release=True)
        found[release.needs, takes, "release"] = release
    return tuple(found.values())


def _taking(ranges: dict[int, CompiledRange], version: ParsedVersion | None) -> frozenset[int]:
    if version is None:
        return frozenset()
    return frozenset(place for place, range in ranges.items() if range.contains(version))


def _parsed(text: str, scheme: str) -> ParsedVersion | None:
    try:
        return parse_version(text, scheme=scheme)
    except VersioningError:
        return None


def _following(text: str, scheme: str) -> str:
    try:
        return next_release(text, scheme=scheme)
    except VersioningError:
        return ""


def _steps(
    view: View, changes: Iterable[Change], rows: dict[int, Version], texts: dict[int, str]
) -> tuple[PathStep, ...]:
    changes = list(changes)
    modules = module_rows(view, {m for c in changes for m in (c.by, c.on, *c.chain)})
    steps = []
    for change in changes:
        by, on = modules[change.by], modules[change.on]
        takes = rows[change.version].version
        if change.takes_release:
            takes = _following(takes, scheme_for(on.ecosystem).name) or takes
        declared = next((t for place, t in texts.items() if place == change.range), "")
        steps.append(
            PathStep(
                by,
                by.owner.name if by.owner else "",
                on,
                declared,
                takes,
                len(change.chain) == 1,
                tuple(modules[module] for module in change.chain[:-1]),
            )
        )
    return tuple(steps)
