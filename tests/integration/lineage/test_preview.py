"""A preview is what then happens: the version is published, and the two are compared."""

import random

import networkx as nx
import numpy as np
import pytest
from django.db import transaction

from lineage.graph.arrays import Graph
from lineage.graph.edges import dependency_edges
from lineage.models import Deployment
from lineage.resolution.registry import Clause
from lineage.resolution.registry import Need as Needed
from lineage.selectors.dependencies import direct_dependencies
from lineage.selectors.dependents import edges_into
from lineage.selectors.preview import Preview, preview_of
from lineage.selectors.preview_conflicts import UNSHRUNK
from lineage.selectors.preview_needs import Need
from lineage.selectors.registry import known_versions
from lineage.selectors.view import View, current_view
from lineage.versioning import parse_range
from tests.factories.platform import NOW, module, platform, version
from tests.queries import asked
from tests.registries import Small, solvable

pytestmark = pytest.mark.django_db

NAMES = "abcde"
NUMBERS = ("1.0.0", "1.1.0", "2.0.0")
FRESH = ("1.2.0", "2.1.0", "3.0.0", "2.1.0-rc.1", "0.9.0")
RANGES = ("*", "^1", "^2", ">=1.1", "=1.0.0", "<2", "~1.2", "^2.1.0-0", "^9")
REGISTRIES = 40


def published(rng: random.Random) -> list[str | dict]:
    facts: list[str | dict] = []
    for name in NAMES:
        for number in rng.sample(NUMBERS, rng.randint(1, 3)):
            needs = [f"{one}@{rng.choice(RANGES)}" for one in rng.sample(NAMES, rng.randint(0, 2))]
            arrow = f" -> {', '.join(needs)}" if needs else ""
            facts.append(f"{name} {number} by team-{name}{arrow}")
    known = [str(fact).split()[:2] for fact in facts]
    for place in range(6):
        name, number = rng.choice(known)
        stated = rng.sample(known, rng.randint(0, 2))
        seen = ", ".join(f"{one}@{text}" for one, text in dict(stated).items())
        where = rng.choice(["prod", "test"])
        facts.append(
            f"{place}/{where} runs {name} {number} in {where}" + (f" with {seen}" if seen else "")
        )
    if rng.random() < 0.4:
        name, number = rng.choice(known)
        facts.append({"type": "yank", "module": name, "version": number})
    return facts


def preview(name: str, number: str, *needs: tuple[str, str]) -> Preview:
    wanted = [Need("platform", one, range) for one, range in needs]
    return preview_of(module(name), number, wanted, now=NOW)


@pytest.mark.parametrize("seed", range(REGISTRIES))
def test_what_is_predicted_is_what_happens(seed: int) -> None:
    rng = random.Random(seed)
    platform(*published(rng))
    name, number = rng.choice(NAMES), rng.choice(FRESH)
    needs = [(one, rng.choice(RANGES)) for one in rng.sample(NAMES, rng.randint(0, 2))]
    before = current_view(NOW)
    was_current = {int(before.graph.version_ids[n]) for n in np.flatnonzero(before.is_current)}
    told = preview(name, number, *needs)
    arrow = f" -> {', '.join(f'{one}@{range}' for one, range in needs)}" if needs else ""
    platform(f"{name} {number}{arrow}")
    after = current_view(NOW)
    new = version(f"{name}@{number}")
    node = int(after.node_of([new.pk])[0])
    live = told.live
    reached = live.reached_prod, live.reached_preprod
    assert reached == tuple(after.usage.version_live[node].tolist())
    for shares in (live.environments, live.teams):
        assert sum(share.reached for share in shares) == sum(reached)
    assert (live.direct_prod, live.direct_preprod) == runs_directly(new.pk, name)
    edges = edges_into(after, module(name))
    kept = np.array([int(after.graph.version_ids[n]) in was_current for n in edges.consumer])
    edges = edges.where(kept.astype(bool))
    assert sorted(row.consumer.pk for row in told.takers) == sorted(
        int(after.graph.version_ids[n]) for n in edges.consumer[edges.target == node]
    )
    assert told.total_takers + told.total_behind == len(edges.consumer)
    assert {(d.need.module, d.need.range, d.resolved) for d in told.dependencies} == {
        (row.module.name, row.declared, row.resolved.version if row.resolved else None)
        for row in direct_dependencies(new, now=NOW)
    }
    assert told.is_newest == (int(after.newest[after.graph.version_module[node]]) == node)
    cycles_are_those_that_closed(told, after, node)
    rings_are_those_that_closed(told, after, node, was_current)
    heads = {int(before.graph.version_ids[n]) for n in before.newest if n >= 0}
    conflicts_are_true(told, after, new.pk, heads)


