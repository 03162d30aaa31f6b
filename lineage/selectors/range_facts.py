"""The facts on any set of a module's versions, in the form in which lines are judged."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lineage.exceptions import UnknownLine
from lineage.graph.arrays import PLACEHOLDER, SUNSET
from lineage.graph.line_facts import instant
from lineage.lines import LineFacts
from lineage.models import Module, Version
from lineage.selectors.fates import Fates, fates_of
from lineage.selectors.lines import line_facts, vouched_since
from lineage.selectors.live_groups import LiveGroup, live_groups
from lineage.selectors.ranges import versions_in
from lineage.selectors.view import Array, View

GONE = SUNSET | PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Subject:
    """Versions of a module that are to go, with everything known of their use.

    ``nodes`` are those that stand, neither sunset nor placeholders.
    """

    module: Module
    nodes: Array
    facts: LineFacts
    groups: list[LiveGroup]
    fates: Fates


def subject_of(
    view: View, module: Module, text: str, *, now: datetime, published_within: timedelta
) -> Subject:
    """A line by its name, else the versions in any range.

    Raises UnknownLine where the module has no such version, InvalidRange.
    """
    known = line_facts(now=now, module_ids=[module.pk], published_within=published_within)
    line = next((facts for facts in known if facts.line == text), None)
    if line is not None:
        every = view.node_of(line.version_ids)
    else:
        every = versions_in(view, module, text)
        if not text or not len(every):
            raise UnknownLine(module.name, text)
    nodes = every[(view.graph.version_flags[every] & GONE) == 0]
    groups = live_groups(view, nodes)
    fates = fates_of(view, module, nodes, now=now, published_within=published_within)
    if line is None:
        line = _facts(view, module, text, every, groups, fates, now)
    return Subject(module, nodes, line, groups, fates)


def _facts(
    view: View,
    module: Module,
    text: str,
    every: Array,
    groups: list[LiveGroup],
    fates: Fates,
    now: datetime,
) -> LineFacts:
    graph = view.graph
    flags = graph.version_flags[every]
    nodes = every[(flags & GONE) == 0]
    newest = int((nodes if len(nodes) else every)[-1])
    published = int(graph.version_published[nodes].max()) if len(nodes) else 0
    last_used = int(view.usage.last_used[every].max())
    module_index = graph.version_module[newest]
    consumers = graph.version_module[fates.consumer]
    prod, preprod = (sum(g.prod for g in groups), sum(g.preprod for g in groups))
    is_live = prod + preprod > 0
    return LineFacts(
        module_id=module.pk,
        ecosystem=module.ecosystem,
        module=module.name,
        owner_id=module.owner_id,
        line=text,
        level="range",
        parent="",
        version_ids=tuple(graph.version_ids[nodes].tolist()),
        sunset_count=int(((flags & SUNSET) != 0).sum()),
        newest=Version.objects.values_list("version", flat=True).get(
            pk=int(graph.version_ids[newest])
        ),
        newest_published_at=instant(published, now),
        live_prod=prod,
        live_preprod=preprod,
        is_in_use=is_live,
        last_used_at=now if is_live else instant(last_used, now),
        consumers=len(np.unique(consumers)),
        held_by=0 if is_live else len(np.unique(consumers[fates.is_held])),
        holds_newest=bool(np.isin(view.newest[module_index], every)),
        vouched_since=vouched_since().get(module.ecosystem),
    )
