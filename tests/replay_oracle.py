"""The life of a platform replayed the plain way: dicts and sets over the records as they came.

Nothing of the implementation is used, nor its database: ranges are matched by the
node-semver library, every deployment is walked anew whenever anything was published.
Records are those of a simulation: semver, every version published, nothing observed but
what a deployment says it runs with.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import nodesemver

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Version = tuple[str, str]  # module, version


@dataclass
class Run:
    key: str
    version: Version
    environment: str
    tier: str
    region: str
    started: datetime
    observed: dict[str, str]
    expires: datetime | None = None
    ended: datetime | None = None
    until: datetime | None = None  # the next start of the key
    uses: list[datetime] = field(default_factory=list)

    def is_live(self, at: datetime) -> bool:
        return self.started <= at and (self.ended is None or self.ended > at)


@cache
def number(text: str) -> tuple[int, int, int, tuple[Any, ...]]:
    """What to sort by; a release comes after its prereleases."""
    core, _, tag = text.partition("-")
    one, two, three = map(int, core.split("."))
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in tag.split(".") if p)
    return one, two, three, (1,) if not tag else (0, *parts)


@cache
def satisfies(text: str, range: str) -> bool:
    return bool(nodesemver.satisfies(text, range, loose=False))


class Plain:
    """Everything the records say, and which version was used until when so far."""

    def __init__(self, records: Iterable[dict[str, Any]]) -> None:
        self.owner: dict[str, str] = {}
        self.published: dict[Version, datetime] = {}
        self.needs: dict[Version, list[tuple[str, str]]] = {}
        self.yanked: dict[Version, datetime] = {}
        self.ttl: dict[str, timedelta | None] = {}
        self.vouched = LONG_AGO
        self.usage_since: datetime | None = None
        self.runs: list[Run] = []
        self.versions: dict[str, list[Version]] = defaultdict(list)
        ends: dict[str, list[datetime]] = defaultdict(list)
        uses: dict[str, list[datetime]] = defaultdict(list)
        for record in records:
            kind = record.get("type", "version")
            if kind == "deployment_ended":
                ends[record["deployment"]].append(when(record["ended_at"]))
            elif kind == "usage":
                uses[record["deployment"]].append(when(record["last_used_at"]))
            else:
                getattr(self, f"_{kind}")(record)
        for run in self.runs:
            ttl = self.ttl.get(run.environment)
            run.expires = None if ttl is None else run.started + ttl
        self._lives(ends, uses)
        self.usage_since = min((at for some in uses.values() for at in some), default=None)
        self.last_use: dict[Version, datetime] = {}
        self.first_use_after: dict[Version, tuple[datetime, datetime, str]] = {}
        self.gone: dict[Version, datetime] = {}
        needed = {module for needs in self.needs.values() for module, _ in needs}
        moments = [*self.published.items(), *self.yanked.items()]
        self.moments = sorted({at for version, at in moments if version[0] in needed})
        self.done_until = LONG_AGO
        self.resolved: dict[tuple[str, str], Version | None] = {}

    def _team(self, record: dict[str, Any]) -> None:
        """Its name says all."""

    def _deprecation(self, record: dict[str, Any]) -> None:
        """Nothing goes for it."""

    def _source(self, record: dict[str, Any]) -> None:
        self.vouched = when(record["vouches_since"])

    def _environment(self, record: dict[str, Any]) -> None:
        self.ttl[record["name"]] = duration(record.get("ttl"))

    def _yank(self, record: dict[str, Any]) -> None:
        self.yanked[record["module"], record["version"]] = when(record["yanked_at"])

    def _version(self, record: dict[str, Any]) -> None:
        version = (record["module"], record["version"])
        self.owner[version[0]] = record.get("owner", self.owner.get(version[0], ""))
        self.published[version] = when(record["published_at"])
        self.versions[version[0]].append(version)
        self.needs[version] = [(d["module"], d["range"]) for d in record.get("dependencies", ())]

    def _deployment(self, record: dict[str, Any]) -> None:
        version = (record["module"], record["version"])
        tier = record.get("tier") or ("prod" if record["environment"] == "prod" else "preprod")
        self.runs.append(
            Run(
                record["id"], version, record["environment"], tier, record.get("region", ""),
                when(record["started_at"]), record.get("resolved", {}),
            )
        )  # fmt: skip

    def _lives(self, ends: dict[str, list[datetime]], uses: dict[str, list[datetime]]) -> None:
        series: dict[str, list[Run]] = defaultdict(list)
        for run in sorted(self.runs, key=lambda run: run.started):
            series[run.key].append(run)
        for key, runs in series.items():
            for place, run in enumerate(runs):
                run.until = runs[place + 1].started if place + 1 < len(runs) else None
                told = [
                    at
                    for at in ends[key]
                    if (at >= run.started if place == 0 else at > run.started)
                    and (run.until is None or at <= run.until)
                ]
                run.ended = min([*told, *([run.until] if run.until else [])], default=None)
                run.uses = sorted(
                    at
                    for at in uses[key]
                    if at >= run.started and (run.until is None or at < run.until)
                )

    # What resolves to what, and who uses what

    def there(self, module: str, at: datetime) -> list[Version]:
        return [v for v in self.versions[module] if self.published[v] <= at]

    def is_yanked(self, version: Version, at: datetime) -> bool:
        return version in self.yanked and self.yanked[version] <= at

    def resolve(self, module: str, range: str, at: datetime) -> Version | None:
        """What a range resolves to; remembered until the next instant is asked about."""
        if (module, range) not in self.resolved:
            self.resolved[module, range] = self._resolve(module, range, at)
        return self.resolved[module, range]

    def _resolve(self, module: str, range: str, at: datetime) -> Version | None:
        fit = [v for v in self.there(module, at) if satisfies(v[1], range)]
        standing = [v for v in fit if not self.is_yanked(v, at)]
        if not standing and range[:1].isdigit():  # an exact pin
            standing = fit
        return max(standing, key=lambda v: number(v[1]), default=None)

    def reach(self, run: Run, at: datetime) -> set[Version]:
        observed = set(run.observed.items())
        seen = {run.version, *observed}
        waiting = list(seen)
        while waiting:
            for module, range in self.needs.get(waiting.pop(), ()):
                target = self.resolve(module, range, at)
                if target is None or target in seen or module in run.observed:
                    continue
                seen.add(target)
                waiting.append(target)
        return seen

    def go_on(self, until: datetime) -> None:
        """Note every use up to an instant, from one publication to the next."""
        between = [at for at in self.moments if self.done_until < at <= until]
        starts = [self.done_until, *between]
        for start, stop in zip(starts, [*between, until], strict=True):
            self.resolved.clear()
            groups: dict[tuple[Any, ...], list[Run]] = defaultdict(list)
            for run in self.runs:
                begins = max(run.started, start)
                # What starts when the next publication comes belongs to what follows it.
                is_in_time = begins < stop or (stop == until and begins == until)
                if is_in_time and (run.ended is None or run.ended > begins):
                    observed = tuple(sorted(run.observed.items()))
                    groups[run.version, observed].append(run)
            for runs in groups.values():
                self._note(runs, start, stop)
        self.done_until = until

    def _note(self, runs: list[Run], start: datetime, stop: datetime) -> None:
        last = max(min(run.ended or stop, stop) for run in runs)
        first = min((max(run.started, start), run.started, run.key) for run in runs)
        for version in self.reach(runs[0], start):
            self.last_use[version] = max(self.last_use.get(version, last), last)
            if version in self.gone:
                known = self.first_use_after.get(version)
                self.first_use_after[version] = min(first, known or first)

    def in_use(self, at: datetime) -> set[Version]:
        """What live deployments are or reach at an instant that ``go_on`` came to."""
        self.resolved.clear()
        groups = {
            (run.version, tuple(sorted(run.observed.items()))): run
            for run in self.runs
            if run.is_live(at)
        }
        return {version for run in groups.values() for version in self.reach(run, at)}


def when(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def duration(text: str | None) -> timedelta | None:
    return None if text is None else timedelta(days=int(text.strip("PD")))
