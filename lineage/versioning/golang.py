"""Scheme ``golang``: semantic versions with a ``v``, and minimum versions.

go.dev/ref/mod#versions and #minimal-version-selection: a requirement ``v1.2.3`` admits
that version and all above it, and Go takes the lowest that serves everybody. A module
path holds one major version (v0 and v1, or the one of its suffix), so the range needs
no upper end; ``+incompatible`` and pseudo-versions are versions like any other.
"""

import re
from functools import lru_cache

from lineage.versioning.encoding import (
    MAX_RANGE_LENGTH,
    MAX_VERSION_LENGTH,
    OWN,
    semantic_precedence,
    word,
)
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import CompiledRange, Cut, Interval, ParsedVersion
from lineage.versioning.semver import SemverScheme

SPELLING = re.compile(r"v?[0-9][^\s]*", re.ASCII)
_SEMVER = SemverScheme()


class GolangScheme:
    """Takes the lowest; ``*`` is the newest release, else the newest there is."""

    name = "golang"
    matches_ranges = True

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion. Cached by text."""
        if len(text) > MAX_VERSION_LENGTH:
            raise InvalidVersion(text, f"longer than {MAX_VERSION_LENGTH} characters")
        return _parse(text)

    def parse_range(self, text: str) -> CompiledRange:
        """Read a minimum version; raises InvalidRange. Cached by text."""
        if len(text) > MAX_RANGE_LENGTH:
            raise InvalidRange(text, f"longer than {MAX_RANGE_LENGTH} characters")
        return _compile(text)

    def major_line(self, version: ParsedVersion) -> str:
        return f"v{_release(version.text)[0]}.x"

    def minor_line(self, version: ParsedVersion) -> str:
        major, minor, _ = _release(version.text)
        return f"v{major}.{minor}.x"


def _release(text: str) -> tuple[int, int, int]:
    major, minor, patch = _SEMVER.parse_version(text).release
    return major, minor, patch


@lru_cache(maxsize=65_536)
def _parse(text: str) -> ParsedVersion:
    if SPELLING.fullmatch(text) is None:
        raise InvalidVersion(text, "expected v, major.minor.patch, as in v1.4.2")
    read = _SEMVER.parse_version(text)
    canonical = f"v{read.canonical().text}"
    precedence = OWN + read.precedence
    key = OWN + read.key + b"\x01" + word(canonical)
    return ParsedVersion(text, key, precedence, (), read.is_prerelease, canonical)


@lru_cache(maxsize=65_536)
def _compile(text: str) -> CompiledRange:
    wanted = text.strip()
    if wanted in ("", "*"):
        return CompiledRange(text, (Interval(BOTTOM, None),), falls_back=True)
    try:
        low = _parse(wanted)
    except InvalidVersion as error:
        raise InvalidRange(text, "expected one minimum version, as in v1.4.2") from error
    release = _release(wanted)
    floor = OWN + semantic_precedence(release, ())
    cut = Cut(low.precedence, (floor,), low.canonical().text)
    return CompiledRange(text, (Interval(cut, None, admits_prereleases=True),), takes_lowest=True)


BOTTOM = Cut(OWN, (OWN + semantic_precedence((0, 0, 0), ()),), "v0.0.0")
