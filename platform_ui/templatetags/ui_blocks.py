"""The components that wrap what a page writes between their two tags."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

BANNER_STATES = {"good": "live", "warn": "deprecated", "bad": "failed", "frozen": "frozen"}


def _rendered(name: str, context: dict[str, Any]) -> SafeString:
    # The engine escaped every value; what the page wrote between the tags was rendered by it too.
    return mark_safe(render_to_string(f"components/{name}.html", context))  # noqa: S308


@register.simple_block_tag
def page_head(
    content: str,
    title: str,
    *,
    answer: str = "",
    meta: str = "",
    crumbs: Sequence[tuple[str, str]] = (),
) -> SafeString:
    """The head of a page: where it is, its name, the answer; actions stand in between.

    Crumbs are (words, address) pairs, the last one with an empty address.
    """
    return _rendered(
        "page_head",
        {"title": title, "answer": answer, "meta": meta, "crumbs": crumbs, "actions": content},
    )


@register.simple_block_tag
def table(content: str, caption: str, *, below: bool = False, css: str = "") -> SafeString:
    """A table with its caption, shown below or only to ears; rows stand in between."""
    return _rendered("table", {"caption": caption, "below": below, "css": css, "rows": content})


@register.simple_block_tag
def banner(content: str, kind: str = "warn", word: str = "") -> SafeString:
    """What the reader must know before trusting the page; kind good, warn, bad or frozen."""
    return _rendered(
        "banner",
        {"kind": kind, "state": BANNER_STATES[kind], "word": word, "content": content},
    )


@register.simple_block_tag
def chart(
    content: str, name: str, title: str, figure: Mapping[str, Any], summary: str
) -> SafeString:
    """A figure that Plotly draws, and its table twin in between; name is unique on the page."""
    return _rendered(
        "chart",
        {
            "name": name,
            "figure_id": f"{name}-figure",
            "title": title,
            "figure": figure,
            "summary": summary,
            "twin": content,
        },
    )
