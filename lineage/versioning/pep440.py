"""Scheme ``pep440``: Python's versions and version specifiers.

Grammar and order: packaging.python.org/en/latest/specifications/version-specifiers/,
read by the ``packaging`` package, once per distinct text. ``*`` and nothing at all
admit every version, and a version alone is an exact pin.
"""

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion as NotPep440
from packaging.version import Version

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
    Release,
    conjunction,
)

PRE = {"a": b"\x01", "b": b"\x02", "rc": b"\x03"}
NO_PRE = b"\x04"


class Pep440Scheme:
    """Prereleases only where a specifier names one, or where nothing else satisfies."""

    name = "pep440"
    matches_ranges = True

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion. Cached by text."""
        if len(text) > MAX_VERSION_LENGTH:
            raise InvalidVersion(text, f"longer than {MAX_VERSION_LENGTH} characters")
        return _parse(text)

    def parse_range(self, text: str) -> CompiledRange:
        """Read a specifier set; raises InvalidRange. Cached by text."""
        if len(text) > MAX_RANGE_LENGTH:
            raise InvalidRange(text, f"longer than {MAX_RANGE_LENGTH} characters")
        return _compile(text)

    def major_line(self, version: ParsedVersion) -> str:
        read = Version(version.text)
        return f"{_epoch(read)}{read.major}.x"

    def minor_line(self, version: ParsedVersion) -> str:
        read = Version(version.text)
        return f"{_epoch(read)}{read.major}.{read.minor}.x"


def _epoch(version: Version) -> str:
    return f"{version.epoch}!" if version.epoch else ""


@lru_cache(maxsize=65_536)
def _parse(text: str) -> ParsedVersion:
    try:
        version = Version(text)
    except NotPep440 as error:
        raise InvalidVersion(text, "not in the form of PEP 440, as in 1.4.2 or 2.0rc1") from error
    canonical = str(version)
    local = _with_local(version)
    key = local + b"\x01" + word(canonical)
    return ParsedVersion(text, key, local, (), version.is_prerelease, canonical)


def _opening(epoch: int, release: Release) -> bytes:
    """What all keys of a release open with: trailing zeros tell no releases apart."""
    end = len(release)
    while end and release[end - 1] == 0:
        end -= 1
    numbers = b"".join(b"\x01" + number(part) for part in release[:end])
    return OWN + number(epoch) + numbers + b"\x00"


def _public(version: Version) -> bytes:
    """The key without the local part: what all operators but ``==`` and ``!=`` look at."""
    if version.pre is not None:
        pre = PRE[version.pre[0]] + number(version.pre[1])
    else:
        is_dev_only = version.post is None and version.dev is not None
        pre = b"\x00" if is_dev_only else NO_PRE
    post = b"\x00" if version.post is None else b"\x01" + number(version.post)
    dev = b"\x02" if version.dev is None else b"\x01" + number(version.dev)
    return _opening(version.epoch, version.release) + pre + post + dev


def _with_local(version: Version) -> bytes:
    if version.local is None:
        return _public(version) + b"\x00"
    parts = [
        b"\x02" + number(int(part)) if part.isdecimal() else b"\x01" + word(part)
        for part in version.local.split(".")
    ]
    return _public(version) + b"\x01" + b"".join(parts) + b"\x00"


def _nearest_release(version: Version) -> Version:
    """The first version at or after it that is no prerelease."""
    text = f"{_epoch(version)}{'.'.join(map(str, version.release))}"
    if version.pre is None and version.post is not None:
        text += f".post{version.post}"
    return Version(text)


def _at(version: Version, *, after: bytes = b"") -> Cut:
    key = _public(version) + after
    floor = _public(_nearest_release(version)) if version.is_prerelease else key
    return Cut(key, (floor,), "" if after else str(version))


def _start(epoch: int, release: Release) -> Cut:
    """Before the first development release of a release, and of all below it."""
    text = f"{f'{epoch}!' if epoch else ''}{'.'.join(map(str, release))}"
    return Cut(_opening(epoch, release), (_public(Version(text)),), text)


BOTTOM = _start(0, (0,))


def _next(release: Release) -> Release:
    return (*release[:-1], release[-1] + 1)


def _spans(spec: Specifier) -> list[Interval]:
    """The intervals of one specifier, after the ``packaging`` package's reading of PEP 440."""
    operator, text = spec.operator, spec.version
    if operator == "===":
        return _identical(text)
    if text.endswith(".*"):
        prefix = Version(text.removesuffix(".*"))
        low = _start(prefix.epoch, prefix.release)
        high = _start(prefix.epoch, _next(prefix.release))
        return [Interval(low, high)] if operator == "==" else _outside(low, high)
    version = Version(text)
    match operator:
        case "==" | "!=":
            low, high = _equal_to(version)
            return [Interval(low, high)] if operator == "==" else _outside(low, high)
        case ">=":
            return [Interval(_at(version), None)]
        case "<=":
            return [Interval(BOTTOM, _at(version, after=AFTER))]
        case ">":
            return [Interval(_above(version), None)]
        case "<":
            end = _at(version) if version.is_prerelease else _before(version)
            return [Interval(BOTTOM, end)]
        case _:  # ~=
            high = _start(version.epoch, _next(version.release[:-1]))
            return [Interval(_at(version), high)]


