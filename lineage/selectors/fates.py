"""Fates: where each requirement on a module goes once some of its versions are gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lineage.graph.arrays import PLACEHOLDER, RUNTIME, SUNSET
from lineage.graph.csr import expand
from lineage.models import Module
from lineage.resolution.newest import ModuleVersions
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import Array, View
from lineage.services.resolve import versions_of
from lineage.versioning import scheme_for


@dataclass(frozen=True, slots=True)
class Fates:
    """The requirements that resolve into the versions, and who declares them.

    ``goes_to`` is where a requirement resolves once they are gone, -1 where nothing else
    satisfies it: that one is held. Consumers are versions that count today: the newest
    of their module, in use, or published recently; never of the module itself.
    """

    requirement: Array  # [n]
    goes_to: Array  # [n] version node
    texts: dict[int, str]  # requirement -> its range
    consumer: Array  # [m] version node of an edge
    edge: Array  # [m] position in ``requirement``

    @property
    def is_held(self) -> Array:
        """Edge -> whether nothing else satisfies it."""
        return np.asarray(self.goes_to[self.edge] < 0)


def counted_consumers(view: View, now: datetime, published_within: timedelta) -> Array:
    """Version node -> whether its requirements count: newest, in use, or published since."""
    graph = view.graph
    recent = graph.version_published > int((now - published_within).timestamp())
    gone = (graph.version_flags & (SUNSET | PLACEHOLDER)) != 0
    mask: Array = view.is_current | (recent & ~gone)
    return mask


def fates_of(
    view: View, module: Module, nodes: Array, *, now: datetime, published_within: timedelta
) -> Fates:
    """What becomes of the requirements that resolve to any of the versions ``nodes``.

    Cost: a bisection for each requirement on the module, and numpy over its edges.
    """
    graph = view.graph
    index = view.module_index(module.pk)
    none = np.empty(0, dtype=np.int64)
    if index is None or not len(nodes):
        return Fates(none, none, {}, none, none)
    every = np.arange(graph.requirement_start[index], graph.requirement_start[index + 1])
    inside = every[np.isin(graph.requirement_target[every], nodes)]
    texts = ranges_of(view, inside)
    declared = np.array([place in texts for place in inside.tolist()], dtype=bool)
    inside = inside[declared] if len(inside) else inside
    goes_to = _elsewhere(view, module, nodes, [texts[place] for place in inside.tolist()])
    places, sizes = expand(graph.dependents_start, inside)
    consumer, edge = graph.dependents_version[places], np.repeat(np.arange(len(inside)), sizes)
    counted = counted_consumers(view, now, published_within)[consumer]
    counted &= graph.dependents_scope[places] == RUNTIME
    counted &= graph.version_module[consumer] != index
    return Fates(inside, goes_to, texts, consumer[counted], edge[counted])


def _elsewhere(view: View, module: Module, nodes: Array, ranges: list[str]) -> Array:
    """Per range, the node of the newest version outside ``nodes`` that satisfies it, else -1."""
    stored = versions_of([module.pk]).get(module.pk, [])
    places = view.node_of(version.id for version in stored)
    gone = np.isin(places, nodes) | (places < 0)
    gone |= np.array([version.is_withdrawn for version in stored], dtype=bool)
    left = ModuleVersions([version.parsed for version in stored], gone.tolist())
    scheme = scheme_for(module.ecosystem)
    found = [left.newest(scheme.parse_range(text)) for text in ranges]
    # An exact pin still takes what is gone: nothing else satisfies it.
    return np.array(
        [-1 if place is None or gone[place] else int(places[place]) for place in found],
        dtype=np.int64,
    )
