"""The scheme protocol, and which ecosystem follows which scheme."""

from typing import Protocol

from lineage.versioning.cargo import CargoScheme
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.exact import ExactScheme
from lineage.versioning.gem import GemScheme
from lineage.versioning.golang import GolangScheme
from lineage.versioning.intervals import CompiledRange, ParsedVersion
from lineage.versioning.maven import MavenScheme
from lineage.versioning.nuget import NugetScheme
from lineage.versioning.pep440 import Pep440Scheme
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


EXACT = ExactScheme()
SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        SemverScheme(),
        Pep440Scheme(),
        CargoScheme(),
        MavenScheme(),
        GolangScheme(),
        GemScheme(),
        NugetScheme(),
        EXACT,
    )
}
ECOSYSTEMS = {
    "platform": "semver",
    "npm": "semver",
    "julia": "semver",
    "pypi": "pep440",
    "cargo": "cargo",
    "maven": "maven",
    "golang": "golang",
    "gem": "gem",
    "nuget": "nuget",
}


def scheme_named(name: str) -> Scheme:
    """The scheme of a name; raises KeyError with the names there are."""
    if name not in SCHEMES:
        raise KeyError(f"no scheme {name!r}; there are {', '.join(sorted(SCHEMES))}")
    return SCHEMES[name]


def scheme_for(ecosystem: str) -> Scheme:
    """The scheme of an ecosystem; one nobody registered gets exact matching."""
    return SCHEMES[ECOSYSTEMS.get(ecosystem, EXACT.name)]


def version_in(ecosystem: str, text: str) -> ParsedVersion:
    """A version that is kept whatever it looks like: foreign where its scheme refuses it.

    Raises InvalidVersion where no scheme could take the text.
    """
    try:
        return scheme_for(ecosystem).parse_version(text)
    except InvalidVersion:
        return EXACT.parse_version(text).as_foreign()


def spellings(ecosystem: str, text: str) -> tuple[str, ...]:
    """How a version may be stored that is written so: as it is, or in its scheme's spelling."""
    try:
        canonical = scheme_for(ecosystem).parse_version(text).canonical().text
    except InvalidVersion:
        return (text,)
    return (text,) if canonical == text else (text, canonical)


def lines_in(ecosystem: str, version: ParsedVersion) -> tuple[str, str]:
    """The major and the minor line a version stands on; a foreign one stands alone."""
    scheme = EXACT if version.is_foreign else scheme_for(ecosystem)
    return scheme.major_line(version), scheme.minor_line(version)


def range_in(ecosystem: str, text: str) -> CompiledRange:
    """A range that was taken in once: it admits nothing where its scheme does not read it.

    Such a one came in while the ecosystem was matched exactly.
    """
    try:
        return scheme_for(ecosystem).parse_range(text)
    except InvalidRange:
        return CompiledRange(text, ())