def _identical(text: str) -> list[Interval]:
    """``===`` compares text, so it sees the whole key."""
    try:
        version = Version(text)
    except NotPep440:
        return []
    if str(version) != text.lower():
        return []
    key = _parse(text.lower()).key
    return [Interval(Cut(key, (key,), text), Cut(key + b"\x00", (key + b"\x00",)))]


def _outside(low: Cut, high: Cut) -> list[Interval]:
    after = Interval(high, None)
    return [Interval(BOTTOM, low), after] if low.key > BOTTOM.key else [after]


def _equal_to(version: Version) -> tuple[Cut, Cut]:
    if version.local is None:
        return _at(version), _at(version, after=AFTER)
    key = _with_local(version)
    floor = _at(version).floor if version.is_prerelease else None
    return (
        Cut(key, floor or (key,), str(version)),
        Cut(key + AFTER, floor or (key + AFTER,)),
    )


def _above(version: Version) -> Cut:
    """``>`` leaves out local versions, and post-releases unless it names one."""
    if version.dev is not None:
        return _at(version, after=AFTER)
    if version.post is not None:
        key = _public(version) + AFTER
        return Cut(key, (key,)) if version.pre is None else _at(version, after=AFTER)
    # All that has this release and prerelease: itself and its post-releases.
    key = _public(version).removesuffix(b"\x00\x02") + AFTER
    floor = _public(_nearest_release(version)) if version.is_prerelease else key
    return Cut(key, (floor,))


def _before(version: Version) -> Cut:
    """``<`` leaves out the prereleases of what it names."""
    if version.post is None:
        return _start(version.epoch, version.release)
    key = _public(version).removesuffix(b"\x02") + b"\x00"
    return Cut(key, (_public(version),))


@lru_cache(maxsize=65_536)
def _compile(text: str) -> CompiledRange:
    wanted = text.strip()
    if not wanted.isprintable():
        raise InvalidRange(text, "holds control characters")
    try:
        specifiers = SpecifierSet("" if wanted == "*" else _spelled(wanted))
    except (InvalidSpecifier, ValueError) as error:
        raise InvalidRange(text, "not a set of version specifiers, as in >=1.4,<2") from error
    admits = bool(specifiers.prereleases)
    everything = [Interval(BOTTOM, None, admits_prereleases=admits)]
    found = tuple(conjunction([everything, *map(_spans, specifiers)]))
    pin = None
    if len(found) == 1 and found[0].high is not None:
        low, high = found[0].low.key, found[0].high.key
        pin = low if high in (low + AFTER, low + b"\x00") else None
    return CompiledRange(text, found, pin, falls_back=not admits)


def _spelled(text: str) -> str:
    return f"=={text}" if text[:1].isalnum() and "," not in text else text
