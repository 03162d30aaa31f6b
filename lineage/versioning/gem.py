"""Scheme ``gem``: Ruby's versions and requirements.

Order: ruby/rubygems ``lib/rubygems/version.rb``; requirements: guides.rubygems.org/patterns,
``>= 1.2, < 2``, ``~> 1.4``. A version with a letter in it is a prerelease.
"""

import re
from functools import lru_cache

from lineage.versioning.encoding import (
    AFTER,
    MAX_RANGE_LENGTH,
    MAX_VERSION_LENGTH,
    OWN,
    number,
    word,
)
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import (
    CompiledRange,
    Cut,
    Interval,
    ParsedVersion,
    conjunction,
)

VERSION = re.compile(r"[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
SEGMENT = re.compile(r"[0-9]+|[a-zA-Z]+")
CLAUSE = re.compile(r"(=|!=|>=|<=|~>|>|<)?\s*(\S+)")

# A version goes on for ever in zeros: letters are below them, other numbers above.
TEXT, ZEROS_THEN_TEXT, END, ZEROS_THEN_NUMBER, NUMBER = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"

Segments = tuple[int | str, ...]


class GemScheme:
    """Prereleases only where the requirement names one."""

    name = "gem"
    matches_ranges = True

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion. Cached by text."""
        if len(text) > MAX_VERSION_LENGTH:
            raise InvalidVersion(text, f"longer than {MAX_VERSION_LENGTH} characters")
        return _parse(text)

    def parse_range(self, text: str) -> CompiledRange:
        """Read one requirement; raises InvalidRange. Cached by text."""
        if len(text) > MAX_RANGE_LENGTH:
            raise InvalidRange(text, f"longer than {MAX_RANGE_LENGTH} characters")
        return _compile(text)

    def major_line(self, version: ParsedVersion) -> str:
        return f"{_release(_segments(version.text))[0]}.x"

    def minor_line(self, version: ParsedVersion) -> str:
        major, minor = (*_release(_segments(version.text)), 0)[:2]
        return f"{major}.{minor}.x"


def _segments(text: str) -> Segments:
    if VERSION.fullmatch(text) is None:
        raise InvalidVersion(text, "expected numbers and letters between dots, as in 1.4.2.pre1")
    found = SEGMENT.findall(text.replace("-", ".pre."))
    return tuple(int(part) if part.isdecimal() else part for part in found)


def _release(segments: Segments) -> tuple[int, ...]:
    """The numbers before the first letter."""
    numbers: list[int] = []
    for segment in segments:
        if isinstance(segment, str):
            break
        numbers.append(segment)
    return tuple(numbers)


def _opening(segments: Segments) -> bytes:
    """The key up to its end: all that begins so, and goes on, begins with these bytes."""
    parts, zeros = [], 0
    for segment in _canonical(segments):
        if segment == 0:
            zeros += 1
            continue
        if zeros:
            # More zeros bring it closer to a version that ends here.
            is_below = isinstance(segment, str)
            parts.append(ZEROS_THEN_TEXT if is_below else ZEROS_THEN_NUMBER)
            parts.append(bytes((zeros if is_below else 255 - zeros,)))
            zeros = 0
        parts.append(NUMBER + number(segment) if isinstance(segment, int) else TEXT + word(segment))
    return OWN + b"".join(parts)


def _canonical(segments: Segments) -> Segments:
    """Without the zeros at the end of the numbers, and of all that follows them."""
    numbers = list(_release(segments))
    rest = list(segments[len(numbers) :])
    for part in (numbers, rest):
        while part and part[-1] == 0:
            part.pop()
    return (*numbers, *rest)


@lru_cache(maxsize=65_536)
def _parse(text: str) -> ParsedVersion:
    segments = _segments(text)
    precedence = _opening(segments) + END
    is_prerelease = any(isinstance(segment, str) for segment in segments)
    return ParsedVersion(text, precedence + b"\x01" + word(text), precedence, (), is_prerelease)


def _at(text: str, *, after: bytes = b"") -> Cut:
    version = _parse(text)
    key = version.precedence + after
    floor = _opening(_release(_segments(text))) + END if version.is_prerelease else key
    return Cut(key, (floor,), "" if after else text)


BOTTOM = Cut(OWN, (_opening((0,)) + END,), "0")


def _spans(text: str, operator: str, version: str) -> list[Interval]:
    at, after = _at(version), _at(version, after=AFTER)
    match operator:
        case "=":
            return [Interval(at, after)]
        case "!=":
            return [Interval(BOTTOM, at), Interval(after, None)]
        case ">":
            return [Interval(after, None)]
        case ">=":
            return [Interval(at, None)]
        case "<":
            return [Interval(BOTTOM, at)]
        case "<=":
            return [Interval(BOTTOM, after)]
        case _:
            return [Interval(at, _bumped(version))]


def _bumped(text: str) -> Cut:
    """Before the first prerelease of the release ``~>`` stays below."""
    numbers = list(_release(_segments(text)))
    if len(numbers) > 1:
        numbers.pop()
    numbers[-1] += 1
    opening = _opening(tuple(numbers))
    return Cut(opening, (opening + END,))


@lru_cache(maxsize=65_536)
def _compile(text: str) -> CompiledRange:
    wanted = text.strip()
    if not wanted.isprintable():
        raise InvalidRange(text, "holds control characters")
    clauses = [] if wanted in ("", "*") else [part.strip() for part in wanted.split(",")]
    unions: list[list[Interval]] = []
    admits = False
    for clause in clauses:
        match = CLAUSE.fullmatch(clause)
        if match is None:
            raise InvalidRange(text, "expected requirements between commas, as in >= 1.2, < 2")
        try:
            admits = admits or _parse(match[2]).is_prerelease
            unions.append(_spans(text, match[1] or "=", match[2]))
        except InvalidVersion as error:
            raise InvalidRange(text, error.reason) from error
    everything = [Interval(BOTTOM, None, admits_prereleases=admits)]
    found = tuple(conjunction([everything, *unions]))
    pin = None
    if len(found) == 1 and found[0].high and found[0].high.key == found[0].low.key + AFTER:
        pin = found[0].low.key
    return CompiledRange(text, found, pin)
