"""Scheme ``nuget``: up to four numbers, and ranges in brackets, bare or floating.

learn.microsoft.com/en-us/nuget/concepts/package-versioning: ``1.0`` is a minimum,
``[1.0,2.0)`` is a range, and of both NuGet takes the lowest version there is;
``1.*`` floats to the newest.
"""

import re
from functools import lru_cache

from lineage.versioning.brackets import bracketed, is_bracketed, pin_of
from lineage.versioning.encoding import (
    MAX_RANGE_LENGTH,
    MAX_VERSION_LENGTH,
    OWN,
    identifiers,
    semantic_precedence,
    word,
)
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import CompiledRange, Cut, Interval, ParsedVersion

_NUMBER = r"([0-9]{1,10})"
_WORDS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
VERSION = re.compile(
    rf"{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?(?:\.{_NUMBER})?(?:-({_WORDS}))?(?:\+({_WORDS}))?"
)
FLOATING = re.compile(rf"(?:{_NUMBER}\.)?(?:{_NUMBER}\.)?(?:{_NUMBER}\.)?\*(-\*)?")
FLOATING_PRE = re.compile(rf"({_NUMBER}(?:\.{_NUMBER}){{0,3}})-\*")
MAX_NUMBER = 2**31 - 1  # NuGet keeps them as 32-bit integers

Release = tuple[int, int, int, int]


class NugetScheme:
    """Prereleases only where an end of the range is one, or the float asks for them."""

    name = "nuget"
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
        return f"{version.text.split('.')[0].lstrip('0') or 0}.x"

    def minor_line(self, version: ParsedVersion) -> str:
        release, _, _ = _read(version.text)
        return f"{release[0]}.{release[1]}.x"


def _read(text: str) -> tuple[Release, tuple[str, ...], str]:
    match = VERSION.fullmatch(text)
    if match is None:
        raise InvalidVersion(text, "expected up to four numbers, as in 1.4.2 or 1.4.2-beta")
    major, minor, patch, revision = (int(part or 0) for part in match.groups()[:4])
    release = (major, minor, patch, revision)
    if max(release) > MAX_NUMBER:
        raise InvalidVersion(text, f"a number is greater than {MAX_NUMBER}")
    return release, tuple((match[5] or "").split(".")) if match[5] else (), match[6] or ""


@lru_cache(maxsize=65_536)
def _parse(text: str) -> ParsedVersion:
    release, pre, build = _read(text)
    precedence = _key(release, pre)
    # The one spelling of nuget.org: no leading zeros, three numbers, a fourth if it counts.
    numbers = release if release[3] else release[:3]
    canonical = ".".join(map(str, numbers))
    canonical += f"-{'.'.join(pre)}" if pre else ""
    canonical += f"+{build}" if build else ""
    key = precedence + b"\x01" + identifiers(tuple(build.split("."))) + word(canonical)
    return ParsedVersion(text, key, precedence, (), bool(pre), canonical)


def _key(release: Release, pre: tuple[str, ...] = ()) -> bytes:
    # Case tells no prereleases apart.
    return OWN + semantic_precedence(release, tuple(part.lower() for part in pre))


def _place(text: str) -> Cut:
    version = _parse(text)
    release, _, _ = _read(text)
    return Cut(version.precedence, (_key(release),), version.canonical().text)


def _start(release: Release) -> Cut:
    """Before the first prerelease of a release."""
    key = _key(release)
    numbers = release if release[3] else release[:3]
    return Cut(key[:-1], (key,), ".".join(map(str, numbers)))


BOTTOM = _start((0, 0, 0, 0))


@lru_cache(maxsize=65_536)
def _compile(text: str) -> CompiledRange:
    wanted = "".join(text.split(" "))
    if wanted in ("", "*"):
        return CompiledRange(text, (Interval(BOTTOM, None),))
    try:
        if is_bracketed(wanted):
            return _from_brackets(text, wanted)
        if "*" in wanted:
            return CompiledRange(text, (_floating(text, wanted),))
        low = _place(wanted)
        admits = _parse(wanted).is_prerelease
        interval = Interval(low, None, admits_prereleases=admits)
        return CompiledRange(text, (interval,), takes_lowest=True)
    except InvalidVersion as error:
        raise InvalidRange(text, error.reason) from error


def _from_brackets(text: str, wanted: str) -> CompiledRange:
    if "*" in wanted:
        raise InvalidRange(text, "a version with * does not stand in brackets here")
    ends = [end for end in re.split(r"[\[\](),]+", wanted) if end]
    admits = any(_parse(end).is_prerelease for end in ends)
    intervals = bracketed(wanted, _place, BOTTOM, admits=admits)
    if len(intervals) > 1:
        raise InvalidRange(text, "NuGet has no ranges of more than one set")
    return CompiledRange(text, tuple(intervals), pin_of(intervals), takes_lowest=True)


def _floating(text: str, wanted: str) -> Interval:
    """``1.*`` is 1.0 up to 2.0, ``1.0-*`` the prereleases of 1.0 and 1.0 itself and up to 1.0."""
    pre = FLOATING_PRE.fullmatch(wanted)
    if pre is not None:
        release, _, _ = _read(pre[1])
        key = _key(release) + b"\xff"
        return Interval(_start(release), Cut(key, (key,)), admits_prereleases=True)
    match = FLOATING.fullmatch(wanted)
    if match is None:
        raise InvalidRange(text, "a * stands last, as in 1.* or 1.0.0-*")
    prefix = [int(part) for part in match.groups()[:3] if part is not None]
    if prefix and max(prefix) > MAX_NUMBER:
        raise InvalidRange(text, f"a number is greater than {MAX_NUMBER}")
    admits = match[4] is not None
    if not prefix:
        return Interval(BOTTOM, None, admits_prereleases=admits)
    low, high = _start(_padded(prefix)), _start(_padded([*prefix[:-1], prefix[-1] + 1]))
    return Interval(low, high, admits_prereleases=admits)


def _padded(numbers: list[int]) -> Release:
    major, minor, patch, revision = [*numbers, 0, 0, 0, 0][:4]
    return major, minor, patch, revision
