"""Versions as ordered bytes, ranges as intervals over them, and their algebra."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from lineage.versioning.encoding import FOREIGN

Release = tuple[int, ...]
Floor = tuple[int | bytes, ...]


@dataclass(frozen=True, slots=True)
class ParsedVersion:
    """A version that can be compared.

    ``key`` is a total order by plain bytewise comparison, in memory and in a
    database alike. ``precedence`` is the part that ranges see: versions that their
    scheme calls equal share it, and their keys lie in [precedence, precedence + AFTER).
    ``release`` is (major, minor, patch), empty where prereleases are not admitted by it.
    ``is_foreign`` is set where the text is no version of its scheme: such a one is
    kept by name, sorts below all others, and no range admits it.
    """

    text: str
    key: bytes
    precedence: bytes
    release: Release
    is_prerelease: bool
    canonical_text: str = ""
    is_foreign: bool = False

    def canonical(self) -> "ParsedVersion":
        """The same version in its scheme's one spelling, as ``1.2.3`` for ``v1.2.3``."""
        if not self.canonical_text or self.canonical_text == self.text:
            return self
        return replace(self, text=self.canonical_text)

    def as_foreign(self) -> "ParsedVersion":
        """The text of one scheme among the versions of another, to which it is nothing."""
        key = FOREIGN + self.key
        return replace(self, key=key, precedence=key, is_prerelease=True, is_foreign=True)


@dataclass(frozen=True, slots=True)
class Cut:
    """A point between versions: its place among keys, and the first release at or after it.

    ``floor`` compares within one scheme only: (major, minor, patch) where releases can
    be counted, else (key,). ``text`` is the least version at or after the cut that may
    be admitted, empty where there is none or it follows from the floor.
    """

    key: bytes
    floor: Floor
    text: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """Versions from ``low`` up to, not including, ``high`` (None: no end).

    A prerelease is inside only if ``admits_prereleases``, or if its release is among
    ``prereleases_of``: node-semver's rule that prereleases are opted into by a
    comparator that carries one of the same major.minor.patch.
    """

    low: Cut
    high: Cut | None
    prereleases_of: frozenset[Release] = frozenset()
    admits_prereleases: bool = False

    def covers(self, key: bytes) -> bool:
        return self.low.key <= key and (self.high is None or key < self.high.key)

    def admits(self, version: ParsedVersion) -> bool:
        """Whether the rule on prereleases lets the version in, wherever it lies."""
        return (
            not version.is_prerelease
            or self.admits_prereleases
            or version.release in self.prereleases_of
        )

    def contains(self, version: ParsedVersion) -> bool:
        return not version.is_foreign and self.admits(version) and self.covers(version.key)


@dataclass(frozen=True, slots=True)
class CompiledRange:
    """A range as a union of intervals; empty when nothing can satisfy it.

    ``pin`` is the precedence of the one version it admits, if it is an exact pin.
    ``takes_lowest``: the ecosystem's own tool takes the lowest version that satisfies,
    not the newest. ``falls_back``: where no release satisfies, prereleases between the
    ends do (PEP 440).
    """

    text: str
    intervals: tuple[Interval, ...]
    pin: bytes | None = None
    takes_lowest: bool = False
    falls_back: bool = False

    def contains(self, version: ParsedVersion) -> bool:
        """Whether the version satisfies, whatever else there is."""
        return any(interval.contains(version) for interval in self.intervals)

    def spans(self, version: ParsedVersion) -> bool:
        """Whether the version lies between the ends, prereleases like any other."""
        if version.is_foreign:
            return False
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
        every = [interval for interval in other.intervals if interval.admits_prereleases]
        return all(
            _covered(mine, every, lambda cut: (cut.key,))
            if mine.admits_prereleases
            else _covered(mine, other.intervals, lambda cut: cut.floor)
            and _prereleases_covered(mine, other)
            for mine in self.intervals
        )


def conjunction(unions: Iterable[Sequence[Interval]]) -> list[Interval]:
    """The intervals inside one of each union, ascending; the first union's rule holds."""
    found: list[Interval] | None = None
    for union in unions:
        if found is None:
            found = list(union)
        else:
            pairs = (_overlap(a, b) for a in found for b in union)
            found = [interval for interval in pairs if interval is not None]
    return sorted(found or [], key=lambda interval: interval.low.key)


def _overlap(a: Interval, b: Interval) -> Interval | None:
    low = max(a.low, b.low, key=lambda cut: cut.key)
    ends = [end for end in (a.high, b.high) if end is not None]
    high = min(ends, key=lambda cut: cut.key, default=None)
    if high is not None and high.key <= low.key:
        return None
    return replace(a, low=low, high=high)


def _covered(mine: Interval, others: Sequence[Interval], place: Callable[[Cut], Floor]) -> bool:
    """Sweep the union of the others, from cut to cut as ``place`` sees them."""
    reached = place(mine.low)
    end = place(mine.high) if mine.high else None
    for theirs in sorted(others, key=lambda interval: place(interval.low)):
        if end is not None and reached >= end:
            return True
        if place(theirs.low) > reached:
            return False
        if theirs.high is None:
            return True
        reached = max(reached, place(theirs.high))
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
