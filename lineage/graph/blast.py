"""Blast radius: how many modules depend on each module at any remove, for all at once (pure).

Sets of modules are rows of bits that flow down the condensation: the bit-parallel transitive
closure, after E. Nuutila, "Efficient transitive closure computation in large digraphs" (1995).
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.components import condensed
from lineage.graph.csr import Array, distinct, expand, is_first, levels, starts_of

BITS = 64
WORDS = 32  # of a row: one pass counts BITS * WORDS consumers
CELLS = 4 * 1024 * 1024  # words gathered at once


def dependent_modules(graph: Graph, current: Array) -> Array:
    """Per module, the other modules of which a current version depends on it, at any remove.

    ``current`` is a mask over versions; the way there may lead through any version. It
    counts what ``reach.dependents_reach`` finds from all versions of the module. Cost:
    for each BITS modules, the edges between the components they reach.
    """
    seeds = np.flatnonzero(current[graph.node_version]).astype(np.int32)
    part = _Part(graph, seeds)
    consumer = graph.version_module[graph.node_version[seeds]]
    consumers = distinct(consumer)
    counts = np.zeros(len(graph.module_ids), dtype=np.int32)
    for first in range(0, len(consumers), BITS * WORDS):
        block = consumers[first : first + BITS * WORDS]
        chosen = (consumer >= block[0]) & (consumer <= block[-1])
        column = np.searchsorted(block, consumer[chosen])
        part.count(counts, seeds[chosen], column, block)
    return counts


class _Part:
    """What the seeds reach, as components in an order in which bits can flow."""

    def __init__(self, graph: Graph, seeds: Array) -> None:
        level = levels(graph.out_start, graph.out_target, seeds, graph.nodes)
        nodes = np.flatnonzero(level >= 0)
        place = np.full(graph.nodes, -1, dtype=np.int32)
        place[nodes] = np.arange(len(nodes), dtype=np.int32)
        places, sizes = expand(graph.out_start, nodes)
        start = starts_of(np.repeat(np.arange(len(nodes)), sizes), len(nodes))
        self.order = condensed(start, place[graph.out_target[places]])
        self.component = np.full(graph.nodes, -1, dtype=np.int32)
        self.component[nodes] = self.order.component
        module = graph.version_module[graph.node_version[nodes]].astype(np.int64)
        pairs = distinct(module * max(self.order.count, 1) + self.order.component)
        self.module, self.member = np.divmod(pairs, max(self.order.count, 1))

    def count(self, counts: Array, nodes: Array, column: Array, block: Array) -> None:
        """Add to each module how many modules of the block reach it; each node has a column."""
        order, roots = self.order, self.component[nodes]
        is_below = levels(order.start, order.item, roots, order.count) >= 0
        row = np.cumsum(is_below) - 1
        rows = np.zeros((int(is_below.sum()), -(-len(block) // BITS)), dtype=np.uint64)
        np.bitwise_or.at(rows, (row[roots], column // BITS), _bit(column))
        kept = is_below[order.source]
        source, target = row[order.source[kept]], row[order.target[kept]]
        bounds = np.append(0, np.cumsum(kept))[order.bounds].tolist()
        for begin, end in pairwise(bounds):
            for cut in _cuts(begin, end, rows.shape[1]):
                firsts = np.flatnonzero(is_first(target[cut]))
                if len(firsts):
                    gathered = rows[source[cut]]
                    rows[target[cut][firsts]] |= np.bitwise_or.reduceat(gathered, firsts, axis=0)
        kept = is_below[self.member]
        self._add(counts, rows, row[self.member[kept]], self.module[kept], block)

    def _add(self, counts: Array, rows: Array, row: Array, module: Array, block: Array) -> None:
        """Count the bits of each module's rows together, its own aside."""
        bounds = np.append(np.flatnonzero(is_first(module)), len(module))
        for cut in _cuts(0, len(bounds) - 1, rows.shape[1]):
            begin, end = bounds[cut.start], bounds[cut.stop]
            merged = np.bitwise_or.reduceat(rows[row[begin:end]], bounds[cut] - begin, axis=0)
            found = module[bounds[cut]]
            place = np.minimum(np.searchsorted(block, found), len(block) - 1)
            own = np.flatnonzero(block[place] == found)
            merged[own, place[own] // BITS] &= ~_bit(place[own])
            counts[found] += np.bitwise_count(merged).sum(axis=1, dtype=np.int32)


def _bit(column: Array) -> Array:
    bit: Array = np.uint64(1) << (column % BITS).astype(np.uint64)
    return bit


def _cuts(begin: int, end: int, words: int) -> Iterator[slice]:
    """Slices of rows that hold about CELLS words each."""
    step = max(CELLS // words, 1)
    for first in range(begin, end, step):
        yield slice(first, min(first + step, end))
