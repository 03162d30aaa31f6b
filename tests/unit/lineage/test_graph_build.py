"""The arrays say what the rows say."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.graph.arrays import Graph, build
from tests.graph_strategies import pictures
from tests.graph_text import Picture, draw, module_of, parsed


def states_of(picture: Picture, graph: Graph) -> list[tuple[str, str | None]]:
    """What each node stands for, told from the locked edges that lead to it."""
    found: list[tuple[str, str | None]] = [(name, None) for name in picture.versions]
    pairs = {(picture.node[r], picture.node[e]) for r, *ends in picture.locked for e in ends}
    virtual = sorted(pair for pair in pairs if pair[0] != pair[1])
    names = picture.versions
    return found + [(names[version], names[root]) for root, version in virtual]


@given(picture=pictures())
def test_edges_are_those_a_walk_over_the_rows_takes(picture: Picture) -> None:
    graph = build(picture.input())
    states = states_of(picture, graph)
    assert len(states) == graph.nodes
    assert set(states) == picture.states()
    outward = {
        (states[source], states[target])
        for source in range(graph.nodes)
        for target in graph.out_target[graph.out_start[source] : graph.out_start[source + 1]]
    }
    inward = {
        (states[source], states[target])
        for target in range(graph.nodes)
        for source in graph.in_source[graph.in_start[target] : graph.in_start[target + 1]]
    }
    expected = {(state, after) for state in states for after in picture.successors(state)}
    assert outward == inward == expected
    assert len(graph.out_target) == len(graph.in_source) == len(expected)
    assert [states[n][0] for n in range(graph.nodes)] == picture.names(graph.node_version)


@given(picture=pictures())
def test_declared_dependencies_can_be_read_from_both_ends(picture: Picture) -> None:
    graph = build(picture.input())
    from_versions = [
        (picture.versions[v], *picture.requirements[graph.declared_requirement[place]], scope)
        for v in range(graph.versions)
        for place in range(graph.declared_start[v], graph.declared_start[v + 1])
        for scope in [int(graph.declared_scope[place])]
    ]
    from_requirements = [
        (picture.versions[graph.dependents_version[place]], *pair, scope)
        for r, pair in enumerate(picture.requirements)
        for place in range(graph.dependents_start[r], graph.dependents_start[r + 1])
        for scope in [int(graph.dependents_scope[place])]
    ]
    assert sorted(from_versions) == sorted(from_requirements) == sorted(picture.declared)


@given(picture=pictures())
def test_modules_and_lines_are_slices_of_versions(picture: Picture) -> None:
    graph = build(picture.input())
    for place, module in enumerate(picture.module_names):
        inside = picture.versions[graph.versions_of(place)]
        assert inside == [name for name in picture.versions if module_of(name) == module]
    for start, length in ((graph.major_start, 1), (graph.minor_start, 2)):
        lines = [picture.versions[a:b] for a, b in pairwise(start)]
        assert [name for line in lines for name in line] == picture.versions
        keys = [{(module_of(n), parsed(n).release[:length]) for n in line} for line in lines]
        assert all(len(key) == 1 for key in keys)
        assert len({next(iter(key)) for key in keys}) == len(lines)


@given(picture=pictures(), seed=st.integers(0, 99))
def test_the_order_of_edges_does_not_matter(picture: Picture, seed: int) -> None:
    rows = picture.input()
    random = np.random.default_rng(seed)
    declared = random.permutation(len(rows.dependency_version))
    locked = random.permutation(len(rows.locked_root))
    shuffled = dataclasses.replace(
        rows,
        dependency_version=rows.dependency_version[declared],
        dependency_requirement=rows.dependency_requirement[declared],
        dependency_scope=rows.dependency_scope[declared],
        locked_root=rows.locked_root[locked],
        locked_source=rows.locked_source[locked],
        locked_target=rows.locked_target[locked],
    )
    graph, other = build(rows), build(shuffled)
    for field in dataclasses.fields(Graph):
        assert np.array_equal(getattr(graph, field.name), getattr(other, field.name)), field.name


def test_parallel_edges_become_one() -> None:
    picture = draw("a@1.0.0 -> b@^1, b@*, b@^1?; b@1.0.0")
    graph = build(picture.input())
    assert picture.names(graph.out_target) == ["b@1.0.0"]
    assert len(graph.declared_requirement) == 3


def test_optional_and_unresolved_dependencies_make_no_edge() -> None:
    graph = build(draw("a@1.0.0 -> b@^1?, b@^9, c@*; b@1.0.0; c").input())
    assert len(graph.out_target) == 0
    assert graph.out_start.tolist() == [0] * 3


def test_rows_that_name_nothing_known_are_left_out() -> None:
    rows = draw("a@1.0.0 -> b@^1; b@1.0.0; a@1.0.0 ~> b@0.9.0 until 5").input()
    unknown = np.array([-1], dtype=np.int32)
    graph = build(
        dataclasses.replace(
            rows,
            dependency_version=unknown,
            locked_root=unknown,
            locked_source=unknown,
            locked_target=unknown,
            past_target=unknown,
        )
    )
    assert (graph.nodes, len(graph.out_target), len(graph.past_until)) == (3, 0, 0)


def test_an_empty_graph_can_be_built() -> None:
    graph = build(draw("").input())
    assert (graph.versions, graph.nodes) == (0, 0)
    assert len(graph.newest_of_modules()) == 0
    assert len(graph.version_nodes(np.empty(0))) == 0


def test_primary_keys_lead_to_nodes() -> None:
    picture = draw("a@1.0.0; b@1.0.0; b@2.0.0")
    graph = build(picture.input())
    assert graph.version_nodes(graph.version_ids[[2, 0]]).tolist() == [2, 0]
    assert graph.module_nodes(graph.module_ids[[1]]).tolist() == [1]
    for unknown in (0, 1, 10**9):
        with pytest.raises(KeyError, match=str(unknown)):
            graph.version_nodes(np.array([graph.version_ids[0], unknown]))
        with pytest.raises(KeyError):
            graph.module_nodes(np.array([unknown]))
    with pytest.raises(KeyError):
        build(draw("").input()).version_nodes(np.array([1]))


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("a@1.0.0; a@2.0.0", "a@2.0.0"),
        ("a@1.0.0; a@2.0.0-rc.1", "a@1.0.0"),
        ("a@1.0.0; a@2.0.0 (withdrawn)", "a@1.0.0"),
        ("a@1.0.0; a@2.0.0 (sunset)", "a@1.0.0"),
        ("a@1.0.0; a@2.0.0 (placeholder)", "a@1.0.0"),
        ("a@1.0.0-rc.1; a@2.0.0 (placeholder)", "a@1.0.0-rc.1"),
        ("a@1.0.0 (placeholder); a@2.0.0 (withdrawn)", "a@1.0.0"),
        ("a@1.0.0 (withdrawn); a@2.0.0 (sunset)", "a@2.0.0"),
        ("a", None),
    ],
)
def test_the_newest_version_of_a_module(text: str, newest: str | None) -> None:
    picture = draw(text)
    found = build(picture.input()).newest_of_modules()
    assert found.tolist() == [-1 if newest is None else picture.node[newest]]
