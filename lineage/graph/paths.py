"""Chains: through which versions one reaches another, listed and counted exactly (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array, expand, levels, neighbours

Node = int


@dataclass(frozen=True, slots=True)
class Chains:
    """Ways over nodes that meet the starts only where they begin and the ends only where they end.

    ``hops`` is the length of the shortest and ``shortest`` their exact number, of which
    ``listed`` holds the first. ``total`` counts all ways, exactly; where versions depend on
    each other in a cycle, each such set counts as one station and the edges between two
    stations as one. ``stations`` is how many of the sets there are on the ways.
    """

    hops: int
    shortest: int
    total: int
    stations: int
    listed: tuple[tuple[Node, ...], ...]


NONE = Chains(0, 0, 0, 0, ())


def chains(graph: Graph, starts: Array, ends: Array, *, limit: int) -> Chains:
    """The ways from some versions to others through resolved and locked edges.

    Inside a locked tree a way stays in that tree, as ``reach.dependents_reach`` does; it
    may begin there. A start that is an end as well is no start. Cost: the part of the
    graph that lies between.
    """
    ends = _nodes(graph, ends)
    starts = np.setdiff1d(_nodes(graph, starts), ends)
    if not len(starts) or not len(ends):
        return NONE
    between = _between(graph, starts, ends)
    found = {int(node) for node in starts if int(node) in between}
    goals = {int(node) for node in ends if int(node) in between}
    ahead, ways = _layers(between, found)
    reached = [node for node in goals if node in ahead]
    if not reached:
        return NONE
    hops = min(ahead[node] for node in reached)
    nearest = sorted(node for node in reached if ahead[node] == hops)
    listed = _shortest(between, ahead, nearest, limit)
    total, stations = _all_ways(between, found, goals)
    return Chains(hops, sum(ways[node] for node in nearest), total, stations, tuple(listed))


def _nodes(graph: Graph, versions: Array) -> Array:
    versions = np.unique(np.asarray(versions, dtype=np.int32))
    virtual = neighbours(graph.virtual_start, graph.virtual_node, versions)
    return np.concatenate([versions, virtual.astype(np.int32)])


def _between(graph: Graph, starts: Array, ends: Array) -> "nx.DiGraph[Node]":
    """The nodes on some way and their edges, those out of an end or into a start left out."""
    is_on = levels(graph.out_start, graph.out_target, starts, graph.nodes) >= 0
    is_on &= levels(graph.in_start, graph.in_source, ends, graph.nodes) >= 0
    nodes = np.flatnonzero(is_on)
    places, sizes = expand(graph.out_start, nodes)
    source, target = np.repeat(nodes, sizes), graph.out_target[places]
    is_start, is_end = np.zeros((2, graph.nodes), dtype=bool)
    is_start[starts], is_end[ends] = True, True
    kept = is_on[target] & ~is_start[target] & ~is_end[source] & (source != target)
    digraph: nx.DiGraph[Node] = nx.DiGraph()
    digraph.add_nodes_from(nodes.tolist())
    digraph.add_edges_from(zip(source[kept].tolist(), target[kept].tolist(), strict=True))
    return digraph


def _layers(
    between: "nx.DiGraph[Node]", starts: set[Node]
) -> tuple[dict[Node, int], dict[Node, int]]:
    """Node -> hops from the nearest start, and in how many ways of that length."""
    ahead = dict.fromkeys(starts, 0)
    ways = dict.fromkeys(starts, 1)
    frontier: Iterable[Node] = starts
    hops = 0
    while frontier:
        hops += 1
        arrived: dict[Node, int] = defaultdict(int)
        for node in frontier:
            for target in between.successors(node):
                if target not in ahead:
                    arrived[target] += ways[node]
        ahead.update(dict.fromkeys(arrived, hops))
        ways.update(arrived)
        frontier = list(arrived)
    return ahead, ways


def _shortest(
    between: "nx.DiGraph[Node]", ahead: dict[Node, int], goals: list[Node], limit: int
) -> Iterator[tuple[Node, ...]]:
    """The first shortest ways, by their ends and then backwards by node."""
    waiting: list[tuple[Node, ...]] = [(goal,) for goal in reversed(goals)]
    while waiting and limit > 0:
        way = waiting.pop()
        if ahead[way[0]] == 0:
            limit -= 1
            yield way
            continue
        before = sorted(between.predecessors(way[0]), reverse=True)
        waiting += [(n, *way) for n in before if ahead.get(n, -1) == ahead[way[0]] - 1]


def _all_ways(between: "nx.DiGraph[Node]", starts: set[Node], goals: set[Node]) -> tuple[int, int]:
    """Ways through the condensation, and how many stations hold more than one node."""
    condensed = nx.condensation(between)
    station = condensed.graph["mapping"]
    ways: dict[int, int] = dict.fromkeys((station[node] for node in starts), 1)
    for one in nx.topological_sort(condensed):
        if number := ways.get(one, 0):
            for after in condensed.successors(one):
                ways[after] = ways.get(after, 0) + number
    leads_on = {station[node] for node in goals}
    stations = 0
    for one in reversed(list(nx.topological_sort(condensed))):
        if any(after in leads_on for after in condensed.successors(one)):
            leads_on.add(one)
        is_set = len(condensed.nodes[one]["members"]) > 1
        stations += is_set and one in leads_on and ways.get(one, 0) > 0
    return sum(ways.get(station[node], 0) for node in goals), stations
