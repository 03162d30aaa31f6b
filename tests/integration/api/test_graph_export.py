"""Exports hold what the graph's answer holds, whatever the names are."""

import io
import json
from typing import Any

import networkx as nx
import pydot
import pytest
from rest_framework.test import APIClient

from lineage.graph.export import export
from lineage.selectors import graph as selector
from tests.factories.people import api_client, person
from tests.factories.platform import module, platform

pytestmark = pytest.mark.django_db
HOSTILE = ('a"b', "a<b&c>d", "naïve/→ 🌞", "back\\slash\\", "node", "x;y=[z]", "it's: 100%", "]]>")


def record(name: str, *needs: str) -> dict[str, Any]:
    dependencies = [{"module": need, "range": ">=1.0.0 <2.0.0"} for need in needs]
    return {"type": "version", "module": name, "version": "1.0.0", "dependencies": dependencies}


@pytest.fixture
def client(db: None) -> APIClient:
    return api_client(person("otto"))


@pytest.fixture
def hostile(db: None) -> None:
    platform(record("hub", HOSTILE[0]), *(record(name, "hub") for name in HOSTILE))


def read(format: str, content: bytes) -> "nx.DiGraph[str]":
    """The graph as another program reads it; DOT's texts as it draws them."""
    if format == "graphml":
        return nx.read_graphml(io.BytesIO(content))
    if format == "json":
        return nx.node_link_graph(json.loads(content), edges="edges")
    (parsed,) = pydot.graph_from_dot_data(content.decode())
    graph = nx.DiGraph(**attributes(parsed.get_graph_defaults()[0]))
    for node in parsed.get_nodes():
        if node.get_name() != "graph":
            graph.add_node(text(node.get_name()), **attributes(node.get_attributes()))
    for edge in parsed.get_edges():
        ends = text(edge.get_source()), text(edge.get_destination())
        graph.add_edge(*ends, **attributes(edge.get_attributes()))
    return graph


def attributes(data: dict[str, str]) -> dict[str, Any]:
    plain = {text(name): text(value) for name, value in data.items()}
    return {name: int(v) if name in NUMBERS else v for name, v in plain.items()}


def text(quoted: str) -> str:
    return quoted.removeprefix('"').removesuffix('"').replace('\\"', '"').replace("\\\\", "\\")


NUMBERS = {"live", "hops", "is_locked", "depth", "shown", "total", "epoch"}


# pydot's parser calls pyparsing by names that pyparsing has renamed.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("format", ["graphml", "dot", "json"])
def test_a_file_read_back_is_the_answer(client: APIClient, hostile: None, format: str) -> None:
    address = "/api/v1/modules/platform/hub/graph/?depth=2"
    answer = client.get(address).json()
    response = client.get(f"{address}&export={format}")
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="hub-graph.{format}"'
    found = read(format, response.content)
    nodes = {node["module"]["purl"]: node for node in answer["nodes"]}
    assert set(found.nodes) == set(nodes)
    assert {found.nodes[n]["label"] for n in nodes} == {"hub", *HOSTILE}
    for purl, node in nodes.items():
        assert found.nodes[purl]["label"] == node["module"]["name"]
        assert (found.nodes[purl]["hops"], found.nodes[purl]["live"]) == (node["column"], 0)
    edges = {(edge["source"], edge["target"]): edge for edge in answer["edges"]}
    assert set(found.edges) == set(edges)
    for ends, edge in edges.items():
        assert found.edges[ends]["declared"] == edge["declared"] == ">=1.0.0 <2.0.0"
        assert found.edges[ends]["resolved"] == edge["resolved"]
    assert (found.graph["shown"], found.graph["total"]) == (answer["shown"], answer["total"])


def test_a_capped_file_and_a_capped_answer_tell_the_true_count(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform(record("hub"), *(record(f"app-{n:02}", "hub") for n in range(30)))
    answer = client.get("/api/v1/modules/platform/hub/graph/?limit=11").json()
    assert (answer["shown"], answer["total"]) == (11, 31)
    assert (len(answer["nodes"]), answer["totals"]) == (11, {"-1": 30, "0": 1})
    monkeypatch.setattr(selector, "MOST_EXPORTED", 7)
    content = client.get("/api/v1/modules/platform/hub/graph/?export=graphml").content
    found = read("graphml", content)
    assert (len(found), found.graph["shown"], found.graph["total"]) == (7, 7, 31)


@pytest.mark.parametrize("query", ["export=svg", "format=graphml", "limit=0", "depth=9"])
def test_what_is_not_offered_is_refused(client: APIClient, hostile: None, query: str) -> None:
    assert client.get(f"/api/v1/modules/platform/hub/graph/?{query}").status_code in (400, 404)


def test_texts_that_xml_cannot_hold_are_replaced_and_line_ends_stay_in_line() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(note="a\x00b\x1b")
    graph.add_node("n", label='two\nlines "\\')
    assert read("graphml", export(graph, "graphml").content).graph["note"] == "a\ufffdb\ufffd"
    dot = export(graph, "dot").content.decode()
    assert r'"label"="two\nlines \"\\"' in dot
    with pytest.raises(ValueError, match="no format"):
        export(graph, "svg")


def test_the_page_links_the_files(client: APIClient, hostile: None) -> None:
    client.force_login(person("mia"))
    page = client.get("/graph/?module=hub&depth=2&direction=dependents").content.decode()
    for format in ("graphml", "dot", "json"):
        query = f"?direction=dependents&amp;depth=2&amp;export={format}"
        assert f'href="/api/v1/modules/platform/hub/graph/{query}"' in page
    assert module("hub").purl == "pkg:platform/hub"
