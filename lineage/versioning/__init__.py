"""Versions and ranges: parse, order, match.

Every function takes text or what parsing it returned, and ``scheme``, the name of
a version scheme. All raise InvalidVersion or InvalidRange, both ValueErrors.
"""

from collections.abc import Iterable

from lineage.versioning.errors import InvalidRange, InvalidVersion, VersioningError
from lineage.versioning.intervals import CompiledRange, ParsedVersion
from lineage.versioning.scheme import Scheme, scheme_for, scheme_named

__all__ = [
    "CompiledRange",
    "InvalidRange",
    "InvalidVersion",
    "ParsedVersion",
    "Scheme",
    "VersioningError",
    "intersects",
    "is_subset",
    "max_satisfying",
    "min_version",
    "parse_range",
    "parse_version",
    "satisfies",
    "scheme_for",
    "scheme_named",
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
    """The least version, published or not, that a semver range admits; None if none can be.

    Where a range starts just after a prerelease, the answer is the release it leads to.
    """
    compiled = parse_range(range, scheme=scheme)
    found: list[ParsedVersion] = []
    for interval in compiled.intervals:
        release = ".".join(map(str, interval.low.floor))
        texts = [release, *_opening_prereleases(interval.low.key, release, compiled)]
        for text in texts:
            parsed = parse_version(text, scheme=scheme)
            if interval.contains(parsed):
                found.append(parsed)
    return min(found, key=lambda parsed: parsed.key).text if found else None


def _opening_prereleases(low: bytes, release: str, range: CompiledRange) -> list[str]:
    """Prereleases written in the range: the interval may open with one of them."""
    words = range.text.replace("||", " ").split()
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
