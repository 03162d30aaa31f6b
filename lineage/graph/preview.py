"""What publishing a version would do to the graph: who reaches it, which cycles close (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

from lineage.graph.arrays import RUNTIME, Graph
from lineage.graph.csr import Array, expand, levels
from lineage.graph.edges import current_versions, dependency_edges, dependent_edges
from lineage.graph.walks import Profiles, observed_by, walks

NEW = -1  # stands for the version that is not there yet


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that is not there yet, of the module with that index.

    ``moved`` are the requirements it would answer, ``needs`` the version nodes that its
    own runtime requirements resolve to, NEW for itself; ``needed`` the modules they name.
    """

    module: int
    moved: Array
    needs: Array
    needed: Array


def takers(graph: Graph, publication: Publication) -> Array:
    """The versions that would resolve to it at run time, ascending."""
    places, _ = expand(graph.dependents_start, np.asarray(publication.moved, dtype=np.int64))
    runtime = graph.dependents_scope[places] == RUNTIME
    return np.unique(graph.dependents_version[places[runtime]])


def reaching(graph: Graph, taking: Array) -> Array:
    """Node -> whether it would reach the version.

    Exact on today's edges: what a move takes away leaves from a taker, which reaches it.
    """
    return levels(graph.in_start, graph.in_source, taking, graph.nodes) >= 0


@dataclass(frozen=True, slots=True)
class Running:
    """Groups of live deployments of one version and profile; profile is -1 for none."""

    version: Array
    profile: Array


def picked_up(
    graph: Graph, publication: Publication, running: Running, profiles: Profiles
) -> tuple[Array, Array]:
    """Which groups would run with it at once: by their own requirement, and at any remove.

    What a deployment was observed with outranks resolution: if that states the module,
    nothing moves.
    """
    taking = takers(graph, publication)
    is_taker = np.zeros(graph.nodes, dtype=bool)
    is_taker[taking] = True
    known = running.version >= 0
    version = np.where(known, running.version, 0)
    states = _stating(graph, publication.module, running, profiles)
    direct = known & ~states & is_taker[version]
    reached = known & ~states & reaching(graph, taking)[version]
    observes = np.flatnonzero(known & ~states & (running.profile >= 0))
    reached[observes] = False
    for root, node in walks(graph, version[observes], running.profile[observes], profiles):
        reached[observes[root[is_taker[node]]]] = True
    return direct, reached


def _stating(graph: Graph, module: int, running: Running, profiles: Profiles) -> Array:
    states = np.zeros(len(running.version), dtype=bool)
    observer, observed = observed_by(profiles, running.profile)
    there = observed >= 0
    states[observer[there][graph.version_module[observed[there]] == module]] = True
    return states


def version_cycle(graph: Graph, publication: Publication) -> tuple[list[int], list[int]]:
    """A shortest cycle of versions through it, from NEW on, and all that would be in one with it.

    Both are empty if there is none; members are version nodes, without it.
    """
    needs = np.asarray(publication.needs, dtype=np.int64)
    if (needs == NEW).any():
        return [NEW], []
    taking = takers(graph, publication)
    if not len(needs) or not len(taking):
        return [], []
    is_on = reaching(graph, taking)
    is_on &= levels(graph.out_start, graph.out_target, needs.astype(np.int32), graph.nodes) >= 0
    digraph = _part(graph, publication, np.flatnonzero(is_on), taking)
    digraph.add_edges_from((NEW, int(node)) for node in needs if is_on[node])
    digraph.add_edges_from((int(node), NEW) for node in taking if is_on[node])
    part = next((s for s in nx.strongly_connected_components(digraph) if NEW in s), {NEW})
    if len(part) == 1:
        return [], []
    inside = digraph.subgraph(part)
    ways = nx.single_source_shortest_path(inside, NEW)
    last = min((len(ways[n]), n) for n in inside.predecessors(NEW))[1]
    members = sorted({int(graph.node_version[node]) for node in part if node != NEW})
    return [NEW, *(int(graph.node_version[node]) for node in ways[last][1:])], members


def _part(graph: Graph, publication: Publication, nodes: Array, taking: Array) -> "nx.DiGraph[int]":
    """These nodes with the edges that would be left among them."""
    is_on = np.zeros(graph.nodes, dtype=bool)
    is_on[nodes] = True
    places, sizes = expand(graph.out_start, nodes)
    source, target = np.repeat(nodes, sizes), graph.out_target[places]
    kept = is_on[target]
    is_taker = np.zeros(graph.nodes, dtype=bool)
    is_taker[taking] = True
    stays = dependency_edges(graph, taking[is_on[taking]])
    stays = stays.where((stays.requirement >= 0) & ~np.isin(stays.requirement, publication.moved))
    left = stays.source.astype(np.int64) * graph.nodes + stays.target
    moves = is_taker[source] & (target < graph.versions)
    kept &= ~moves | np.isin(source.astype(np.int64) * graph.nodes + target, left)
    digraph: nx.DiGraph[int] = nx.DiGraph()
    digraph.add_nodes_from([NEW, *nodes.tolist()])
    digraph.add_edges_from(zip(source[kept].tolist(), target[kept].tolist(), strict=True))
    return digraph


def module_cycles(graph: Graph, publication: Publication, *, current: Array) -> list[list[int]]:
    """Per module it newly needs and that reaches its own, a shortest cycle from its own on.

    Over the current versions of today, which the mask marks, and the new one.
    """
    module = publication.module
    own = current_versions(graph, np.array([module]), current)
    had = dependency_edges(graph, own).target_module
    wanted = np.setdiff1d(publication.needed, np.append(had, module))
    if not len(wanted):
        return []
    toward = _toward(graph, module, wanted, current)
    found = []
    for start in wanted.tolist():
        if start in toward:
            cycle = [module, start]
            while cycle[-1] != module:
                cycle.append(toward[cycle[-1]])
            found.append(cycle[:-1])
    return found


def _toward(graph: Graph, module: int, wanted: Array, current: Array) -> dict[int, int]:
    """Module -> the next one on a shortest way to the module, until all wanted are met."""
    toward: dict[int, int] = {}
    frontier: Sequence[int] = [module]
    missing = set(wanted.tolist())
    while frontier and missing:
        edges = dependent_edges(graph, np.array(frontier), current=current)
        consumer = graph.version_module[edges.source]
        fresh: dict[int, int] = {}
        for one, provider in sorted(set(zip(consumer.tolist(), edges.target_module.tolist(),
                                            strict=True))):  # fmt: skip
            if one != module and one not in toward:
                fresh.setdefault(one, provider)
        toward |= fresh
        missing -= fresh.keys()
        frontier = list(fresh)
    return toward
