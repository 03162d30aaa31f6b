"""What of an earlier graph still holds when only some modules changed (pure).

A module is taken over whole or read again whole, so an order within modules stays.
"""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier graph, and the ids of the modules that changed since, ascending.

    The tables it gives are without the changed modules.
    """

    graph: Graph
    changed: Array

    @property
    def last_dependency(self) -> int:
        """The greatest primary key among the declared edges it holds."""
        return self.graph.last_dependency

    def versions(self) -> Array:
        """(id, module id, published, flags, major line, minor line) in node order."""
        graph = self.graph
        modules = graph.module_ids[graph.version_module]
        table = np.column_stack([
            graph.version_ids, modules, graph.version_published, graph.version_flags,
            graph.version_major, graph.version_minor,
        ]).astype(np.int64)  # fmt: skip
        return table[self._stays(modules)]

    def requirements(self) -> Array:
        """(id, module id, resolved version id or -1), grouped by module in module order."""
        graph = self.graph
        modules = graph.module_ids[graph.requirement_module]
        targets = np.full(len(modules), -1, dtype=np.int64)
        resolved = graph.requirement_target >= 0
        targets[resolved] = graph.version_ids[graph.requirement_target[resolved]]
        table = np.column_stack([graph.requirement_ids, modules, targets])
        return table[self._stays(modules)]

    def declared(self) -> Array:
        """(version id, requirement id, scope) of every declared edge: those never change."""
        graph = self.graph
        return np.column_stack([
            np.repeat(graph.version_ids, np.diff(graph.declared_start)),
            graph.requirement_ids[graph.declared_requirement],
            graph.declared_scope,
        ]).astype(np.int64)  # fmt: skip

    def past_resolutions(self) -> Array:
        """(requirement id, version id, until) of what once held."""
        graph = self.graph
        modules = graph.module_ids[graph.requirement_module]
        changed = graph.requirement_ids[~self._stays(modules)]
        return graph.past_resolution[~np.isin(graph.past_resolution[:, 0], changed)]

    def _stays(self, modules: Array) -> Array:
        return ~np.isin(modules, self.changed)


def merged(kept: Array, read: Array) -> Array:
    """Two tables with module ids in column 1, each in order and of other modules, as one."""
    rows = np.concatenate([kept, read])
    return rows[np.argsort(rows[:, 1], kind="stable")]


def line_numbers(modules: Array, lines: Array) -> Array:
    """Lines numbered in the order of versions: equal neighbours of one module share a number."""
    is_new = np.ones(len(lines), dtype=bool)
    is_new[1:] = (modules[1:] != modules[:-1]) | (lines[1:] != lines[:-1])
    return (np.cumsum(is_new) - 1).astype(np.int32)
