"""What each range resolved to, from change to change (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineage.resolution.newest import ModuleVersions
from lineage.versioning import CompiledRange, ParsedVersion

Spans = tuple[tuple[int, int | None], ...]
NOTHING = (-1, -1)


@dataclass(frozen=True, slots=True)
class Stated:
    """A version with the instants, in microseconds, at which it came and went.

    One of unknown publication was always there; ``retired`` are the spans for which
    it was sunset.
    """

    node: int
    parsed: ParsedVersion
    published: int | None = None
    yanked: int | None = None
    retired: Spans = ()

    def is_there(self, at: int) -> bool:
        """Whether it was published by then."""
        return self.published is None or self.published <= at

    def is_withdrawn(self, at: int) -> bool:
        """Whether it was yanked or sunset then."""
        return (self.yanked is not None and self.yanked <= at) or is_within(self.retired, at)

    def instants(self) -> Iterator[int]:
        """Every instant at which it changed."""
        stated = (self.published, self.yanked, *(at for span in self.retired for at in span))
        return (at for at in stated if at is not None)


@dataclass(frozen=True, slots=True)
class Change:
    """From ``at`` on a requirement resolves to ``target``; -1 is nothing.

    ``lowest`` is the oldest version that satisfies it.
    """

    at: int
    requirement: int
    target: int
    lowest: int


def is_within(spans: Spans, at: int) -> bool:
    """Whether an instant lies in one of the spans; a span holds its start, not its end."""
    return any(start <= at and (end is None or at < end) for start, end in spans)


def resolutions(
    versions: Sequence[Stated], ranges: Mapping[int, CompiledRange], *, since: int, until: int
) -> Iterator[Change]:
    """What the ranges on one module resolve to at ``since``, then every change up to ``until``.

    In order of time. Cost: a sort for each instant at which the module changed, and a
    bisection for each range that the change can have touched.
    """
    known = dict.fromkeys(ranges, NOTHING)
    came = {version.published: version for version in versions}
    instants = {at for version in versions for at in version.instants() if since < at <= until}
    only_came = _only_came(versions)
    for at in [since, *sorted(instants)]:
        new = came[at].parsed if at in only_came and at != since else None
        there = [version for version in versions if version.is_there(at)]
        ready = ModuleVersions([v.parsed for v in there], [v.is_withdrawn(at) for v in there])
        for requirement, compiled in ranges.items():
            if new is not None and not _is_touched(compiled, new):
                continue
            best, least = ready.ends(compiled)
            found = NOTHING
            if best is not None and least is not None:
                found = (there[best].node, there[least].node)
            if found != known[requirement]:
                known[requirement] = found
                yield Change(at, requirement, *found)


def _only_came(versions: Sequence[Stated]) -> set[int]:
    """The instants at which one version was published and nothing else happened."""
    times: dict[int, int] = {}
    for version in versions:
        for at in version.instants():
            times[at] = times.get(at, 0) + 1
    came = {version.published for version in versions}
    return {at for at, number in times.items() if number == 1 and at in came}


def _is_touched(compiled: CompiledRange, new: ParsedVersion) -> bool:
    """Whether the publication of a version can change what a range resolves to."""
    return compiled.falls_back or compiled.contains(new)
