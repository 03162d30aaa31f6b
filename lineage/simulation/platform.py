"""The life of the simulated platform, as records in the order they happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from operator import itemgetter
from random import Random
from typing import Any

from lineage.simulation import names
from lineage.simulation.libraries import Library, build_libraries
from lineage.simulation.scripts import Script, build_scripts

SOURCE = "simulated-platform"
TESTS_A_RELEASE = 10
TEST_TTL = timedelta(days=7)
FORGOTTEN = 0.012  # of test deployments: nobody ends them
OBSERVED = 0.6  # of production deployments: they report what they run with
Record = dict[str, Any]
Event = tuple[datetime, int, Record]


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the platform is, and until when it is told."""

    until: datetime
    modules: int = 1_370
    deployments: int = 30_000
    days: int = 180
    seed: int = 1


def simulate(scale: Scale) -> Iterator[Record]:
    """Records of a platform: teams, environments and the source first, then all by time.

    About one module in nine is a library, every team owns some, ten test deployments
    come before each that reaches production. Everything is invented and says so.
    """
    random = Random(scale.seed)
    start = scale.until - timedelta(days=scale.days)
    teams = names.teams(min(max(scale.modules // 34, 1), 400))
    library_count = max(scale.modules * 15 // 137, 1)
    library_names, script_names = names.libraries(), names.scripts()
    libraries = build_libraries(
        random, [next(library_names) for _ in range(library_count)], teams, until=scale.until
    )
    scripts = build_scripts(
        random,
        [next(script_names) for _ in range(max(scale.modules - library_count, 1))],
        teams,
        libraries,
        at=start,
    )
    yield from _preamble(teams, start)
    events = merge(
        _releases(libraries),
        sorted(_statements(libraries, scale.until), key=itemgetter(0, 1)),
        sorted(_lives(random, scripts, scale, start), key=itemgetter(0, 1)),
        key=itemgetter(0, 1),
    )
    for _, _, record in events:
        yield record


def _preamble(teams: list[str], start: datetime) -> Iterator[Record]:
    yield {
        "type": "source",
        "name": SOURCE,
        "cadence": "P1D",
        "vouches_since": _text(start - timedelta(days=60)),
        "simulated": True,
    }
    for team in teams:
        yield {"type": "team", "name": team, "email": f"{team}@example.com"}
    yield {"type": "environment", "name": "prod", "tier": "prod"}
    yield {"type": "environment", "name": "test", "tier": "preprod", "ttl": "P7D"}
    yield {"type": "environment", "name": "staging", "tier": "preprod", "ttl": "P14D"}


def _releases(libraries: list[Library]) -> Iterator[Event]:
    released = [
        (release.published_at, 0, library.name, library.owner, release)
        for library in libraries
        for release in library.releases
    ]
    for at, rank, name, owner, release in sorted(released, key=itemgetter(0, 1, 2)):
        record = _version(name, release.version, "library", owner, at)
        record["dependencies"] = _dependencies(release.dependencies)
        yield at, rank, record


def _statements(libraries: list[Library], until: datetime) -> Iterator[Event]:
    """Deprecations of old majors, and a yank now and then."""
    liked = sorted(libraries, key=lambda library: -library.weight)
    old = [library for library in liked if len(library.majors(until)) > 1]
    for place, library in enumerate(old[:6]):
        major = library.majors(until)[0]
        at = until - timedelta(days=20 + place)
        record: Record = {
            "type": "deprecation",
            "module": library.name,
            "range": f"{major}.x",
            "message": f"{library.name} {major}.x gets no more fixes.",
            "replacement": f"^{library.majors(until)[-1]}",
            "deprecated_at": _text(at),
        }
        if place % 2 == 0:
            record["sunset_at"] = _text(until + timedelta(days=30 + 7 * place))
        yield at, 1, record
    for place, library in enumerate(libraries[7::29]):
        release = library.releases[len(library.releases) // 2]
        at = min(release.published_at + timedelta(days=2 + place), until)
        yield (
            at,
            1,
            {
                "type": "yank",
                "module": library.name,
                "version": release.version,
                "reason": "broken build",
                "yanked_at": _text(at),
            },
        )


def _lives(random: Random, scripts: list[Script], scale: Scale, start: datetime) -> Iterator[Event]:
    """Every script runs from before the window on; some change every few days."""
    for script in scripts:
        at = start - timedelta(days=random.uniform(1, 59))
        published_at = at - timedelta(hours=8)
        yield published_at, 0, _script_version(script, published_at)
        yield from _tests(random, script, published_at, scale.until)
        yield from _to_production(random, script, at, scale.until)
    regions = sum(len(script.regions) for script in scripts)
    a_change = (TESTS_A_RELEASE + 1) * regions / len(scripts)
    changes = int(max(scale.deployments / a_change - len(scripts), 0))
    moments = sorted(random.uniform(0, 1) for _ in range(changes))
    window = scale.until - start - timedelta(hours=6)
    for moment in moments:
        script = scripts[int(len(scripts) * random.random() ** 1.6)]
        at = start + timedelta(hours=6) + window * moment
        script.publish(random, at)
        yield at, 0, _script_version(script, at)
        yield from _tests(random, script, at, scale.until)
        live_at = at + timedelta(hours=random.uniform(4, 30))
        if live_at < scale.until:
            yield from _to_production(random, script, live_at, scale.until)


def _tests(random: Random, script: Script, at: datetime, until: datetime) -> Iterator[Event]:
    for number in range(TESTS_A_RELEASE * len(script.regions)):
        started = at + timedelta(minutes=5 + 20 * number + random.uniform(0, 15))
        if started >= until:
            return
        name = "staging" if number % 5 == 4 else "test"
        key = f"{script.name}/{name}/us-east-1/{script.version}-{number + 1}"
        yield started, 2, _deployment(script, key, name, "us-east-1", started)
        if random.random() < FORGOTTEN:
            continue
        ended = started + TEST_TTL * random.uniform(0.01, 0.95)
        if ended < until:
            yield ended, 3, {
                "type": "deployment_ended", "deployment": key, "ended_at": _text(ended),
            }  # fmt: skip


def _to_production(
    random: Random, script: Script, at: datetime, until: datetime
) -> Iterator[Event]:
    for place, region in enumerate(script.regions):
        started = at + timedelta(minutes=10 * place)
        key = f"{script.name}/prod/{region}"
        record = _deployment(script, key, "prod", region, started)
        if random.random() < OBSERVED:
            record["resolved"] = script.resolved(started)
        yield started, 2, record
        used = until - timedelta(minutes=random.expovariate(1 / 300))
        if used > started and random.random() < 0.3:
            yield used, 4, {
                "type": "usage", "deployment": key, "last_used_at": _text(used),
                "requests": int(random.paretovariate(1.1) * 100),
            }  # fmt: skip


def _deployment(script: Script, key: str, environment: str, region: str, at: datetime) -> Record:
    return {
        "type": "deployment",
        "id": key,
        "module": script.name,
        "version": script.version,
        "environment": environment,
        "tier": "prod" if environment == "prod" else "preprod",
        "region": region,
        "route": f"/{script.name.replace('-', '/', 1)}",
        "started_at": _text(at),
        "deployed_by": script.owner or "unknown",
    }


def _script_version(script: Script, at: datetime) -> Record:
    record = _version(script.name, script.version, script.kind, script.owner, at)
    record["dependencies"] = _dependencies(script.declared)
    return record


def _version(name: str, version: str, kind: str, owner: str, at: datetime) -> Record:
    record: Record = {
        "type": "version",
        "module": name,
        "kind": kind,
        "version": version,
        "published_at": _text(at),
        "runtime": {"js": ">=18"},
        "scm": {"repo": f"https://git.example.com/{name}"},
    }
    if owner:
        record["owner"] = owner
    return record


def _dependencies(declared: tuple[tuple[str, str], ...]) -> list[Record]:
    return [{"module": name, "range": range, "scope": "runtime"} for name, range in declared]


def _text(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
