"""Lines: the facts on which it is decided whether a range can go."""

from collections.abc import Collection
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Min

from lineage.graph.arrays import PLACEHOLDER, SUNSET, WITHDRAWN
from lineage.graph.line_facts import ModuleName, Moment, Words, facts_of_lines
from lineage.lines import LineFacts
from lineage.models import Coverage, Module, Source, Version
from lineage.selectors.requirements import lowest_of
from lineage.selectors.view import Array, View, current_view

HELD_BY_RECENT = timedelta(days=30)  # consumers published this recently hold what they require


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
    words = Words(module_names(module_ids), version_texts(module_ids), vouched_since())
    return facts_of_lines(_moment(view, now - published_within), words, indexes, now)


def vouched_since() -> dict[str, datetime]:
    """Ecosystem -> since when some source reports its deployments."""
    stated: dict[str, datetime] = {}
    rows = Coverage.objects.values_list("ecosystem", "source_id").annotate(since=Min("since"))
    said = dict(Source.objects.exclude(vouches_since=None).values_list("id", "vouches_since"))
    for ecosystem, source_id, since in rows.order_by():
        at = said.get(source_id) or since
        stated[ecosystem] = min(at, stated.get(ecosystem, at))
    return stated


def module_names(module_ids: Collection[int] | None = None) -> dict[int, ModuleName]:
    """Module id -> its name and owner, of these modules or of all."""
    modules = Module.objects.order_by()
    if module_ids is not None:
        modules = modules.filter(id__in=module_ids)
    rows = modules.values_list("id", "ecosystem", "name", "owner_id")
    return {row[0]: ModuleName(*row) for row in rows.iterator(10_000)}


def version_texts(module_ids: Collection[int] | None = None) -> dict[int, tuple[str, str, str]]:
    """Version id -> its text, major line and minor line, of these modules or of all."""
    versions = Version.objects.order_by()
    if module_ids is not None:
        versions = versions.filter(module_id__in=module_ids)
    rows = versions.values_list("id", "version", "major_line", "minor_line")
    return {pk: (text, major, minor) for pk, text, major, minor in rows.iterator(10_000)}


def _moment(view: View, since: datetime) -> Moment:
    graph, usage = view.graph, view.usage
    gone = (graph.version_flags & (SUNSET | PLACEHOLDER)) != 0
    recent = graph.version_published > int(since.timestamp())
    return Moment(
        graph=graph,
        gone=gone,
        sunset=(graph.version_flags & SUNSET) != 0,
        withdrawn=(graph.version_flags & WITHDRAWN) != 0,
        newest=view.newest,
        last_used=usage.last_used,
        major_live=usage.major_live,
        minor_live=usage.minor_live,
        consumers=np.flatnonzero(view.is_current | (recent & ~gone)),
        target=graph.requirement_target,
        lowest_of=lambda requirements: lowest_of(view, requirements),
    )


def _indexes(view: View, module_ids: Collection[int] | None) -> Array:
    if module_ids is None:
        return np.arange(len(view.graph.module_ids))
    found = view.module_indexes(module_ids)
    return np.unique(found[found >= 0])
