"""Holds: which versions the requirements of given consumers resolve to (pure)."""

from dataclasses import dataclass

import numpy as np

from lineage.graph.arrays import RUNTIME, Graph
from lineage.graph.csr import Array, expand, is_first


@dataclass(frozen=True, slots=True)
class Holds:
    """Parallel arrays, one row a resolved requirement; a locked one is -1."""

    version: Array  # version node it resolves to
    consumer: Array  # version node that declares it
    requirement: Array


def holds(graph: Graph, consumers: Array) -> Holds:
    """What the consumers' runtime requirements resolve to, and their own locked edges.

    Locked edges are those out of the root of a tree, its own statement; what a
    consumer was locked to inside somebody else's tree does not bind it.
    """
    consumers = np.asarray(consumers, dtype=np.int32)
    places, sizes = expand(graph.declared_start, consumers)
    requirement = graph.declared_requirement[places]
    target = graph.requirement_target[requirement]
    kept = (graph.declared_scope[places] == RUNTIME) & (target >= 0)
    consumer = np.repeat(consumers, sizes)[kept]
    places, sizes = expand(graph.out_start, consumers)
    locked = graph.out_target[places]
    is_locked = locked >= graph.versions
    locked, root = locked[is_locked], np.repeat(consumers, sizes)[is_locked]
    return Holds(
        version=np.concatenate([target[kept], graph.node_version[locked]]),
        consumer=np.concatenate([consumer, root]),
        requirement=np.concatenate([requirement[kept], np.full(len(root), -1, dtype=np.int32)]),
    )


def held_versions(graph: Graph, consumers: Array) -> tuple[Array, Array]:
    """Distinct pairs (version, consumer that a requirement ties to it), ordered by both."""
    found = holds(graph, consumers)
    order = np.lexsort((found.consumer, found.version))
    version, consumer = found.version[order], found.consumer[order]
    first = is_first(version, consumer)
    return version[first], consumer[first]
