"""Scheme ``semver``: semantic versions with node-semver's range grammar.

Grammar: github.com/npm/node-semver; ranges are parsed by the ``node-semver``
package, once per distinct text. Order: semver.org 2.0.0, item 11; versions apart
only by ``+build`` tie there, and are ordered here by their build identifiers
compared as prerelease identifiers are, none first, then by text.
"""

import re
from functools import lru_cache
from typing import Any

import nodesemver

from lineage.versioning.encoding import (
    AFTER,
    MAX_RANGE_LENGTH,
    MAX_VERSION_LENGTH,
    identifiers,
    semantic_precedence,
)
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import (
    CompiledRange,
    Cut,
    Interval,
    ParsedVersion,
    Release,
)

MAX_COMPONENT = 2**53 - 1  # node-semver refuses what JavaScript cannot count
ZERO = Cut(b"", (0, 0, 0))

_NUMBER = r"(0|[1-9][0-9]{0,15})"
_WORD = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
VERSION = re.compile(
    rf"\s*[v=]?\s*{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-({_WORD}(?:\.{_WORD})*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?\s*",
    re.ASCII,
)


class SemverScheme:
    """Semantic versions; ``matches_ranges`` says that ranges mean more than equality."""

    name = "semver"
    matches_ranges = True

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion."""
        if len(text) > MAX_VERSION_LENGTH:
            raise InvalidVersion(text, f"longer than {MAX_VERSION_LENGTH} characters")
        match = VERSION.fullmatch(text)
        if match is None:
            raise InvalidVersion(text, "expected major.minor.patch, as in 1.4.2")
        major, minor, patch, pre, build = match.groups()
        release = (int(major), int(minor), int(patch))
        if max(release) > MAX_COMPONENT:
            raise InvalidVersion(text, f"a component is greater than {MAX_COMPONENT}")
        precedence = semantic_precedence(release, tuple(pre.split(".")) if pre else ())
        key = precedence
        if build:
            key += b"\x01" + identifiers(tuple(build.split("."))) + build.encode()
        spelling = text.strip().lstrip("v=").lstrip()
        return ParsedVersion(text, key, precedence, release, pre is not None, spelling)

    def parse_range(self, text: str) -> CompiledRange:
        """Read one range; raises InvalidRange. Cached by text."""
        return _compile(text)

    def major_line(self, version: ParsedVersion) -> str:
        return f"{version.release[0]}.x"

    def minor_line(self, version: ParsedVersion) -> str:
        return f"{version.release[0]}.{version.release[1]}.x"


@lru_cache(maxsize=131_072)
def _compile(text: str) -> CompiledRange:
    if len(text) > MAX_RANGE_LENGTH:
        raise InvalidRange(text, f"longer than {MAX_RANGE_LENGTH} characters")
    if not text.isascii() or not text.replace("\t", " ").isprintable():
        raise InvalidRange(text, "holds characters no range has")
    try:
        alternatives = nodesemver.make_range(text, False).set
    except (ValueError, AttributeError, TypeError, IndexError, RecursionError) as error:
        raise InvalidRange(text, "not in node-semver's grammar") from error
    intervals = []
    for comparators in alternatives:
        interval = _interval(comparators)
        if interval is not None:
            intervals.append(interval)
    return CompiledRange(text, tuple(intervals), _pin(intervals))


def _interval(comparators: list[Any]) -> Interval | None:
    """The conjunction of one alternative's comparators, None when nothing can satisfy it."""
    low, high = ZERO, None
    opted: set[Release] = set()
    for comparator in comparators:
        semver = comparator.semver
        if not hasattr(semver, "major"):  # the comparator that admits anything
            continue
        release = (semver.major, semver.minor, semver.patch)
        pre = tuple(str(word) for word in semver.prerelease)
        if pre:
            opted.add(release)
        precedence = semantic_precedence(release, pre)
        before = Cut(precedence, release)
        after = Cut(precedence + AFTER, release if pre else (*release[:2], release[2] + 1))
        starts, ends = _cuts(comparator.operator, before, after)
        if starts is not None and starts.key > low.key:
            low = starts
        if ends is not None and (high is None or ends.key < high.key):
            high = ends
    if high is not None and high.key <= low.key:
        return None
    return Interval(low, high, frozenset(opted))


def _cuts(operator: str, before: Cut, after: Cut) -> tuple[Cut | None, Cut | None]:
    match operator:
        case ">=":
            return before, None
        case ">":
            return after, None
        case "<":
            return None, before
        case "<=":
            return None, after
        case _:
            return before, after


def _pin(intervals: list[Interval]) -> bytes | None:
    if len(intervals) != 1:
        return None
    low, high = intervals[0].low, intervals[0].high
    is_pin = high is not None and high.key == low.key + AFTER
    return low.key if is_pin else None
