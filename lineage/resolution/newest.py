"""Strategy ``newest``: per requirement, the newest version that satisfies it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from lineage.versioning import CompiledRange, ParsedVersion
from lineage.versioning.intervals import Interval

Ordered = tuple[list[int], list[bytes]]  # positions, and their keys ascending


class ModuleVersions:
    """The versions of one module, made ready to answer many ranges.

    ``versions`` in any order, ``withdrawn`` parallel to it: yanked or sunset ones,
    taken only by an exact pin that nothing else satisfies. Building costs a sort;
    each range then costs a bisection per interval.
    """

    def __init__(self, versions: Sequence[ParsedVersion], withdrawn: Sequence[bool]) -> None:
        order = sorted(
            (i for i, version in enumerate(versions) if not version.is_foreign),
            key=lambda i: versions[i].key,
        )
        self._versions = versions
        standing = [i for i in order if not withdrawn[i]]
        self._stable = self._ordered(i for i in standing if not versions[i].is_prerelease)
        self._prereleases = self._ordered(i for i in standing if versions[i].is_prerelease)
        by_release: dict[tuple[int, ...], list[int]] = {}
        for i in self._prereleases[0]:
            by_release.setdefault(versions[i].release, []).append(i)
        self._of_release = {release: self._ordered(of) for release, of in by_release.items()}
        self._withdrawn = [i for i in order if withdrawn[i]]

    def newest(self, range: CompiledRange) -> int | None:
        """Position in ``versions`` of the one that satisfies best, None if none does.

        The best is the newest, or the lowest where the range's ecosystem takes that.
        """
        best = self.lowest(range) if range.takes_lowest else self._last(self._groups(range))
        if best is None and range.falls_back:
            best = self._last(self._fallback(range))
        if best is None and range.pin is not None:
            for i in self._withdrawn:
                if range.contains(self._versions[i]):
                    best = i
        return best

    def admitted(self, range: CompiledRange) -> list[int]:
        """Positions of all that ``newest`` could take, best first; the first is what it takes."""
        found = self._inside(self._groups(range))
        if not found and range.falls_back:
            found = self._inside(self._fallback(range))
        if not found and range.pin is not None:
            found.update(i for i in self._withdrawn if range.contains(self._versions[i]))
        is_downward = not range.takes_lowest
        return sorted(found, key=lambda i: self._versions[i].key, reverse=is_downward)

    def _inside(self, groups: Iterable[tuple[Interval, Ordered]]) -> set[int]:
        found: set[int] = set()
        for interval, (positions, keys) in groups:
            start = bisect_left(keys, interval.low.key)
            end = len(keys) if interval.high is None else bisect_left(keys, interval.high.key)
            found.update(positions[start:end])
        return found

    def ends(self, range: CompiledRange) -> tuple[int | None, int | None]:
        """The best and the least that satisfy; a withdrawn version an exact pin takes is both."""
        best = self.newest(range)
        least = self.lowest(range)
        return best, best if least is None else least

    def lowest(self, range: CompiledRange) -> int | None:
        """Position of the least version not withdrawn that satisfies, None if none does."""
        found = self._first(self._groups(range))
        if found is None and range.falls_back:
            found = self._first(self._fallback(range))
        return found

    def _groups(self, range: CompiledRange) -> Iterator[tuple[Interval, Ordered]]:
        """Each interval with each group of versions its rule on prereleases lets in."""
        for interval in range.intervals:
            yield interval, self._stable
            if interval.admits_prereleases:
                yield interval, self._prereleases
                continue
            for release in interval.prereleases_of:
                if release in self._of_release:
                    yield interval, self._of_release[release]

    def _fallback(self, range: CompiledRange) -> Iterator[tuple[Interval, Ordered]]:
        return ((interval, self._prereleases) for interval in range.intervals)

    def _last(self, groups: Iterable[tuple[Interval, Ordered]]) -> int | None:
        found = []
        for interval, (positions, keys) in groups:
            end = len(keys) if interval.high is None else bisect_left(keys, interval.high.key)
            if end and keys[end - 1] >= interval.low.key:
                found.append(positions[end - 1])
        return max(found, key=lambda i: self._versions[i].key, default=None)

    def _first(self, groups: Iterable[tuple[Interval, Ordered]]) -> int | None:
        found = []
        for interval, (positions, keys) in groups:
            start = bisect_left(keys, interval.low.key)
            if start < len(keys) and interval.covers(keys[start]):
                found.append(positions[start])
        return min(found, key=lambda i: self._versions[i].key, default=None)

    def _ordered(self, positions: Iterable[int]) -> Ordered:
        chosen = list(positions)
        return chosen, [self._versions[i].key for i in chosen]
