"""Typed readers of environment variables that fail loudly."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path


class EnvError(ValueError):
    """A setting in the environment is missing or cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: {reason}")


TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


class Env:
    """Reads settings from a mapping, by default the process environment.

    Every reader takes the variable's name and a default; without a default a
    missing variable raises EnvError, and so does a value of the wrong type.
    """

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = os.environ if values is None else values

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if value is None:
            raise EnvError(name, "is required and not set")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name)
        if value is None:
            return default
        word = value.strip().lower()
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
        raise EnvError(name, f"must be true or false, not {value!r}")

    def integer(self, name: str, *, default: int, minimum: int = 0) -> int:
        value = self._values.get(name)
        if value is None:
            return default
        try:
            number = int(value)
        except ValueError:
            raise EnvError(name, f"must be a whole number, not {value!r}") from None
        if number < minimum:
            raise EnvError(name, f"must be at least {minimum}, not {number}")
        return number

    def words(self, name: str, *, default: tuple[str, ...] = ()) -> list[str]:
        """Comma separated words, blanks dropped."""
        value = self._values.get(name)
        if value is None:
            return list(default)
        return [word.strip() for word in value.split(",") if word.strip()]

    def choices(self, name: str, of: Collection[str], *, default: tuple[str, ...]) -> list[str]:
        """Comma separated words, each one of these."""
        words = self.words(name, default=default)
        for word in words:
            if word not in of:
                raise EnvError(name, f"must hold only {', '.join(of)}, not {word!r}")
        return words

    def folder(self, name: str, *, default: Path) -> Path:
        value = self._values.get(name)
        return Path(value).expanduser().resolve() if value else default


def load_dotenv(path: Path) -> None:
    """Put the KEY=value lines of a file into the environment; what is set already wins."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        key, separator, value = entry.partition("=")
        if not separator:
            raise EnvError(key, f"line {number} of {path.name} is not KEY=value")
        os.environ.setdefault(key.strip(), value.strip().strip("\"'"))
