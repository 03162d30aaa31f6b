"""Scheme ``maven``: versions of any form, ordered by tokens, and ranges in brackets.

Order: maven.apache.org/pom.html#version-order-specification. Ranges:
maven.apache.org/pom.html#dependency-version-requirement-specification. A version
without brackets is what Maven calls soft: it takes that very version unless something
nearer in the tree says otherwise, so here it is an exact pin.
"""

import re
from functools import lru_cache

from lineage.versioning.brackets import bracketed, is_bracketed, pin_of
from lineage.versioning.encoding import (
    AFTER,
    MAX_RANGE_LENGTH,
    MAX_VERSION_LENGTH,
    OWN,
    number,
    word,
)
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import CompiledRange, Cut, Interval, ParsedVersion

# One token: what separates it from the one before, then digits, other text or nothing.
TOKEN = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|(?=[.-]))")
SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}  # only where a number follows
ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
BELOW = {
    "alpha": b"\x01",
    "beta": b"\x02",
    "milestone": b"\x03",
    "rc": b"\x04",
    "snapshot": b"\x05",
}
END = b"\x06"
ABOVE = {"": b"\x07", "sp": b"\x08"}
OTHER, HYPHEN_NUMBER, DOT_NUMBER = b"\x09", b"\x0a", b"\x0b"
LEADING = re.compile(r"([0-9]+)(?:\.([0-9]+))?")

Token = tuple[str, int | str]  # separator, value
BOTTOM = Cut(OWN, (OWN,))


class MavenScheme:
    """Prereleases are versions like any other: Maven's ranges make no difference."""

    name = "maven"
    matches_ranges = True

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion. Cached by text."""
        if not text or len(text) > MAX_VERSION_LENGTH:
            raise InvalidVersion(text, f"must have 1 to {MAX_VERSION_LENGTH} characters")
        return _parse(text)

    def parse_range(self, text: str) -> CompiledRange:
        """Read one requirement; raises InvalidRange. Cached by text."""
        if len(text) > MAX_RANGE_LENGTH:
            raise InvalidRange(text, f"longer than {MAX_RANGE_LENGTH} characters")
        return _compile(text)

    def major_line(self, version: ParsedVersion) -> str:
        leading = LEADING.match(version.text)
        return f"{int(leading[1])}.x" if leading else version.text

    def minor_line(self, version: ParsedVersion) -> str:
        leading = LEADING.match(version.text)
        return f"{int(leading[1])}.{int(leading[2] or 0)}.x" if leading else version.text


@lru_cache(maxsize=65_536)
def _parse(text: str) -> ParsedVersion:
    if not text.isprintable() or re.search(r"[\s\[\](),]", text):
        raise InvalidVersion(text, "holds spaces, brackets, commas or control characters")
    tokens = _trimmed(_tokens(text.lower()))
    precedence = OWN + b"".join(map(_encoded, tokens)) + END
    is_prerelease = any(value in BELOW for _, value in tokens)
    return ParsedVersion(text, precedence + b"\x01" + word(text), precedence, (), is_prerelease)


def _tokens(text: str) -> list[Token]:
    """Split at dots, hyphens and between digits and letters, which counts as a hyphen."""
    found: list[Token] = []
    matches = list(TOKEN.finditer(text))
    for place, match in enumerate(matches):
        separator, token = match.groups()
        if not token:
            found.append((separator or ".", 0))
        elif token.isdecimal():
            is_first = place == 0
            found.append((separator or ("." if is_first else "-"), int(token)))
        else:
            follower = matches[place + 1] if place + 1 < len(matches) else None
            is_short = token in SHORT and follower and follower[0][0].isdecimal()
            token = SHORT[token] if is_short else ALIASES.get(token, token)
            found.append(("-", token))
    return found


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Without the tokens that say nothing, at the end and before each hyphen."""
    kept: list[Token] = []
    for token in tokens:
        if token[0] == "-":
            _trim(kept)
        kept.append(token)
    _trim(kept)
    return kept


def _trim(tokens: list[Token]) -> None:
    while tokens and tokens[-1][1] in (0, ""):
        tokens.pop()


def _encoded(token: Token) -> bytes:
    separator, value = token
    if isinstance(value, int):
        return (DOT_NUMBER if separator == "." else HYPHEN_NUMBER) + number(value)
    known = BELOW.get(value) or ABOVE.get(value)
    return known or OTHER + word(value)


def _place(text: str) -> Cut:
    version = _parse(text)
    return Cut(version.precedence, (version.precedence,), text)


@lru_cache(maxsize=65_536)
def _compile(text: str) -> CompiledRange:
    wanted = text.strip()
    if wanted in ("", "*"):
        return CompiledRange(text, (Interval(BOTTOM, None, admits_prereleases=True),))
    try:
        if is_bracketed(wanted):
            intervals = bracketed(wanted, _place, BOTTOM, admits=True)
        else:
            low = _place(wanted)
            key = low.key + AFTER
            intervals = [Interval(low, Cut(key, (key,)), admits_prereleases=True)]
    except InvalidVersion as error:
        raise InvalidRange(text, error.reason) from error
    return CompiledRange(text, tuple(intervals), pin_of(intervals))
