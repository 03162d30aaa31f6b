"""Lines: the facts on which it is decided whether a range can go."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Min

from lineage.graph.arrays import PLACEHOLDER, RUNTIME, SUNSET
from lineage.graph.csr import distinct, neighbours
from lineage.lines import LineFacts
from lineage.models import Coverage, Module, Source, Version
from lineage.selectors.requirements import lowest_of
from lineage.selectors.view import Array, View, current_view, instant

HELD_BY_RECENT = timedelta(days=30)  # consumers published this recently hold what they require


@dataclass(frozen=True, slots=True)
class Holds:
    """Line -> how many modules resolve into it, and how many nothing else satisfies."""

    consumers: dict[int, int]
    holders: dict[int, int]


@dataclass(frozen=True, slots=True)
class Level:
    """Major or minor: which array says where a version belongs, and what each line counts."""

    name: str
    of_version: Array
    start: Array
    live: Array


def line_facts(
    *,
    now: datetime,
    module_ids: Collection[int] | None = None,
    published_within: timedelta = HELD_BY_RECENT,
) -> list[LineFacts]:
    """Every line, major and minor, of the modules (None: of all), oldest first by module.

    A consumer is the newest version of a module, one in use, or one published within
    ``published_within``.
    """
    view = current_view(now)
    indexes = _indexes(view, module_ids)
    if not len(indexes):
        return []
    vouched = vouched_since()
    modules = Module.objects.in_bulk(module_ids)
    graph = view.graph
    nodes = neighbours(graph.module_start, np.arange(graph.versions), indexes)
    texts = _texts(module_ids)
    consumers = _consumers(view, now - published_within)
    facts: list[LineFacts] = []
    levels = (
        Level("major", graph.version_major, graph.major_start, view.usage.major_live),
        Level("minor", graph.version_minor, graph.minor_start, view.usage.minor_live),
    )
    for level in levels:
        holds = _holds(view, level, consumers, indexes)
        columns = _columns(view, level, np.unique(level.of_version[nodes]))
        facts += [_facts(view, level, row, modules, texts, holds, vouched, now) for row in columns]
    return facts


def vouched_since() -> dict[str, datetime]:
    """Ecosystem -> since when some source reports its deployments."""
    stated: dict[str, datetime] = {}
    rows = Coverage.objects.values_list("ecosystem", "source_id").annotate(since=Min("since"))
    said = dict(Source.objects.exclude(vouches_since=None).values_list("id", "vouches_since"))
    for ecosystem, source_id, since in rows.order_by():
        at = said.get(source_id) or since
        stated[ecosystem] = min(at, stated.get(ecosystem, at))
    return stated


def _indexes(view: View, module_ids: Collection[int] | None) -> Array:
    if module_ids is None:
        return np.arange(len(view.graph.module_ids))
    found = view.module_indexes(module_ids)
    return np.unique(found[found >= 0])


def _texts(module_ids: Collection[int] | None) -> dict[int, tuple[str, str, str]]:
    """Version id -> its text, major line and minor line."""
    versions = Version.objects.order_by()
    if module_ids is not None:
        versions = versions.filter(module_id__in=module_ids)
    rows = versions.values_list("id", "version", "major_line", "minor_line")
    return {pk: (text, major, minor) for pk, text, major, minor in rows.iterator(10_000)}


def _consumers(view: View, since: datetime) -> Array:
    """Version nodes whose requirements count: newest, in use, or published since."""
    mask = view.is_current.copy()
    graph = view.graph
    recent = graph.version_published > int(since.timestamp())
    gone = (graph.version_flags & (SUNSET | PLACEHOLDER)) != 0
    mask |= recent & ~gone
    return np.flatnonzero(mask)


def _holds(view: View, level: Level, consumers: Array, indexes: Array) -> Holds:
    """Which modules resolve into each line of the modules, and which can nowhere else."""
    graph = view.graph
    wanted = np.zeros(len(graph.module_ids), dtype=bool)
    wanted[indexes] = True
    counts = graph.declared_start[consumers + 1] - graph.declared_start[consumers]
    source = np.repeat(consumers, counts)
    requirement = neighbours(graph.declared_start, graph.declared_requirement, consumers)
    scope = neighbours(graph.declared_start, graph.declared_scope, consumers)
    fit = (scope == RUNTIME) & (graph.requirement_target[requirement] >= 0)
    fit &= wanted[graph.requirement_module[requirement]]
    source, requirement = source[fit], requirement[fit]
    line = level.of_version[graph.requirement_target[requirement]]
    own = graph.version_module[source] == graph.requirement_module[requirement]
    lowest = lowest_of(view, np.unique(requirement))
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


def _columns(view: View, level: Level, lines: Array) -> Iterator[LineColumns]:
    """The figures of each line, reduced for all of them at once."""
    graph, usage = view.graph, view.usage
    start, stop = level.start[lines], level.start[lines + 1]
    # Pairs of bounds, every other sum dropped; a last value keeps the final bound inside.
    bounds = np.column_stack([start, stop]).ravel()
    flags = graph.version_flags
    gone = (flags & (SUNSET | PLACEHOLDER)) != 0
    sunset = (flags & SUNSET) != 0
    nodes = np.where(gone, -1, np.arange(graph.versions))
    published = np.where(gone, 0, graph.version_published)

    def reduced(reduce: np.ufunc, values: Array) -> Array:
        return np.asarray(reduce.reduceat(np.append(values, 0), bounds)[::2])

    newest = reduced(np.maximum, nodes)
    rows = (
        lines, start, stop, np.where(newest < 0, stop - 1, newest),
        reduced(np.add, gone.astype(np.int64)), reduced(np.add, sunset.astype(np.int64)),
        reduced(np.maximum, published), reduced(np.maximum, usage.last_used),
        level.live[lines, 0], level.live[lines, 1],
    )  # fmt: skip
    return (LineColumns(*row) for row in zip(*(column.tolist() for column in rows), strict=True))


def _facts(
    view: View,
    level: Level,
    row: LineColumns,
    modules: dict[int, Module],
    texts: dict[int, tuple[str, str, str]],
    holds: Holds,
    vouched: dict[str, datetime],
    now: datetime,
) -> LineFacts:
    graph = view.graph
    index = int(graph.version_module[row.start])
    module = modules[int(graph.module_ids[index])]
    ids = graph.version_ids[row.start : row.stop]
    if row.gone:
        flags = graph.version_flags[row.start : row.stop]
        ids = ids[(flags & (SUNSET | PLACEHOLDER)) == 0]
    newest, major, minor = texts[int(graph.version_ids[row.newest])]
    is_live = bool(row.prod + row.preprod)
    is_major = level.name == "major"
    return LineFacts(
        module_id=module.pk,
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
        last_used_at=now if is_live else instant(row.last_used, now),
        consumers=holds.consumers.get(row.line, 0),
        held_by=holds.holders.get(row.line, 0) if not is_live else 0,
        holds_newest=row.start <= int(view.newest[index]) < row.stop,
        vouched_since=vouched.get(module.ecosystem),
    )
