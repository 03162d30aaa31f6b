"""Growth: the engine's stages on copies of what is loaded, each copy with modules of its own."""

from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
from django.utils import timezone

from lineage.graph.arrays import SCALARS, Graph, GraphInput, build
from lineage.graph.blast import dependent_modules
from lineage.graph.csr import Array
from lineage.graph.reach import dependents_reach, in_use
from lineage.models import Module, Requirement
from lineage.resolution.newest import ModuleVersions
from lineage.resolution.registry import KnownVersion
from lineage.selectors.view import View, current_view
from lineage.services.graph_rows import read_graph
from lineage.services.resolve import versions_of
from lineage.versioning import scheme_for
from platform_ui.bench.rows import Row
from platform_ui.bench.timing import best, once

HUBS = 20
Stated = list[tuple[list[KnownVersion], list[str], str]]  # versions, ranges, ecosystem
OFFSETS = {
    "module_ids": "module_ids", "version_ids": "version_ids", "requirement_ids": "requirement_ids",
    "version_module": "modules", "requirement_module": "modules", "version_major": "majors",
    "version_minor": "minors", "requirement_target": "versions", "dependency_version": "versions",
    "dependency_requirement": "requirements", "locked_root": "versions",
    "locked_source": "versions", "locked_target": "versions", "past_source": "versions",
    "past_target": "versions",
}  # fmt: skip


def growth_rows(scales: list[int]) -> list[Row]:
    """Every stage at every scale, beside the first scale's figure grown in proportion."""
    now = timezone.now()
    view = current_view(now)
    rows = read_graph(view.snapshot.epoch, now)
    stated = _stated(rows)
    _resolve(stated, 1)  # texts of ranges are parsed once a process
    found: list[Row] = []
    first: dict[str, float] = {}
    for scale in scales:
        for stage, seconds in _stages(view, copies(rows, scale), stated, scale).items():
            limit = first.setdefault(stage, seconds / scale) * scale
            work = f"×{scale}: {stage}"
            found.append(Row(work, seconds, "s", None, limit, f"×{scales[0]} in proportion"))
    return found


def copies(rows: GraphInput, times: int) -> GraphInput:
    """The rows that many times over, no copy touching another; -1 stays -1."""
    steps = {
        "modules": len(rows.module_ids), "versions": len(rows.version_ids),
        "requirements": len(rows.requirement_ids), "majors": _span(rows.version_major),
        "minors": _span(rows.version_minor), "module_ids": _span(rows.module_ids),
        "version_ids": _span(rows.version_ids), "requirement_ids": _span(rows.requirement_ids),
    }  # fmt: skip
    changed: dict[str, Any] = {}
    for field in fields(rows):
        if field.name in SCALARS:
            continue
        column = getattr(rows, field.name)
        step = steps.get(OFFSETS.get(field.name, ""), 0)
        changed[field.name] = _tiled(column, times, step)
    return replace(rows, **changed)


def _span(values: Array) -> int:
    return int(values.max()) + 1 if len(values) else 0


def _tiled(column: Array, times: int, step: int) -> Array:
    tiled = np.tile(column, times)
    if step:
        shift = np.repeat(np.arange(times, dtype=tiled.dtype) * step, len(column))
        tiled += np.where(tiled >= 0, shift, 0).astype(tiled.dtype)
    return tiled


def _stages(
    view: View,
    rows: GraphInput,
    stated: Stated,
    scale: int,
) -> dict[str, float]:
    built: list[Graph] = []
    edges = len(rows.dependency_version)
    seconds = {f"arrays of {edges // scale:,} edges each": once(lambda: built.append(build(rows)))}
    graph = built[0]
    current = np.tile(view.is_current, scale)
    live = np.tile(view.usage.version_own.sum(axis=1) > 0, scale)
    runs = np.flatnonzero(live).astype(np.int32)
    hubs = np.argsort(-view.usage.dependents_modules, kind="stable")[:HUBS]
    # Each hub in every copy at once, so that what is reached grows as the graph does.
    firsts = np.arange(scale) * view.graph.versions
    roots = [(firsts + view.newest[hub]).astype(np.int32) for hub in hubs]
    seconds["resolution of every requirement"] = once(lambda: _resolve(stated, scale))
    reach = [best(partial(dependents_reach, graph, root), 3) for root in roots]
    seconds[f"transitive dependents of {HUBS} hubs"] = sum(reach)
    seconds["one search from everything that runs"] = best(partial(in_use, graph, runs), 3)
    seconds["blast radius of every module"] = once(partial(dependent_modules, graph, current))
    return seconds


def _stated(rows: GraphInput) -> Stated:
    """For each module its versions, the ranges declared on it, and its ecosystem."""
    ids = [int(pk) for pk in rows.module_ids]
    versions: dict[int, list[KnownVersion]] = {}
    for first in range(0, len(ids), 10_000):
        versions |= versions_of(ids[first : first + 10_000])
    ranges: dict[int, list[str]] = {}
    declared = Requirement.objects.filter(is_locked=False).order_by()
    for module_id, text in declared.values_list("module_id", "range"):
        ranges.setdefault(module_id, []).append(text)
    ecosystems = dict(Module.objects.values_list("id", "ecosystem"))
    return [(versions.get(pk, []), ranges.get(pk, []), ecosystems[pk]) for pk in ids]


def _resolve(stated: Stated, times: int) -> None:
    for _ in range(times):
        for versions, ranges, ecosystem in stated:
            if not ranges:
                continue
            ready = ModuleVersions([v.parsed for v in versions], [v.is_withdrawn for v in versions])
            scheme = scheme_for(ecosystem)
            for text in ranges:
                ready.newest(scheme.parse_range(text))
