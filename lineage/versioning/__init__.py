"""Versions and ranges: parse, order, match.

Every function takes text or what parsing it returned, and ``scheme``, the name of
a version scheme. All raise InvalidVersion or InvalidRange, both ValueErrors.
"""

from collections.abc import Iterable

from lineage.versioning.errors import InvalidRange, InvalidVersion, VersioningError
from lineage.versioning.intervals import CompiledRange, Cut, ParsedVersion
from lineage.versioning.scheme import (
    Scheme,
    lines_in,
    range_in,
    scheme_for,
    scheme_named,
    spellings,
    version_in,
)

__all__ = [
    "CompiledRange",
    "InvalidRange",
    "InvalidVersion",
    "ParsedVersion",
    "Scheme",
    "VersioningError",
    "intersects",
    "is_subset",
    "lines_in",
    "max_satisfying",
    "min_version",
    "parse_range",
    "parse_version",
    "range_in",
    "satisfies",
    "scheme_for",
    "scheme_named",
    "spellings",
    "version_in",
]


def parse_version(version: str | ParsedVersion, *, scheme: str = "semver") -> ParsedVersion:
    """The version with its sort key."""
    if isinstance(version, ParsedVersion):
        return version
    if not isinstance(version, str):
        raise InvalidVersion(repr(version), "must be text")
    return scheme_named(scheme).parse_version(version)


def parse_range(range: str | CompiledRange, *, scheme: str = "semver") -> CompiledRange:
    """The range compiled to intervals."""
    if isinstance(range, CompiledRange):
        return range
    if not isinstance(range, str):
        raise InvalidRange(repr(range), "must be text")
    return scheme_named(scheme).parse_range(range)


def satisfies(
    version: str | ParsedVersion, range: str | CompiledRange, *, scheme: str = "semver"
) -> bool:
    """Whether the version lies inside the range, prereleases by the scheme's rule."""
    return parse_range(range, scheme=scheme).contains(parse_version(version, scheme=scheme))


def max_satisfying(
    versions: Iterable[str], range: str | CompiledRange, *, scheme: str = "semver"
) -> str | None:
    """The greatest of the versions inside the range, as it was written; None if none is."""
    compiled = parse_range(range, scheme=scheme)
    inside = [
        parsed
        for parsed in (parse_version(version, scheme=scheme) for version in versions)
        if compiled.contains(parsed)
    ]
    return max(inside, key=lambda parsed: parsed.key).text if inside else None


def min_version(range: str | CompiledRange, *, scheme: str = "semver") -> str | None:
    """The least version, published or not, that a range admits; None if there is none.

    Where a semver range starts just after a prerelease, the answer is the release it
    leads to. Elsewhere a range that starts just after a version has no least one.
    """
    compiled = parse_range(range, scheme=scheme)
    found: list[ParsedVersion] = []
    for interval in compiled.intervals:
        for text in _least_texts(interval.low, compiled):
            parsed = parse_version(text, scheme=scheme)
            if interval.contains(parsed):
                found.append(parsed)
    least = min(found, key=lambda parsed: parsed.key, default=None)
    if least is None or any(
        not interval.low.text and isinstance(interval.low.floor[0], bytes)
        for interval in compiled.intervals
        if interval.low.key < least.key
    ):
        return None
    return least.text


def _least_texts(low: Cut, range: CompiledRange) -> list[str]:
    if low.text:
        return [low.text]
    if isinstance(low.floor[0], bytes):
        return []
    release = ".".join(map(str, low.floor))
    return [release, *_opening_prereleases(low.key, release, range)]


def _opening_prereleases(low: bytes, release: str, range: CompiledRange) -> list[str]:
    """Prereleases written in the range: the interval may open with one of them."""
    words = range.text.replace("||", " ").replace(",", " ").split()
    texts = [word.lstrip("^~<>=v") for word in words]
    opening = [text for text in texts if text.startswith(f"{release}-")]
    return [text for text in opening if parse_version(text).precedence == low]


def intersects(a: str | CompiledRange, b: str | CompiledRange, *, scheme: str = "semver") -> bool:
    """Whether some version could satisfy both."""
    return parse_range(a, scheme=scheme).intersects(parse_range(b, scheme=scheme))


def is_subset(
    sub: str | CompiledRange, sup: str | CompiledRange, *, scheme: str = "semver"
) -> bool:
    """Whether whatever satisfies ``sub`` satisfies ``sup``."""
    return parse_range(sub, scheme=scheme).is_subset(parse_range(sup, scheme=scheme))