def runs_directly(pk: int, name: str) -> tuple[int, int]:
    counts = [0, 0]
    for one in Deployment.objects.filter(ended_at=None).select_related("environment", "version"):
        takes = one.version.dependencies.filter(requirement__resolved_version_id=pk, scope=0)
        states = one.profile and one.profile.versions.filter(module__name=name).exists()
        if takes.exists() and not states:
            counts[one.environment.tier != "prod"] += 1
    return counts[0], counts[1]


def cycles_are_those_that_closed(told: Preview, after: View, node: int) -> None:
    graph = after.graph
    digraph = nx.DiGraph()
    digraph.add_node(node)
    for source in range(graph.nodes):
        for target in graph.out_target[graph.out_start[source] : graph.out_start[source + 1]]:
            digraph.add_edge(source, int(target))
    part = next(p for p in nx.strongly_connected_components(digraph) if node in p)
    is_cyclic = len(part) > 1 or digraph.has_edge(node, node)
    assert bool(told.version_cycle) == is_cyclic
    if len(part) > 1 and not digraph.has_edge(node, node):
        assert told.cycle_members == len(part) - 1
        shortest = min(
            nx.shortest_path_length(digraph, one, node) for one in digraph.successors(node)
            if nx.has_path(digraph, one, node)
        )  # fmt: skip
        assert len(told.version_cycle) == shortest + 1


def rings_are_those_that_closed(
    told: Preview, after: View, node: int, was_current: set[int]
) -> None:
    """Over the consumers of before and the new version, by declared modules alone."""
    graph = after.graph
    mask = np.array([int(pk) in was_current for pk in graph.version_ids])
    old = modules_of(graph, mask)
    mask[node] = True
    new = modules_of(graph, mask)
    own = int(graph.version_module[node])
    closing = {
        target
        for source, target in new.edges
        if source == own and not old.has_edge(own, target) and nx.has_path(new, target, own)
    }
    names = {int(pk): index for index, pk in enumerate(graph.module_ids)}
    assert {names[module(ring[1]).pk] for ring in told.module_cycles} == closing
    for ring in told.module_cycles:
        start = names[module(ring[1]).pk]
        assert len(ring) == nx.shortest_path_length(new, start, own) + 1


def modules_of(graph: Graph, current: np.ndarray) -> nx.DiGraph:
    edges = dependency_edges(graph, np.flatnonzero(current))
    consumers = graph.version_module[edges.source].tolist()
    digraph = nx.DiGraph(zip(consumers, edges.target_module.tolist(), strict=True))
    digraph.add_nodes_from(range(len(graph.module_ids)))
    digraph.remove_edges_from(list(nx.selfloop_edges(digraph)))
    return digraph


