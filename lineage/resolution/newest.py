"""Strategy ``newest``: per requirement, the newest version that satisfies it."""

from bisect import bisect_left
from collections.abc import Sequence

from lineage.versioning import CompiledRange, ParsedVersion


class ModuleVersions:
    """The versions of one module, made ready to answer many ranges.

    ``versions`` in any order, ``withdrawn`` parallel to it: yanked or sunset ones,
    taken only by an exact pin that nothing else satisfies. Building costs a sort;
    each range then costs a bisection per interval.
    """

    def __init__(self, versions: Sequence[ParsedVersion], withdrawn: Sequence[bool]) -> None:
        order = sorted(range(len(versions)), key=lambda i: versions[i].key)
        self._versions = versions
        stable = [i for i in order if not withdrawn[i] and not versions[i].is_prerelease]
        self._stable = (stable, [versions[i].key for i in stable])
        self._prereleases: dict[tuple[int, ...], list[int]] = {}
        for i in order:
            if versions[i].is_prerelease and not withdrawn[i]:
                self._prereleases.setdefault(versions[i].release, []).append(i)
        self._withdrawn = [i for i in order if withdrawn[i]]

    def newest(self, range: CompiledRange) -> int | None:
        """Position in ``versions`` of the one that satisfies best, None if none does."""
        best: int | None = None
        for interval in range.intervals:
            positions, keys = self._stable
            end = len(keys) if interval.high is None else bisect_left(keys, interval.high.key)
            if end and keys[end - 1] >= interval.low.key:
                best = self._newer(best, positions[end - 1])
            for release in interval.prereleases_of:
                for i in self._prereleases.get(release, ()):
                    if interval.covers(self._versions[i].key):
                        best = self._newer(best, i)
        if best is None and range.pin is not None:
            for i in self._withdrawn:
                if range.contains(self._versions[i]):
                    best = i
        return best

    def admitted(self, range: CompiledRange) -> list[int]:
        """Positions of all that ``newest`` could take, best first; the first is what it takes."""
        found: set[int] = set()
        for interval in range.intervals:
            positions, keys = self._stable
            start = bisect_left(keys, interval.low.key)
            end = len(keys) if interval.high is None else bisect_left(keys, interval.high.key)
            found.update(positions[start:end])
            for release in interval.prereleases_of:
                of_release = self._prereleases.get(release, ())
                found.update(i for i in of_release if interval.covers(self._versions[i].key))
        if not found and range.pin is not None:
            found.update(i for i in self._withdrawn if range.contains(self._versions[i]))
        return sorted(found, key=lambda i: self._versions[i].key, reverse=True)

    def lowest(self, range: CompiledRange) -> int | None:
        """Position of the least version not withdrawn that satisfies, None if none does."""
        found: list[int] = []
        for interval in range.intervals:
            positions, keys = self._stable
            start = bisect_left(keys, interval.low.key)
            if start < len(keys) and interval.covers(keys[start]):
                found.append(positions[start])
            for release in interval.prereleases_of:
                found += (
                    i
                    for i in self._prereleases.get(release, ())
                    if interval.covers(self._versions[i].key)
                )
        return min(found, key=lambda i: self._versions[i].key, default=None)

    def _newer(self, best: int | None, other: int) -> int:
        if best is None or self._versions[other].key > self._versions[best].key:
            return other
        return best
