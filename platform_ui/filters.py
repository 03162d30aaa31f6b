"""The controls of a list page: what a filter bar can hold, read from the query string."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.http import QueryDict

Kind = Literal["search", "select", "date", "check"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select, with the number of rows it would leave, if known."""

    value: str
    label: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """One control: its query parameter, its label and, for a select, its choices."""

    name: str
    label: str
    kind: Kind = "select"
    choices: Sequence[Choice] = ()
    any_label: str = "All"


@dataclass(frozen=True, slots=True)
class Control:
    """A filter with the value the address gives it."""

    filter: Filter
    value: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, in words, and the address without it."""

    words: str
    url: str


def query_string(params: QueryDict, **changes: object) -> str:
    """The query string with these parameters set; None drops one. Always starts with "?"."""
    copy = params.copy()
    for name, value in changes.items():
        if value is None or value == "":
            copy.pop(name, None)
        else:
            copy[name] = str(value)
    return f"?{copy.urlencode()}" if copy else "?"


def controls(filters: Iterable[Filter], params: QueryDict) -> list[Control]:
    """Every filter with its present value."""
    return [Control(item, params.get(item.name, "")) for item in filters]


def _in_words(control: Control) -> str:
    if control.filter.kind == "check":
        return control.filter.label
    labels = {choice.value: choice.label for choice in control.filter.choices}
    return f"{control.filter.label}: {labels.get(control.value, control.value)}"


def chips(filters: Iterable[Filter], params: QueryDict) -> list[Chip]:
    """The filters that are on; each link drops its own and starts at the first page."""
    return [
        Chip(_in_words(control), query_string(params, **{control.filter.name: None, "page": None}))
        for control in controls(filters, params)
        if control.value
    ]


def carried(filters: Iterable[Filter], params: QueryDict) -> list[tuple[str, str]]:
    """The parameters the form does not edit and must keep: tab and sort, never the page."""
    own = {item.name for item in filters} | {"page"}
    return [(name, value) for name, values in params.lists() if name not in own for value in values]
