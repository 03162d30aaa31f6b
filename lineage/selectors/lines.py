"""Lines: the facts on which it is decided whether a range can go."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Min

from lineage.graph.arrays import PLACEHOLDER, RUNTIME, SUNSET
from lineage.graph.reach import neighbours
from lineage.lines import LineFacts
from lineage.models import Coverage, Module, Source, Version
from lineage.selectors.requirements import lowest_of
from lineage.selectors.view import Array, View, current_view, instant

HELD_BY_RECENT = timedelta(days=30)  # consumers published this recently hold what they require


@dataclass(slots=True)
class Holds:
    """Per line index: modules that resolve into it, and those nothing else satisfies."""

    consumers: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    holders: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


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
        for line in np.unique(level.of_version[nodes]):
            facts.append(_facts(view, level, int(line), modules, texts, holds, vouched, now))
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
    holds = Holds()
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
    for place in np.flatnonzero(~own):
        consumer = int(graph.version_module[source[place]])
        holds.consumers[int(line[place])].add(consumer)
        if only[place]:
            holds.holders[int(line[place])].add(consumer)
    return holds


def _facts(
    view: View,
    level: Level,
    line: int,
    modules: dict[int, Module],
    texts: dict[int, tuple[str, str, str]],
    holds: Holds,
    vouched: dict[str, datetime],
    now: datetime,
) -> LineFacts:
    graph, usage = view.graph, view.usage
    nodes = np.arange(level.start[line], level.start[line + 1])
    flags = graph.version_flags[nodes]
    standing = nodes[(flags & (SUNSET | PLACEHOLDER)) == 0]
    index = int(graph.version_module[nodes[0]])
    module = modules[int(graph.module_ids[index])]
    first = texts[int(graph.version_ids[nodes[0]])]
    newest = int(standing[-1] if len(standing) else nodes[-1])
    published = int(graph.version_published[standing].max()) if len(standing) else 0
    prod, preprod = map(int, level.live[line])
    is_live = bool(prod + preprod)
    last_used = instant(int(usage.last_used[nodes].max()), now)
    module_newest = int(view.newest[index])
    return LineFacts(
        module_id=module.pk,
        ecosystem=module.ecosystem,
        module=module.name,
        owner_id=module.owner_id,
        line=first[1] if level.name == "major" else first[2],
        level=level.name,
        parent="" if level.name == "major" else first[1],
        version_ids=tuple(int(pk) for pk in graph.version_ids[standing]),
        sunset_count=int(((flags & SUNSET) != 0).sum()),
        newest=texts[int(graph.version_ids[newest])][0],
        newest_published_at=instant(published, now),
        live_prod=prod,
        live_preprod=preprod,
        is_in_use=is_live,
        last_used_at=now if is_live else last_used,
        consumers=len(holds.consumers.get(line, ())),
        held_by=len(holds.holders.get(line, ())) if not is_live else 0,
        holds_newest=bool(nodes[0] <= module_newest <= nodes[-1]),
        vouched_since=vouched.get(module.ecosystem),
    )
