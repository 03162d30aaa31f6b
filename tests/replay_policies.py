"""The actionable rules under simple policies, judged the plain way over ``replay_oracle``."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.replay_oracle import LONG_AGO, Plain, Run, Version, number, satisfies

LONGEST = 7  # days that what nobody owns waits at least


@dataclass(frozen=True)
class Settings:
    """The policies in force: by default the built-in ones."""

    unused_days: int = 30
    keep_newest: int = 5
    unused_version_days: int = 90
    idle_days: int = 30
    superseded_days: int = 7
    expired_grace: dict[str, int] = field(default_factory=lambda: {"preprod": 3, "prod": 0})
    line_grace: int = 0


@dataclass
class Fate:
    """What went, when, and what was made of it."""

    rule: str
    what: tuple[str, ...]
    flagged: datetime
    gone: datetime
    versions: frozenset[Version] = frozenset()
    days: float = 0.0
    again: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class Flag:
    rule: str
    what: tuple[str, ...]
    since: datetime
    grace: int
    owner: str
    versions: frozenset[Version] = frozenset()
    run: Run | None = None


class Plainly:
    """Day after day: what is flagged, what waits, what goes."""

    def __init__(self, plain: Plain, settings: Settings) -> None:
        self.plain, self.settings = plain, settings
        self.end = LONG_AGO
        self.fates: list[Fate] = []
        self.taken: list[tuple[Fate, Run]] = []
        self.waiting: dict[tuple[str, tuple[str, ...]], tuple[datetime, frozenset[Version]]] = {}

    def replay(self, looks: list[datetime]) -> list[Fate]:
        self.end = looks[-1]
        for at in looks:
            self.plain.go_on(at)
            self.look(at)
        for fate in self.fates:
            for version in fate.versions:
                if version in self.plain.first_use_after:
                    used, started, key = self.plain.first_use_after[version]
                    fate.again.append((used, version, key, started))
        for fate, run in self.taken:
            later = [at for at in run.uses if fate.gone < at <= looks[-1]]
            fate.again += [(later[0], None, run.key, run.started)] if later else []
        return self.fates

    def look(self, at: datetime) -> None:
        flags = list(self.flags(at))
        known, self.waiting = self.waiting, {}
        due = []
        for flag in flags:
            name = (flag.rule, flag.what)
            since, listed = self.waiting[name] = known.get(name, (at, flag.versions))
            days = flag.grace if flag.owner else max(flag.grace, LONGEST)
            if since + timedelta(days=days) <= at:
                due.append((flag, since, flag.versions & listed))
        for flag, since, versions in sorted(due, key=lambda one: (one[0].since, one[0].rule)):
            if flag.run is not None and not flag.run.is_live(at):
                continue
            fate = Fate(flag.rule, flag.what, since, at, versions)
            self.fates.append(fate)
            del self.waiting[flag.rule, flag.what]
            self.plain.gone.update(dict.fromkeys(versions, at))
            if flag.run is not None:
                recorded = flag.run.ended or self.end
                fate.days = (min(recorded, self.end) - at) / timedelta(days=1)
                self.taken.append((fate, flag.run))
                flag.run.ended = at

    def flags(self, at: datetime) -> Iterator[Flag]:
        used = self.plain.in_use(at)
        newest = {m: self.newest(m, at) for m in self.plain.versions}
        lines = list(self.unused_lines(at, used, newest))
        yield from lines
        covered = {version for flag in lines for version in flag.versions}
        yield from self.unused_versions(at, used, newest, covered)
        live = [run for run in self.plain.runs if run.is_live(at)]
        for run in live:
            owner = self.plain.owner[run.version[0]]
            what = (run.key, run.started.isoformat())
            if run.expires is not None and run.expires <= at:
                grace = self.settings.expired_grace[run.tier]
                yield Flag("expired-deployment", what, run.expires, grace, owner, run=run)
            idle = self.idle_since(run, at)
            wait = timedelta(days=self.settings.idle_days)
            if run.tier == "preprod" and idle is not None and idle + wait <= at:
                yield Flag("idle-deployment", what, idle, 0, owner, run=run)
        yield from self.superseded(live, at)

    def standing(self, module: str, at: datetime) -> list[Version]:
        there = [v for v in self.plain.there(module, at) if v not in self.plain.gone]
        return sorted(there, key=lambda v: number(v[1]))

    def newest(self, module: str, at: datetime) -> Version | None:
        standing = [v for v in self.standing(module, at) if not self.plain.is_yanked(v, at)]
        stable = [v for v in standing if "-" not in v[1]]
        every = sorted(self.plain.there(module, at), key=lambda v: number(v[1]))
        # Only where nothing better stands a prerelease counts, and then what was withdrawn.
        return next((some[-1] for some in (stable, standing, every) if some), None)

    def consumers(
        self, at: datetime, days: int, used: set[Version], newest: dict[str, Version | None]
    ) -> set[Version]:
        recent = {
            v
            for m in self.plain.versions
            for v in self.standing(m, at)
            if self.plain.published[v] > at - timedelta(days=days)
        }
        return used | recent | {v for v in newest.values() if v is not None}

    def unused_since(self, versions: list[Version]) -> datetime:
        uses = [self.plain.last_use.get(v, LONG_AGO) for v in versions]
        return max(*uses, self.plain.vouched)

    def unused_lines(
        self, at: datetime, used: set[Version], newest: dict[str, Version | None]
    ) -> Iterator[Flag]:
        held = self.held(at, self.consumers(at, self.settings.unused_days, used, newest))
        for module in self.plain.versions:
            everything = self.plain.there(module, at)
            flagged: set[str] = set()
            for parts in (1, 2):
                for line in {line_of(v, parts) for v in everything}:
                    every = [v for v in everything if line_of(v, parts) == line]
                    here = [v for v in every if v not in self.plain.gone]
                    if not here or newest[module] in every or used & set(every):
                        continue
                    if (module, line) in held or line_of(here[0], 1) in flagged:
                        continue
                    since = max(self.unused_since(every), *(self.plain.published[v] for v in here))
                    if since + timedelta(days=self.settings.unused_days) <= at:
                        flagged.add(line)
                        yield Flag(
                            "unused-range", (module, line), since, self.settings.line_grace,
                            self.plain.owner[module], frozenset(here),
                        )  # fmt: skip

    def held(self, at: datetime, consumers: set[Version]) -> set[tuple[str, str]]:
        """The lines that some other module's consumer can be satisfied from and from no other."""
        found: set[tuple[str, str]] = set()
        known: set[tuple[str, str, bool]] = set()
        for consumer in consumers:
            for module, range in self.plain.needs.get(consumer, ()):
                asked = (module, range, module == consumer[0])
                if asked in known:
                    continue
                known.add(asked)
                best = self.plain.resolve(module, range, at)
                if module == consumer[0] or best is None:
                    continue
                least = self.least(module, range, at) or best
                for parts in (1, 2):
                    if line_of(best, parts) == line_of(least, parts):
                        found.add((module, line_of(best, parts)))
        return found

    def least(self, module: str, range: str, at: datetime) -> Version | None:
        fit = [
            v
            for v in self.plain.there(module, at)
            if satisfies(v[1], range) and not self.plain.is_yanked(v, at)
        ]
        return min(fit, key=lambda v: number(v[1]), default=None)

    def unused_versions(
        self,
        at: datetime,
        used: set[Version],
        newest: dict[str, Version | None],
        covered: set[Version],
    ) -> Iterator[Flag]:
        days = timedelta(days=self.settings.unused_version_days)
        consumers = self.consumers(at, self.settings.unused_version_days, used, newest)
        wanted = {
            self.plain.resolve(module, range, at)
            for consumer in consumers
            for module, range in self.plain.needs.get(consumer, ())
            if module != consumer[0]
        }
        for module in self.plain.versions:
            standing = self.standing(module, at)
            old: dict[Version, datetime] = {}
            for version in standing:
                newer = [
                    v
                    for v in standing
                    if number(v[1]) > number(version[1]) and line_of(v, 1) == line_of(version, 1)
                    and "-" not in v[1] and not self.plain.is_yanked(v, at)
                ]  # fmt: skip
                spoken_of = version in used or version in wanted or version in covered
                if len(newer) < self.settings.keep_newest or spoken_of:
                    continue
                since = max(self.unused_since([version]), self.plain.published[version])
                if version != newest[module] and since + days <= at:
                    old[version] = since
            if old:
                owner = self.plain.owner[module]
                since = max(old.values())
                yield Flag("unused-version", (module,), since, 0, owner, frozenset(old))

    def idle_since(self, run: Run, at: datetime) -> datetime | None:
        used = max((use for use in run.uses if use <= at), default=None)
        known = [since for since in (self.plain.usage_since, used) if since and since <= at]
        return max(used or run.started, min(known)) if known else None

    def superseded(self, live: list[Run], at: datetime) -> Iterator[Flag]:
        places: dict[tuple[str, str, str], list[Run]] = defaultdict(list)
        for run in live:
            places[run.version[0], run.environment, run.region].append(run)
        for runs in places.values():
            for run in runs:
                newer = [o for o in runs if number(o.version[1]) > number(run.version[1])]
                if run.tier != "preprod" or not newer:
                    continue
                since = max(min(o.started for o in newer), run.started)
                if since + timedelta(days=self.settings.superseded_days) <= at:
                    what = (run.key, run.started.isoformat())
                    owner = self.plain.owner[run.version[0]]
                    yield Flag("superseded-deployment", what, since, 0, owner, run=run)


def line_of(version: Version, parts: int) -> str:
    return ".".join([*map(str, number(version[1])[:parts]), "x"])
