"""The catalogue as a page of documentation (pure)."""

from typing import Any

from lifecycle.events.catalogue import KINDS, EventKind

HEAD = """# Events

What Sundial says, by webhook and to those who watch. Every event is a CloudEvents 1.0 message in
structured JSON: `specversion`, `id` (the same however often it is sent), `source` (the address of
the site), `type` (`sundial.` and the kind), `time`, `subject` (the module's package URL, where
there is one), `dataschema` and `data`. [How to receive them](../how-to/receive-webhooks.md).

The same catalogue, with JSON Schemas, is at `GET /api/v1/events/`. This page is made from it.

| kind | urgency | what happened |
|---|---|---|
"""


def catalogue_page() -> str:
    """The whole page, in Markdown."""
    rows = "".join(
        f"| `{kind.name}` | {kind.urgency.name.lower()} | {kind.description} |\n" for kind in KINDS
    )
    kinds: dict[str, list[EventKind]] = {}
    shapes: dict[str, Any] = {}
    for kind in KINDS:
        kinds.setdefault(kind.data.__name__, []).append(kind)
        shapes |= kind.schema()["$defs"]
    said = "".join(
        _section(name, f"`data` of {', '.join(f'`{kind.name}`' for kind in group)}.", shapes[name])
        for name, group in kinds.items()
    )
    parts = sorted(set(shapes) - set(kinds))
    return HEAD + rows + said + "".join(_section(name, "A part.", shapes[name]) for name in parts)


def _section(name: str, of: str, shape: dict[str, Any]) -> str:
    rows = "".join(
        f"| `{field}` | {_type(stated)} | {stated.get('description', '')} |\n"
        for field, stated in shape["properties"].items()
    )
    return f"\n## {name}\n\n{of}\n\n| field | type | meaning |\n|---|---|---|\n{rows}"


def _type(stated: dict[str, Any]) -> str:
    if "anyOf" in stated:
        return " or ".join(_type(one) for one in stated["anyOf"])
    if "$ref" in stated:
        return str(stated["$ref"].rpartition("/")[2])
    if "enum" in stated:
        return ", ".join(f"`{one}`" for one in stated["enum"])
    if stated.get("type") == "array":
        return f"list of {_type(stated['items'])}"
    return str(stated.get("format") or stated["type"])
