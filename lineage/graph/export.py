"""Export: a graph of names as GraphML, DOT or node-link JSON for other programs (pure)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

Value = str | int
# What XML 1.0 cannot hold, not even escaped; a carriage return would come back as a line feed.
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its content, its media type and the ending of its name."""

    content: bytes
    media_type: str
    ending: str


MEDIA_TYPES = {
    "graphml": "application/graphml+xml",
    "dot": "text/vnd.graphviz",
    "json": "application/json",
}
FORMATS = tuple(MEDIA_TYPES)


def export(digraph: "nx.DiGraph[str]", format: str) -> Export:
    """The graph with the attributes of itself, its nodes and its edges: texts and whole numbers.

    All formats hold the same; what XML cannot hold becomes U+FFFD in GraphML. Raises
    ValueError for a format that is none of FORMATS.
    """
    match format:
        case "graphml":
            content = "\n".join(nx.generate_graphml(_xml_safe(digraph)))
        case "dot":
            content = _dot(digraph)
        case "json":
            content = json.dumps(nx.node_link_data(digraph, edges="edges"), ensure_ascii=False)
        case _:
            raise ValueError(f"no format {format!r}; there are {', '.join(FORMATS)}")
    return Export(content.encode(), MEDIA_TYPES[format], format)


def _xml_safe(digraph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    safe: nx.DiGraph[str] = nx.DiGraph()
    safe.graph.update(_safe(digraph.graph))
    safe.add_nodes_from((_text(node), _safe(data)) for node, data in digraph.nodes(data=True))
    safe.add_edges_from(
        (_text(source), _text(target), _safe(data))
        for source, target, data in digraph.edges(data=True)
    )
    return safe


def _safe(data: Mapping[str, Value]) -> dict[str, Value]:
    return {name: _text(value) if isinstance(value, str) else value for name, value in data.items()}


def _text(value: str) -> str:
    return NOT_XML.sub("\ufffd", value)


def _dot(digraph: "nx.DiGraph[str]") -> str:
    """In the DOT language; written here because writers at hand do not quote hostile names."""
    lines = ["digraph {", f"  graph{_attributes(digraph.graph)};"]
    lines += [f"  {_quoted(node)}{_attributes(data)};" for node, data in digraph.nodes(data=True)]
    lines += [
        f"  {_quoted(source)} -> {_quoted(target)}{_attributes(data)};"
        for source, target, data in digraph.edges(data=True)
    ]
    return "\n".join([*lines, "}", ""])


def _attributes(data: Mapping[str, Value]) -> str:
    pairs = ", ".join(f"{_quoted(name)}={_quoted(str(value))}" for name, value in data.items())
    return f" [{pairs}]" if pairs else ""


def _quoted(text: str) -> str:
    r"""A quoted string: ``\"`` is its only escape, and ``\\`` what programs draw as ``\``."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
