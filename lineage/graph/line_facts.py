"""The facts on lines out of arrays, now or as of a past instant (pure)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from lineage.graph.arrays import RUNTIME, Graph
from lineage.graph.csr import Array, distinct, neighbours
from lineage.graph.usage import LIVE
from lineage.lines import LineFacts


@dataclass(frozen=True, slots=True)
class Moment:
    """The graph at an instant, as lines see it; a version that is not there yet is gone."""

    graph: Graph
    gone: Array  # [V] sunset, a placeholder, or not there
    sunset: Array  # [V]
    withdrawn: Array  # [V] yanked or sunset: passed over by ranges
    newest: Array  # [M] node of the module's newest version, -1 none
    last_used: Array  # [V] unix seconds, LIVE in use, 0 never
    major_live: Array  # [lines, 2] live deployments that reach the line, prod and preprod
    minor_live: Array
    consumers: Array  # version nodes whose requirements count
    target: Array  # [R] version node each requirement resolves to, -1 none
    lowest_of: Callable[[Array], Array]  # requirements -> [R] their lowest node, for those asked


@dataclass(frozen=True, slots=True)
class ModuleName:
    """What a module is called, and whose it is."""

    id: int
    ecosystem: str
    name: str
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class Words:
    """The texts behind the numbers, and since when each ecosystem is vouched for."""

    modules: Mapping[int, ModuleName]  # by primary key
    versions: Mapping[int, tuple[str, str, str]]  # by primary key: text, major and minor line
    vouched: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Level:
    """Major or minor: which array says where a version belongs, and what each line counts."""

    name: str
    of_version: Array
    start: Array
    live: Array


@dataclass(frozen=True, slots=True)
class Holds:
    """Line -> how many modules resolve into it, and how many nothing else satisfies."""

    consumers: dict[int, int]
    holders: dict[int, int]


@dataclass(frozen=True, slots=True)
class LineColumns:
    """One line's figures out of the arrays; instants are seconds."""

    line: int
    start: int
    stop: int
    newest: int  # node of its newest standing version, of its last if none stands
    gone: int
    sunset: int
    published: int
    last_used: int
    prod: int
    preprod: int


def facts_of_lines(moment: Moment, words: Words, indexes: Array, now: datetime) -> list[LineFacts]:
    """Every line, major and minor, of the modules of these indexes, oldest first by module."""
    graph = moment.graph
    nodes = neighbours(graph.module_start, np.arange(graph.versions), indexes)
    facts: list[LineFacts] = []
    for level in levels_of(moment):
        holds = _holds(moment, level, indexes)
        columns = _columns(moment, level, np.unique(level.of_version[nodes]))
        facts += [_facts(moment, level, row, words, holds, now) for row in columns]
    return facts


def levels_of(moment: Moment) -> tuple[Level, Level]:
    """The two levels of lines."""
    graph = moment.graph
    return (
        Level("major", graph.version_major, graph.major_start, moment.major_live),
        Level("minor", graph.version_minor, graph.minor_start, moment.minor_live),
    )


def instant(seconds: int, now: datetime) -> datetime | None:
    """A stored instant: LIVE is now, 0 is never."""
    if seconds >= LIVE:
        return now
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def by_line(reduce: np.ufunc, values: Array, level: Level, lines: Array) -> Array:
    """A column of versions, reduced for each of the lines at once."""
    # Pairs of bounds, every other sum dropped; a last value keeps the final bound inside.
    bounds = np.column_stack([level.start[lines], level.start[lines + 1]]).ravel()
    return np.asarray(reduce.reduceat(np.append(values, 0), bounds)[::2])


def _holds(moment: Moment, level: Level, indexes: Array) -> Holds:
    """Which modules resolve into each line of the modules, and which can nowhere else."""
    graph, consumers, target = moment.graph, moment.consumers, moment.target
    wanted = np.zeros(len(graph.module_ids), dtype=bool)
    wanted[indexes] = True
    counts = graph.declared_start[consumers + 1] - graph.declared_start[consumers]
    source = np.repeat(consumers, counts)
    requirement = neighbours(graph.declared_start, graph.declared_requirement, consumers)
    scope = neighbours(graph.declared_start, graph.declared_scope, consumers)
    fit = (scope == RUNTIME) & (target[requirement] >= 0)
    fit &= wanted[graph.requirement_module[requirement]]
    source, requirement = source[fit], requirement[fit]
    line = level.of_version[target[requirement]]
    own = graph.version_module[source] == graph.requirement_module[requirement]
    lowest = moment.lowest_of(np.unique(requirement))
    only = level.of_version[lowest[requirement]] == line if len(requirement) else own
    consumer = graph.version_module[source]
    others, only = ~own, only & ~own
    modules = len(graph.module_ids)
    return Holds(
        _modules_by_line(line[others], consumer[others], modules),
        _modules_by_line(line[only], consumer[only], modules),
    )


def _modules_by_line(line: Array, module: Array, modules: int) -> dict[int, int]:
    """Line -> its distinct modules."""
    pairs = distinct(line.astype(np.int64) * max(modules, 1) + module)
    lines, counts = np.unique(pairs // max(modules, 1), return_counts=True)
    return dict(zip(lines.tolist(), counts.tolist(), strict=True))


def _columns(moment: Moment, level: Level, lines: Array) -> Iterator[LineColumns]:
    """The figures of each line, reduced for all of them at once."""
    if not len(lines):
        return iter(())
    graph, gone = moment.graph, moment.gone
    start, stop = level.start[lines], level.start[lines + 1]
    nodes = np.where(gone, -1, np.arange(graph.versions))
    published = np.where(gone, 0, graph.version_published)
    newest = by_line(np.maximum, nodes, level, lines)
    rows = (
        lines, start, stop, np.where(newest < 0, stop - 1, newest),
        by_line(np.add, gone.astype(np.int64), level, lines),
        by_line(np.add, moment.sunset.astype(np.int64), level, lines),
        by_line(np.maximum, published, level, lines),
        by_line(np.maximum, moment.last_used, level, lines),
        level.live[lines, 0], level.live[lines, 1],
    )  # fmt: skip
    return (LineColumns(*row) for row in zip(*(column.tolist() for column in rows), strict=True))


def _facts(
    moment: Moment, level: Level, row: LineColumns, words: Words, holds: Holds, now: datetime
) -> LineFacts:
    graph = moment.graph
    index = int(graph.version_module[row.start])
    module = words.modules[int(graph.module_ids[index])]
    ids = graph.version_ids[row.start : row.stop]
    if row.gone:
        ids = ids[~moment.gone[row.start : row.stop]]
    newest, major, minor = words.versions[int(graph.version_ids[row.newest])]
    is_live = row.last_used >= LIVE
    is_major = level.name == "major"
    return LineFacts(
        module_id=module.id,
        ecosystem=module.ecosystem,
        module=module.name,
        owner_id=module.owner_id,
        line=major if is_major else minor,
        level=level.name,
        parent="" if is_major else major,
        version_ids=tuple(ids.tolist()),
        sunset_count=row.sunset,
        newest=newest,
        newest_published_at=instant(row.published, now),
        live_prod=row.prod,
        live_preprod=row.preprod,
        is_in_use=is_live,
        last_used_at=instant(row.last_used, now),
        consumers=holds.consumers.get(row.line, 0),
        held_by=holds.holders.get(row.line, 0) if not is_live else 0,
        holds_newest=row.start <= int(moment.newest[index]) < row.stop,
        vouched_since=words.vouched.get(module.ecosystem),
    )