def conflicts_are_true(told: Preview, after: View, new: int, heads: set[int]) -> None:
    """Tried again on the published version by a solver that tries everything."""
    modules = [module(name) for name in NAMES]
    versions, needs = known_versions(after, modules)
    small = Small(versions, {}, [])
    places = {one.id: (name, i) for name, rows in versions.items() for i, one in enumerate(rows)}
    for name, rows in versions.items():
        for place in range(len(rows)):
            small.needs[name, place] = needs(small.registry.candidate(name, place))

    def fits(*ids: int) -> bool:
        pins = []
        for pk in ids:
            name, place = places[pk]
            text = versions[name][place].parsed.text
            pins.append(Needed(name, parse_range(f"={text}")))
        stated = [clause for clause in small.clauses if clause.consumer is not None]
        return solvable(small, [*(Clause(None, pin) for pin in pins), *stated])

    assert bool(told.checked.own) == (not fits(new))
    if told.checked.own:
        return
    assert told.checked.checked == told.checked.checkable
    named = {one.name for one in told.checked.consumers}
    for row in told.takers:
        pk = row.consumer.pk
        if pk in heads:
            assert (str(row.consumer) in named) == (fits(pk) and not fits(pk, new))


def test_a_hub_patch_is_told_by_environment_and_team() -> None:
    platform(
        "hub 1.0.0", "hub 2.0.0", "tv 1.0.0 by tv -> hub@^1", "web 1.0.0 by web -> tv@*",
        "old 1.0.0 -> hub@=1.0.0", "far 1.0.0 -> hub@^2",
        "tv/prod runs tv 1.0.0 in prod", "tv/test runs tv 1.0.0 in test with hub@1.0.0",
        "web/prod runs web 1.0.0 in prod",
    )  # fmt: skip
    told = preview("hub", "1.1.0")
    assert [str(row.consumer) for row in told.takers] == ["tv 1.0.0"]
    assert {str(row.consumer): row.reason for row in told.behind} == {
        "old 1.0.0": "its range excludes it",
        "far 1.0.0": "its range excludes it",
    }
    live = told.live
    assert (live.direct_prod, live.reached_prod, live.reached_preprod) == (1, 2, 0)
    assert live.observed == 1
    assert [(s.name, s.direct, s.reached) for s in told.live.environments] == [("prod", 1, 2)]
    assert [(s.name, s.direct, s.reached) for s in told.live.teams] == [("tv", 1, 1), ("web", 0, 1)]
    assert not told.is_newest


def test_what_it_needs_and_cannot_have_is_said() -> None:
    platform("hub 1.0.0", "json 1.0.0", {"type": "yank", "module": "json", "version": "1.0.0"})
    told = preview("hub", "1.1.0", ("ghost", "^1"), ("json", "=1.0.0"), ("json", "^2"))
    assert [one.problem for one in told.problems] == [
        "Nobody published ghost.",
        "json 1.0.0 is withdrawn.",
        "No version of json satisfies ^2.",
    ]


def test_a_tree_that_would_no_longer_fit_together_is_explained() -> None:
    platform("app 1.0.0 -> hub@^1, json@^1", "hub 1.0.0", "json 1.0.0", "json 2.0.0")
    (conflict,) = preview("hub", "1.1.0", ("json", "^2")).checked.consumers
    assert conflict.name == "app 1.0.0"
    assert conflict.sentences[-1] == "No version of json satisfies both ^1 and ^2."
    assert preview("hub", "1.1.0", ("json", "*")).checked.consumers == []


def test_a_conflict_that_takes_too_long_to_shrink_is_named_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr("lineage.selectors.preview_conflicts.MOST_SHRINKING", 2)
    platform("app 1.0.0 -> hub@^1, json@^1", "hub 1.0.0", "json 1.0.0", "json 2.0.0")
    (conflict,) = preview("hub", "1.1.0", ("json", "^2")).checked.consumers
    assert (conflict.name, conflict.sentences) == ("app 1.0.0", (UNSHRUNK,))


def test_a_preview_changes_nothing_and_costs_the_same_for_any_number_of_consumers() -> None:
    costs = []
    for last in (10, 60):
        facts = [f"app-{n} 1.0.0 -> hub@^1" for n in range(last)]
        runs = [f"app-{n}/prod runs app-{n} 1.0.0 in prod" for n in range(last)]
        platform("hub 1.0.0", *facts, *runs)
        with transaction.atomic():
            costs.append(asked(lambda: preview("hub", "1.1.0")))
    assert len(set(costs)) == 1
    assert costs[0] <= 40
