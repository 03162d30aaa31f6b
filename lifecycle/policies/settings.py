"""The settings a rule has of its own: typed, described, and read from what was typed (pure).

A rule's settings are a frozen dataclass whose fields are made here; from them come
the checks on save, the words of the editor and the API's description.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any

LONGEST_TABLE = 200


class InvalidSettings(ValueError):
    """Some settings are not what the rule takes; ``faults`` says which and why."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("; ".join(f"{name}: {why}" for name, why in self.faults.items()))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as an editor shows it; ``kind`` is number or table."""

    name: str
    word: str
    kind: str
    default: Any
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class NoSettings:
    """Of a rule that has none."""


def number(default: int, word: str, *, least: int = 0, most: int = 36_500) -> Any:
    """A whole number; ``word`` says what it is, unit included."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be a whole number")
        if not least <= value <= most:
            raise ValueError(f"must be from {least:,} to {most:,}")
        return value

    meta = {"word": word, "kind": "number", "read": read, "least": least, "most": most}
    return field(default=default, metadata=meta)


def table_of_days(default: Mapping[str, Mapping[str, str]], word: str) -> Any:
    """Name -> release -> the day it ends, such as ``{"node": {"18": "2025-04-30"}}``."""
    made = _read_table(default)
    return field(
        default_factory=lambda: {name: dict(releases) for name, releases in made.items()},
        metadata={"word": word, "kind": "table", "read": _read_table},
    )


def read_settings(kind: type[Any], raw: Any) -> Any:
    """The settings of that kind; what is left out has its default. Raises InvalidSettings."""
    if not isinstance(raw, Mapping):
        raise InvalidSettings({"settings": "must be an object"})
    known = {one.name: one for one in fields(kind)}
    faults = {str(name): "is no setting of this rule" for name in raw if name not in known}
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in known:
            continue
        read: Callable[[Any], Any] = known[name].metadata["read"]
        try:
            values[name] = read(value)
        except ValueError as error:
            faults[name] = str(error)
    if faults:
        raise InvalidSettings(faults)
    return kind(**values)


def settings_of(kind: type[Any]) -> tuple[Setting, ...]:
    """What a kind of settings consists of, in its order."""
    return tuple(
        Setting(
            name=one.name,
            word=one.metadata["word"],
            kind=one.metadata["kind"],
            default=one.default if one.default is not MISSING else _made(one),
            least=one.metadata.get("least"),
            most=one.metadata.get("most"),
        )
        for one in fields(kind)
    )


def written(settings: Any) -> dict[str, Any]:
    """The settings as they are stored; ``read_settings`` gives them back."""
    return {one.name: getattr(settings, one.name) for one in fields(settings)}


def _made(one: Any) -> Any:
    return one.default_factory()


def _read_table(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, Mapping):
        raise ValueError("must be an object of names, each with its releases and their last days")
    found: dict[str, dict[str, str]] = {}
    for name, releases in value.items():
        if not isinstance(releases, Mapping):
            raise ValueError(f"{name}: must be an object of releases and their last days")
        found[str(name)] = {str(release): _day(name, day) for release, day in releases.items()}
    if sum(map(len, found.values())) > LONGEST_TABLE:
        raise ValueError(f"must have at most {LONGEST_TABLE} releases")
    return found


def _day(name: Any, text: Any) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {text!r} is no day such as 2026-01-31") from error
