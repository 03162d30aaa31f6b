"""The same questions answered the most obvious way, from the records alone, to compare with.

Nothing of Sundial's own resolution, graph or usage is used: ranges are tested one by one
with node-semver's port, searches follow dicts, and every deployment is walked by itself.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property, cmp_to_key
from typing import Any

import nodesemver

Record = Mapping[str, Any]
Name = tuple[str, str]  # module, version
Live = tuple[int, int]  # prod, preprod
EXACT = re.compile(r"=?\s*v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")


class PlainPlatform:
    """A platform of one ecosystem as it was at an instant, by version and deployment records.

    Deployments must have distinct ids, and may state an end. A version without a day of
    publication was always there; one marked yanked was never in the running.
    """

    def __init__(self, records: Iterable[Record], *, at: datetime) -> None:
        self.at = at
        self.versions: dict[str, dict[str, Record]] = {}
        self.deployments: list[Record] = []
        for record in records:
            if record.get("type", "version") == "version":
                published = record.get("published_at")
                if published is None or instant(published) <= at:
                    self.versions.setdefault(record["module"], {})[record["version"]] = record
            elif record["type"] == "deployment" and _is_live(record, at):
                self.deployments.append(record)
        self._ordered: dict[str, list[tuple[Any, str, bool]]] = {}
        self._resolved: dict[tuple[str, str], str | None] = {}

    def resolve(self, module: str, range: str) -> str | None:
        """The greatest version in the range, prereleases by node-semver's rule."""
        key = (module, range)
        if key not in self._resolved:
            self._resolved[key] = next(self._satisfying(module, range), None)
        return self._resolved[key]

    def dependencies(self, name: Name) -> Iterator[tuple[str, str]]:
        """(module, range) of each runtime dependency a version declares."""
        record = self.versions.get(name[0], {}).get(name[1], {})
        for dependency in record.get("dependencies", ()):
            if dependency.get("scope", "runtime") == "runtime":
                yield dependency["module"], dependency["range"]

    def targets(self, name: Name) -> set[Name]:
        """The versions that a version's dependencies resolve to."""
        found = ((module, self.resolve(module, range)) for module, range in self.dependencies(name))
        return {(module, version) for module, version in found if version is not None}

    @cached_property
    def consumers(self) -> dict[Name, set[Name]]:
        """Version -> the versions whose dependencies resolve to it."""
        into: dict[Name, set[Name]] = defaultdict(set)
        for module, versions in self.versions.items():
            for version in versions:
                for target in self.targets((module, version)):
                    into[target].add((module, version))
        return into

    def dependents(self, module: str) -> set[Name]:
        """Every version of another module that reaches any version of this one."""
        roots = [(module, version) for version in self.versions.get(module, {})]
        seen, waiting = set(roots), deque(roots)
        while waiting:
            fresh = self.consumers.get(waiting.popleft(), set()) - seen
            seen |= fresh
            waiting += fresh
        return {name for name in seen if name[0] != module}

    @cached_property
    def users(self) -> dict[Name, set[int]]:
        """Version -> positions of the live deployments that are or reach it.

        What was observed outranks ranges.
        """
        walked: dict[tuple[Name, tuple[Name, ...]], set[Name]] = {}
        found: dict[Name, set[int]] = defaultdict(set)
        for place, deployment in enumerate(self.deployments):
            root = deployment["module"], deployment["version"]
            observed = tuple(sorted(deployment.get("resolved", {}).items()))
            if (root, observed) not in walked:
                walked[root, observed] = self._walk(root, observed)
            for name in walked[root, observed]:
                found[name].add(place)
        return found

    @cached_property
    def usage(self) -> dict[Name, Live]:
        """Version -> how many production and how many other deployments are or reach it."""
        is_prod = [deployment["tier"] == "prod" for deployment in self.deployments]
        return {
            name: (prod := sum(is_prod[place] for place in places), len(places) - prod)
            for name, places in self.users.items()
        }

    def live_on(self, module: str, major: int) -> int:
        """How many live deployments are or reach some version of a major line."""
        line = [version for version in self.versions[module] if major_of(version) == major]
        places: set[int] = set()
        return len(places.union(*(self.users.get((module, version), ()) for version in line)))

    def newest(self, module: str) -> str:
        """The newest version: not yanked before yanked, releases before prereleases."""
        rows = self._order(module)
        for takes_prerelease, takes_yanked in ((False, False), (True, False), (False, True)):
            for parsed, text, is_yanked in rows:
                if is_yanked <= takes_yanked and bool(parsed.prerelease) <= takes_prerelease:
                    return text
        return rows[0][1]

    def line_state(
        self, module: str, major: int, *, unused_for: timedelta, vouched: datetime
    ) -> str:
        """Where a major line stands: newest, in_use, held, waiting or unused.

        Knows nothing of past use: a line that deployments left may wait longer.
        """
        line = {v for v in self.versions[module] if major_of(v) == major}
        if self.newest(module) in line:
            return "newest"
        if any((module, version) in self.usage for version in line):
            return "in_use"
        if any(self._needs(module, line, range) for range in self._counted_ranges(module)):
            return "held"
        published = [self.versions[module][v].get("published_at") for v in line]
        latest = max([vouched, *(instant(text) for text in published if text is not None)])
        return "unused" if latest + unused_for <= self.at else "waiting"

    def current(self, *, published_within: timedelta = timedelta(0)) -> set[Name]:
        """What counts as a consumer: newest of a module, in use, or published of late."""
        found = {(module, self.newest(module)) for module in self.versions}
        found |= {name for name in self.usage if name[1] in self.versions.get(name[0], {})}
        if published_within:
            since = self.at - published_within
            for module, versions in self.versions.items():
                for version, record in versions.items():
                    if "published_at" in record and instant(record["published_at"]) > since:
                        found.add((module, version))
        return found

    @cached_property
    def _ranges_by_module(self) -> dict[str, dict[str, set[Name]]]:
        by_module: dict[str, dict[str, set[Name]]] = defaultdict(lambda: defaultdict(set))
        for module, versions in self.versions.items():
            for version in versions:
                for target, range in self.dependencies((module, version)):
                    by_module[target][range].add((module, version))
        return by_module

    @cached_property
    def _recent(self) -> set[Name]:
        return self.current(published_within=timedelta(days=30))

    def _counted_ranges(self, module: str) -> Iterator[str]:
        """The ranges on a module that some counted consumer of another module declares."""
        for range, declared in self._ranges_by_module[module].items():
            if any(name[0] != module and name in self._recent for name in declared):
                yield range

    def _needs(self, module: str, line: set[str], range: str) -> bool:
        """Whether some version satisfies the range, and all that do are of the line."""
        satisfying = set(self._satisfying(module, range))
        return bool(satisfying) and satisfying <= line

    def _walk(self, root: Name, observed: tuple[Name, ...]) -> set[Name]:
        stated: dict[str, set[str]] = defaultdict(set)
        for module, version in observed:
            stated[module].add(version)
        seen = {root, *observed}
        waiting = list(seen)
        while waiting:
            for module, version in self.targets(waiting.pop()):
                outranked = module in stated and version not in stated[module]
                if not outranked and (module, version) not in seen:
                    seen.add((module, version))
                    waiting.append((module, version))
        return seen

    def _satisfying(self, module: str, range: str) -> Iterator[str]:
        """The versions in a range, greatest first; yanked ones only for an exact pin on them."""
        wanted = nodesemver.make_range(range, False)
        rows = self._order(module)
        found = [text for parsed, text, is_yanked in rows if not is_yanked and wanted.test(parsed)]
        if not found and EXACT.fullmatch(range.strip()):
            found = [text for parsed, text, _ in rows if wanted.test(parsed)]
        yield from found

    def _order(self, module: str) -> list[tuple[Any, str, bool]]:
        """(parsed, text, is yanked), greatest first."""
        if module not in self._ordered:
            rows = [
                (nodesemver.make_semver(text, False), text, bool(record.get("yanked")))
                for text, record in self.versions.get(module, {}).items()
            ]
            self._ordered[module] = sorted(rows, key=cmp_to_key(_compare), reverse=True)
        return self._ordered[module]


def instant(text: str) -> datetime:
    """A day (its first moment) or an instant, in UTC where it does not say."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def major_of(version: str) -> int:
    """The first number of a semantic version."""
    return int(version.partition(".")[0])


def _is_live(record: Record, at: datetime) -> bool:
    if instant(record["started_at"]) > at:
        return False
    return "ended_at" not in record or instant(record["ended_at"]) > at


def _compare(a: tuple[Any, str, bool], b: tuple[Any, str, bool]) -> int:
    """Semver's order; versions apart only by build by its identifiers, none first."""
    return int(a[0].compare(b[0])) or _sign(_build(a[1]), _build(b[1]))


def _build(version: str) -> list[tuple[int, int, str]]:
    words = version.partition("+")[2]
    return [
        (0, int(word), "") if word.isdecimal() else (1, 0, word)
        for word in (words.split(".") if words else ())
    ]


def _sign(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)
