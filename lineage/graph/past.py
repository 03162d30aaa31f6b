"""A graph as it was: the versions that were there, and what each requirement resolved to (pure)."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import GONE, SUNSET, WITHDRAWN, Graph, GraphInput
from lineage.graph.csr import Array

NONE = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Then:
    """What was so at an instant, over the nodes of a later graph."""

    is_there: Array  # [V] whether the version was known to be published, or ran
    is_yanked: Array  # [V]
    is_sunset: Array  # [V]
    target: Array  # [R] version node each requirement resolved to, -1 none
    locked_root: Array  # version nodes of locked edges
    locked_source: Array
    locked_target: Array


def past_input(graph: Graph, then: Then) -> GraphInput:
    """The rows of the graph as it was: every module and requirement, the versions there were.

    Versions keep their order and their primary keys, and get new nodes. An edge goes
    with either of its ends, a locked tree with its root. Superseded edges are left out.
    """
    kept = np.flatnonzero(then.is_there)
    place = np.full(graph.versions + 1, -1, dtype=np.int32)  # the last stands for none: -1
    place[kept] = np.arange(len(kept), dtype=np.int32)
    flags = graph.version_flags & ~np.uint8(GONE)
    flags = np.where(then.is_yanked | then.is_sunset, flags | WITHDRAWN, flags)
    flags = np.where(then.is_sunset, flags | SUNSET, flags)
    version = np.repeat(place[:-1], np.diff(graph.declared_start))
    return GraphInput(
        epoch=graph.epoch,
        last_dependency=graph.last_dependency,
        module_ids=graph.module_ids,
        version_ids=graph.version_ids[kept],
        version_module=graph.version_module[kept],
        version_major=_renumbered(graph.version_major[kept]),
        version_minor=_renumbered(graph.version_minor[kept]),
        version_published=graph.version_published[kept],
        version_flags=flags[kept].astype(np.uint8),
        requirement_ids=graph.requirement_ids,
        requirement_module=graph.requirement_module,
        requirement_target=place[then.target],
        dependency_version=version,
        dependency_requirement=graph.declared_requirement,
        dependency_scope=graph.declared_scope,
        locked_root=place[then.locked_root],
        locked_source=place[then.locked_source],
        locked_target=place[then.locked_target],
        past_source=NONE,
        past_target=NONE,
        past_until=np.empty(0, dtype=np.int64),
        past_resolution=np.empty((0, 3), dtype=np.int64),
    )


def _renumbered(lines: Array) -> Array:
    """The same ascending numbers without gaps."""
    steps = np.zeros(len(lines), dtype=np.int32)
    if len(lines):
        steps[1:] = lines[1:] != lines[:-1]
    return np.cumsum(steps, dtype=np.int32)
