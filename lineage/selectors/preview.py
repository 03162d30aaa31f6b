"""Preview: what publishing a version would do, asked before it is published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lineage.exceptions import VersionExists
from lineage.graph.preview import (
    NEW,
    Publication,
    module_cycles,
    takers,
    version_cycle,
)
from lineage.models import Module, Version
from lineage.resolution.newest import ModuleVersions
from lineage.selectors.dependents import Edges, edges_into
from lineage.selectors.preview_conflicts import Checked, Proposal, Wish, conflicts_of
from lineage.selectors.preview_live import Live, live_of
from lineage.selectors.preview_needs import Need, Settled, settled_needs
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View, current_view, module_rows, version_rows
from lineage.services.resolve import versions_of
from lineage.versioning import CompiledRange, ParsedVersion, parse_range, parse_version, scheme_for

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Consumer:
    """A current consumer: what it resolves to today, and why it moves or stays."""

    consumer: Version
    declared: str | None  # None: locked by an SBOM
    today: Version | None
    reason: str
    live_prod: int
    live_preprod: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen. Rows hold at most MOST_ROWS, the counts all."""

    module: Module
    version: str
    is_newest: bool
    takers: list[Consumer]
    total_takers: int
    behind: list[Consumer]
    total_behind: int
    live: Live
    dependencies: list[Settled]
    version_cycle: list[str]
    cycle_members: int
    module_cycles: list[list[str]]
    checked: Checked
    epoch: int

    @property
    def problems(self) -> list[Settled]:
        return [one for one in self.dependencies if one.problem]


def preview_of(module: Module, version: str, needs: Sequence[Need], *, now: datetime) -> Preview:
    """What publishing the version with these dependencies would do.

    Changes nothing. Raises InvalidVersion, InvalidRange and VersionExists. Bounded
    queries, whatever depends on the module.
    """
    view = current_view(now)
    parsed = parse_version(version, scheme=scheme_for(module.ecosystem).name).canonical()
    known = Version.objects.filter(module=module, version=parsed.text)
    if known.filter(is_placeholder=False).exists():
        raise VersionExists(module.name, parsed.text)
    settled, nodes, indexes = settled_needs(view, module, parsed, needs)
    publication = Publication(
        module=-1 if (index := view.module_index(module.pk)) is None else index,
        moved=_moved(view, module, parsed),
        needs=np.array(nodes, dtype=np.int64),
        needed=np.array(indexes, dtype=np.int64),
    )
    cycle, members = version_cycle(view.graph, publication)
    rings = module_cycles(view.graph, publication, current=view.is_current)
    taking = takers(view.graph, publication)
    taken, behind = _consumers(view, module, parsed, publication)
    proposal = Proposal(module, parsed, _wishes(settled))
    return Preview(
        module=module,
        version=parsed.text,
        is_newest=_is_newest(view, module, parsed),
        takers=taken[0],
        total_takers=taken[1],
        behind=behind[0],
        total_behind=behind[1],
        live=live_of(view, publication, taking),
        dependencies=settled,
        version_cycle=_version_names(view, cycle, f"{module.name} {parsed.text}"),
        cycle_members=len(members),
        module_cycles=_module_names(view, rings),
        checked=conflicts_of(view, proposal, _heads(view, taking)),
        epoch=view.snapshot.epoch,
    )


def _wishes(settled: Iterable[Settled]) -> list[Wish]:
    return [
        Wish(one.module, one.need.range)
        for one in settled
        if one.module is not None and one.need.scope == "runtime"
    ]


def _moved(view: View, module: Module, parsed: ParsedVersion) -> Array:
    """The requirements on the module that would resolve to the version, by index."""
    rows = versions_of([module.pk]).get(module.pk, [])
    rows = [row for row in rows if row.parsed.text != parsed.text]
    versions = ModuleVersions(
        [*(row.parsed for row in rows), parsed], [*(row.is_withdrawn for row in rows), False]
    )
    index = view.module_index(module.pk)
    if index is None:
        return np.empty(0, dtype=np.int64)
    graph = view.graph
    own = np.arange(graph.requirement_start[index], graph.requirement_start[index + 1])
    return np.array(
        [
            place
            for place, text in ranges_of(view, own).items()
            if versions.newest(_compiled(module, text)) == len(rows)
        ],
        dtype=np.int64,
    )


def _compiled(module: Module, text: str) -> CompiledRange:
    return parse_range(text, scheme=scheme_for(module.ecosystem).name)


def _is_newest(view: View, module: Module, parsed: ParsedVersion) -> bool:
    index = view.module_index(module.pk)
    if index is None or view.newest[index] < 0:
        return True
    newest = version_rows(view, [int(view.newest[index])])[int(view.newest[index])]
    if newest.is_withdrawn or (newest.is_prerelease and not parsed.is_prerelease):
        return True
    if parsed.is_prerelease and not newest.is_prerelease:
        return False
    return parsed.key > bytes(newest.sort_key)


def _heads(view: View, taking: Array) -> Array:
    """Of the takers those that are the newest of their module, those that run most first."""
    heads = taking[view.newest[view.graph.version_module[taking]] == taking]
    own = view.usage.version_own[heads].sum(axis=1)
    return np.asarray(heads[np.lexsort((heads, -own))])


Rows = tuple[list[Consumer], int]


def _consumers(
    view: View, module: Module, parsed: ParsedVersion, publication: Publication
) -> tuple[Rows, Rows]:
    """Current consumers that would take it, and those that would not, by live deployments."""
    edges = edges_into(view, module)
    edges = edges.where(view.is_current[edges.consumer] & (edges.scope == 0))
    moves = np.isin(edges.requirement, publication.moved)
    return (
        _rows(view, module, edges.where(moves), parsed, is_taken=True),
        _rows(view, module, edges.where(~moves), parsed, is_taken=False),
    )


def _rows(
    view: View, module: Module, edges: Edges, parsed: ParsedVersion, *, is_taken: bool
) -> Rows:
    own = view.usage.version_own[edges.consumer]
    order = np.lexsort((edges.requirement, edges.consumer, -own.sum(axis=1)))[:MOST_ROWS]
    shown = edges.where(order)
    versions = version_rows(view, [*shown.consumer, *shown.target])
    ranges = ranges_of(view, shown.requirement)
    rows = []
    for consumer, requirement, target in zip(
        shown.consumer.tolist(), shown.requirement.tolist(), shown.target.tolist(), strict=True
    ):
        declared, today = ranges.get(requirement), versions.get(target)
        prod, preprod = map(int, view.usage.version_own[consumer])
        reason = "" if is_taken else _reason(module, declared, today, parsed)
        rows.append(Consumer(versions[consumer], declared, today, reason, prod, preprod))
    return rows, len(edges.consumer)


def _reason(
    module: Module, declared: str | None, today: Version | None, parsed: ParsedVersion
) -> str:
    if declared is None:
        return "locked by an SBOM"
    if _compiled(module, declared).contains(parsed) and today is not None:
        return f"takes {today.version} already"
    return "its range excludes it"


def _version_names(view: View, cycle: list[int], new: str) -> list[str]:
    rows = version_rows(view, cycle)
    return [new if node == NEW else str(rows[node]) for node in cycle]


def _module_names(view: View, cycles: list[list[int]]) -> list[list[str]]:
    rows = module_rows(view, [index for cycle in cycles for index in cycle])
    return [[rows[index].name for index in cycle] for cycle in cycles]
