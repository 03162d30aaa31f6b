"""Graphs drawn as text, as arrays for the code under test and as dicts for oracles.

Statements are parted by ``;`` or line ends, and come in any order::

    a@1.0.0 -> b@^1, c@*?            a declares two ranges, the one on c as optional
    b@1.0.0 (withdrawn)              flags: withdrawn, placeholder, sunset
    d                                a module without versions
    [r@1.0.0] r@1.0.0 -> b@1.0.0     locked: holds inside the tree of r@1.0.0 only
    a@1.0.0 ~> b@0.9.0 until 100     a superseded resolution

Versions named on the left, in a lock or in a past edge exist. Ranges are resolved
as the application resolves them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, SUNSET, WITHDRAWN, GraphInput
from lineage.resolution.newest import ModuleVersions
from lineage.versioning import parse_range, parse_version, scheme_named

FLAGS = {"withdrawn": WITHDRAWN, "placeholder": PLACEHOLDER, "sunset": SUNSET | WITHDRAWN}
STATEMENT = re.compile(
    r"(?:\[(?P<root>\S+)\]\s*)?(?P<source>\S+?)\s*(?:\((?P<flags>[\w, ]+)\))?"
    r"(?:\s*(?P<arrow>->|~>)\s*(?P<targets>.+?))?(?:\s+until\s+(?P<until>\d+))?"
)
State = tuple[str, str | None]  # a version and the root of the locked tree it stands in


@dataclass
class Picture:
    """What a text says; versions are named ``module@version``."""

    modules: set[str] = field(default_factory=set)
    flags: dict[str, int] = field(default_factory=dict)
    declared: list[tuple[str, str, str, int]] = field(default_factory=list)
    locked: list[tuple[str, str, str]] = field(default_factory=list)
    past: list[tuple[str, str, int]] = field(default_factory=list)

    @cached_property
    def module_names(self) -> list[str]:
        return sorted(self.modules)

    @cached_property
    def versions(self) -> list[str]:
        """In node order."""
        return sorted(self.flags, key=lambda name: (module_of(name), parsed(name).key))

    @cached_property
    def node(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.versions)}

    @cached_property
    def requirements(self) -> list[tuple[str, str]]:
        return sorted({(module, range) for _, module, range, _ in self.declared})

    @cached_property
    def target(self) -> dict[tuple[str, str], str | None]:
        """What each requirement resolves to."""
        found: dict[tuple[str, str], str | None] = {}
        for module, range in self.requirements:
            names = [name for name in self.versions if module_of(name) == module]
            withdrawn = [bool(self.flags[name] & WITHDRAWN) for name in names]
            place = ModuleVersions([parsed(n) for n in names], withdrawn).newest(parse_range(range))
            found[module, range] = None if place is None else names[place]
        return found

    @cached_property
    def resolved(self) -> dict[str, set[str]]:
        """Runtime edges between versions."""
        edges: dict[str, set[str]] = defaultdict(set)
        for source, module, range, scope in self.declared:
            target = self.target[module, range]
            if scope == 0 and target is not None:
                edges[source].add(target)
        return edges

    def successors(self, state: State) -> set[State]:
        """Where a walk goes on from a version, inside the locked tree it is in."""
        version, root = state
        found: set[State] = set()
        if root is None:
            found = {(target, None) for target in self.resolved.get(version, ())}
        tree = version if root is None else root
        for owner, source, target in self.locked:
            if owner == tree and source == version:
                found.add((target, None if target == owner else owner))
        return found

    def states(self) -> set[State]:
        """Every version, and every version inside every tree that is not its own."""
        virtual = {(end, row[0]) for row in self.locked for end in row[1:] if end != row[0]}
        return {(name, None) for name in self.versions} | virtual

    def nodes(self, *names: str) -> np.ndarray:
        return np.array([self.node[name] for name in names], dtype=np.int32)

    def names(self, nodes: Iterable[int]) -> list[str]:
        return [self.versions[int(node)] for node in nodes]

    def mask(self, *names: str) -> np.ndarray:
        """A mask over versions; all of them if none is named."""
        mask = np.zeros(len(self.versions), dtype=bool)
        mask[self.nodes(*(names or self.versions))] = True
        return mask

    def input(self, epoch: int = 1) -> GraphInput:
        """The rows, with primary keys that fall where nodes rise."""
        place = {name: index for index, name in enumerate(self.module_names)}
        requirement = {pair: index for index, pair in enumerate(self.requirements)}
        targets = [self.target[pair] for pair in self.requirements]
        count = len(self.versions)
        scheme = scheme_named("semver")
        majors = [(module_of(n), scheme.major_line(parsed(n))) for n in self.versions]
        minors = [(module_of(n), scheme.minor_line(parsed(n))) for n in self.versions]
        return GraphInput(
            epoch=epoch,
            module_ids=np.arange(len(self.module_names), dtype=np.int64) * 10 + 7,
            version_ids=1000 - np.arange(count, dtype=np.int64) * 3,
            version_module=_integers(place[module_of(name)] for name in self.versions),
            version_major=_lines(majors),
            version_minor=_lines(minors),
            version_published=np.arange(count, dtype=np.int64),
            version_flags=np.array([self._flags(n) for n in self.versions], dtype=np.uint8),
            requirement_ids=np.arange(len(self.requirements), dtype=np.int64) + 500,
            requirement_module=_integers(place[module] for module, _ in self.requirements),
            requirement_target=_integers(-1 if t is None else self.node[t] for t in targets),
            dependency_version=_integers(self.node[row[0]] for row in self.declared),
            dependency_requirement=_integers(requirement[row[1:3]] for row in self.declared),
            dependency_scope=np.array([row[3] for row in self.declared], dtype=np.uint8),
            locked_root=_integers(self.node[row[0]] for row in self.locked),
            locked_source=_integers(self.node[row[1]] for row in self.locked),
            locked_target=_integers(self.node[row[2]] for row in self.locked),
            past_source=_integers(self.node[row[0]] for row in self.past),
            past_target=_integers(self.node[row[1]] for row in self.past),
            past_until=np.array([row[2] for row in self.past], dtype=np.int64),
            past_resolution=np.empty((0, 3), dtype=np.int64),
        )

    def _flags(self, name: str) -> int:
        return self.flags[name] | (PRERELEASE if parsed(name).is_prerelease else 0)


def draw(text: str) -> Picture:
    """The picture a text draws; raises ValueError for a statement it cannot read."""
    picture = Picture()
    for line in re.split(r"[;\n]", text):
        if line.strip():
            _take(picture, line.strip())
    return picture


def module_of(name: str) -> str:
    return name.rpartition("@")[0]


def parsed(name: str):
    return parse_version(name.rpartition("@")[2])


def _take(picture: Picture, line: str) -> None:
    match = STATEMENT.fullmatch(line)
    if match is None:
        raise ValueError(f"cannot read {line!r}")
    source, targets = match["source"], match["targets"]
    if "@" not in source:
        picture.modules.add(source)
        return
    _add(picture, source)
    for flag in filter(None, re.split(r"[, ]+", match["flags"] or "")):
        picture.flags[source] |= FLAGS[flag]
    for target in re.split(r"\s*,\s*", targets) if targets else ():
        if match["root"]:
            _add(picture, match["root"], target)
            picture.locked.append((match["root"], source, target))
        elif match["arrow"] == "~>":
            _add(picture, target)
            picture.past.append((source, target, int(match["until"])))
        else:
            module, _, range = target.rstrip("?").partition("@")
            picture.modules.add(module)
            picture.declared.append((source, module, range, int(target.endswith("?"))))


def _add(picture: Picture, *names: str) -> None:
    for name in names:
        picture.flags.setdefault(name, 0)
        picture.modules.add(module_of(name))


def _integers(values: Iterable[int]) -> np.ndarray:
    return np.array(list(values), dtype=np.int32)


def _lines(lines: list[tuple[str, str]]) -> np.ndarray:
    places = {line: place for place, line in enumerate(dict.fromkeys(lines))}
    return _integers(places[line] for line in lines)
