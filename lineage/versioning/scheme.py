"""The scheme protocol, and which ecosystem follows which scheme."""

from typing import Protocol

from lineage.versioning.exact import ExactScheme
from lineage.versioning.intervals import CompiledRange, ParsedVersion
from lineage.versioning.semver import SemverScheme


class Scheme(Protocol):
    """How the versions of an ecosystem are read, ordered and matched."""

    @property
    def name(self) -> str: ...

    @property
    def matches_ranges(self) -> bool: ...

    def parse_version(self, text: str) -> ParsedVersion: ...

    def parse_range(self, text: str) -> CompiledRange: ...

    def major_line(self, version: ParsedVersion) -> str: ...

    def minor_line(self, version: ParsedVersion) -> str: ...


SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (SemverScheme(), ExactScheme())}
ECOSYSTEMS = {"platform": "semver", "npm": "semver", "julia": "semver"}


def scheme_named(name: str) -> Scheme:
    """The scheme of a name; raises KeyError with the names there are."""
    if name not in SCHEMES:
        raise KeyError(f"no scheme {name!r}; there are {', '.join(sorted(SCHEMES))}")
    return SCHEMES[name]


def scheme_for(ecosystem: str) -> Scheme:
    """The scheme of an ecosystem; one nobody registered gets exact matching."""
    return SCHEMES[ECOSYSTEMS.get(ecosystem, "exact")]
