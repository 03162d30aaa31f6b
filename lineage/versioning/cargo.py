"""Scheme ``cargo``: semantic versions with Cargo's requirements.

Grammar: doc.rust-lang.org/cargo/reference/specifying-dependencies.html; a comma means
and, and a version alone means ``^``. Each requirement means what node-semver's of the
same spelling does, so it is put into that grammar and compiled there; the rule on
prereleases is the same too.
"""

import re
from dataclasses import replace
from functools import lru_cache

from lineage.versioning.encoding import MAX_RANGE_LENGTH
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import CompiledRange, ParsedVersion
from lineage.versioning.semver import MAX_COMPONENT, SemverScheme

_NUMBER = r"(?:0|[1-9][0-9]{0,19})"
_WORDS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
FULL = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_WORDS})?(?:\+{_WORDS})?"
CLAUSE = re.compile(
    rf"(?P<operator>=|>=|<=|>|<|~|\^)?\s*(?P<version>{FULL}|{_NUMBER}(?:\.{_NUMBER})?)"
)
WILDCARD = re.compile(rf"=?\s*({_NUMBER}\.)?(?(1)({_NUMBER}\.)?)[*xX](?(1)(?(2)|(?:\.[*xX])?))")
_SEMVER = SemverScheme()


class CargoScheme(SemverScheme):
    """Semantic versions, spelled in full; prereleases by node-semver's rule."""

    name = "cargo"

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion."""
        version = super().parse_version(text)
        if version.canonical_text != text:
            raise InvalidVersion(text, "expected major.minor.patch and no more, as in 1.4.2")
        return version

    def parse_range(self, text: str) -> CompiledRange:
        """Read a requirement; raises InvalidRange. Cached by text."""
        if len(text) > MAX_RANGE_LENGTH:
            raise InvalidRange(text, f"longer than {MAX_RANGE_LENGTH} characters")
        return _compile(text)


@lru_cache(maxsize=65_536)
def _compile(text: str) -> CompiledRange:
    wanted = text.strip()
    clauses = [] if wanted in ("", "*") else wanted.split(",")
    translated = " ".join(_translated(text, clause.strip()) for clause in clauses)
    return replace(_SEMVER.parse_range(translated or "*"), text=text)


def _translated(text: str, clause: str) -> str:
    if WILDCARD.fullmatch(clause):
        return clause.removeprefix("=").strip()
    match = CLAUSE.fullmatch(clause)
    if match is None:
        raise InvalidRange(text, "expected requirements between commas, as in ^1.2, <1.5")
    numbers = re.split(r"[.+-]", match["version"])[:3]
    if any(part.isdecimal() and int(part) > MAX_COMPONENT for part in numbers):
        raise InvalidRange(text, f"a component is greater than {MAX_COMPONENT}")
    version = match["version"].partition("+")[0]
    return f"{match['operator'] or '^'}{version}"
