"""Who depends on whom, for walks of one root at a time (pure)."""

from collections import defaultdict
from functools import cache

import numpy as np

from lineage.graph.arrays import RUNTIME, Graph


class Links:
    """The declared and the locked edges of a graph, as lists that are made when asked for."""

    def __init__(self, graph: Graph) -> None:
        self.versions = graph.versions
        self.version_of = graph.node_version.tolist()
        self.module_of = graph.version_module.tolist()
        self.module_of_requirement = graph.requirement_module.tolist()
        self.locked_out: dict[int, list[int]] = defaultdict(list)
        source = np.repeat(np.arange(graph.nodes), np.diff(graph.out_start))
        is_locked = (source >= graph.versions) | (graph.out_target >= graph.versions)
        pairs = (source[is_locked].tolist(), graph.out_target[is_locked].tolist())
        for origin, target in zip(*pairs, strict=True):
            self.locked_out[origin].append(target)
        self.has_locked = bool(self.locked_out)
        self._graph = graph
        self.requirements_of = cache(self._requirements_of)
        self.declarers_of = cache(self._declarers_of)

    def _requirements_of(self, version: int) -> list[int]:
        """The requirements a version declares for run time."""
        graph = self._graph
        part = slice(graph.declared_start[version], graph.declared_start[version + 1])
        runtime = graph.declared_scope[part] == RUNTIME
        found: list[int] = graph.declared_requirement[part][runtime].tolist()
        return found

    def _declarers_of(self, requirement: int) -> list[int]:
        """The versions that declare a requirement for run time."""
        graph = self._graph
        part = slice(graph.dependents_start[requirement], graph.dependents_start[requirement + 1])
        runtime = graph.dependents_scope[part] == RUNTIME
        found: list[int] = graph.dependents_version[part][runtime].tolist()
        return found
