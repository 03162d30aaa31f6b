"""What an audit entry rests on and what it changed, in plain words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
MOST_LISTED = 20
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and what is said of it."""

    term: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """A term as it was and as it became; a dash where there was or is none."""

    term: str
    before: str
    after: str


def facts_of(said: Any) -> list[Fact]:
    """The terms of a mapping by name, as databases keep no order; anything else has none."""
    if not isinstance(said, Mapping):
        return []
    return [Fact(_term(name), words_of(value)) for name, value in sorted(said.items())]


def changes_of(before: Any, after: Any) -> list[Change]:
    """Each term that either side has, by name."""
    first = before if isinstance(before, Mapping) else {}
    second = after if isinstance(after, Mapping) else {}
    return [
        Change(_term(name), words_of(first.get(name)), words_of(second.get(name)))
        for name in sorted({*first, *second})
    ]


def words_of(value: Any) -> str:
    """A stored value as words; of a long list the first and how many more."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case Mapping():
            parts = [f"{_term(name)} {words_of(part)}" for name, part in value.items()]
            return ", ".join(parts) or NOTHING
        case Sequence() if not isinstance(value, str):
            return _listed(value)
        case str() if INSTANT.match(value):
            return _instant(value)
        case _:
            return str(value)


def _instant(text: str) -> str:
    """An instant as it was stored, to the minute in UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at.tzinfo else text


def _listed(values: Sequence[Any]) -> str:
    shown = "; ".join(words_of(value) for value in values[:MOST_LISTED])
    more = len(values) - MOST_LISTED
    return f"{shown}; and {more:,} more" if more > 0 else shown or NOTHING


def _term(name: object) -> str:
    return str(name).replace("_", " ")
