"""Versions as ordered bytes, ranges as intervals over them, and their algebra."""

from dataclasses import dataclass, replace

Release = tuple[int, ...]
AFTER = b"\xff"  # Sorts after every key of one precedence, before the next precedence.


@dataclass(frozen=True, slots=True)
class ParsedVersion:
    """A version that can be compared.

    ``key`` is a total order by plain bytewise comparison, in memory and in a
    database alike. ``precedence`` is the part that ranges see: versions apart only
    by ``+build`` share it, and their keys lie in [precedence, precedence + AFTER).
    ``release`` is (major, minor, patch), empty where the scheme has none.
    """

    text: str
    key: bytes
    precedence: bytes
    release: Release
    is_prerelease: bool
    canonical_text: str = ""

    def canonical(self) -> "ParsedVersion":
        """The same version in its scheme's one spelling, as ``1.2.3`` for ``v1.2.3``."""
        if not self.canonical_text or self.canonical_text == self.text:
            return self
        return replace(self, text=self.canonical_text)


@dataclass(frozen=True, slots=True)
class Cut:
    """A point between versions: its place among keys, and the first release at or after it."""

    key: bytes
    floor: Release


@dataclass(frozen=True, slots=True)
class Interval:
    """Versions from ``low`` up to, not including, ``high`` (None: no end).

    A prerelease is inside only if its release is among ``prereleases_of``:
    node-semver's rule that prereleases are opted into by a comparator that carries
    one of the same major.minor.patch.
    """

    low: Cut
    high: Cut | None
    prereleases_of: frozenset[Release] = frozenset()

    def covers(self, key: bytes) -> bool:
        return self.low.key <= key and (self.high is None or key < self.high.key)

    def contains(self, version: ParsedVersion) -> bool:
        if version.is_prerelease and version.release not in self.prereleases_of:
            return False
        return self.covers(version.key)


@dataclass(frozen=True, slots=True)
class CompiledRange:
    """A range as a union of intervals; empty when nothing can satisfy it.

    ``pin`` is the precedence of the one version it admits, if it is an exact pin.
    """

    text: str
    intervals: tuple[Interval, ...]
    pin: bytes | None = None

    def contains(self, version: ParsedVersion) -> bool:
        return any(interval.contains(version) for interval in self.intervals)

    def spans(self, version: ParsedVersion) -> bool:
        """Whether the version lies between the ends, prereleases like any other."""
        return any(interval.covers(version.key) for interval in self.intervals)

    def intersects(self, other: "CompiledRange") -> bool:
        """Whether some point lies inside both; prereleases count as points."""
        return any(
            (a.high is None or b.low.key < a.high.key)
            and (b.high is None or a.low.key < b.high.key)
            for a in self.intervals
            for b in other.intervals
        )

    def is_subset(self, other: "CompiledRange") -> bool:
        """Whether every version inside this one, prereleases included, is inside the other."""
        return all(
            _releases_covered(mine, other) and _prereleases_covered(mine, other)
            for mine in self.intervals
        )


def _releases_covered(mine: Interval, other: CompiledRange) -> bool:
    """Sweep the union of the other's intervals, on releases alone."""
    reached = mine.low.floor
    end = mine.high.floor if mine.high else None
    for theirs in sorted(other.intervals, key=lambda interval: interval.low.floor):
        if end is not None and reached >= end:
            return True
        if theirs.low.floor > reached:
            return False
        if theirs.high is None:
            return True
        reached = max(reached, theirs.high.floor)
    return end is not None and reached >= end


def _prereleases_covered(mine: Interval, other: CompiledRange) -> bool:
    """Each opted-in release: the prereleases mine admits must lie inside theirs."""
    for release in mine.prereleases_of:
        theirs = [i for i in other.intervals if release in i.prereleases_of]
        if not any(i.low.key <= mine.low.key or i.low.floor < release for i in theirs) or not any(
            i.high is None
            or i.high.floor > release
            or (mine.high is not None and mine.high.key <= i.high.key)
            for i in theirs
        ):
            return False
    return True
