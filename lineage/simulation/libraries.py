"""The libraries of the simulated platform: majors, releases and what they depend on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

LAYERS = 5
RELEASES_A_YEAR = 14
SPAN = timedelta(days=720)  # how far back releases reach


@dataclass(frozen=True, slots=True)
class Release:
    """One published version of a library."""

    number: tuple[int, int, int]
    published_at: datetime
    dependencies: tuple[tuple[str, str], ...]  # library, range
    tag: str = ""

    @property
    def version(self) -> str:
        text = ".".join(map(str, self.number))
        return f"{text}-{self.tag}" if self.tag else text


@dataclass(slots=True)
class Library:
    """A library with its releases in the order of publication."""

    name: str
    owner: str
    layer: int
    weight: float  # how much it is liked
    releases: list[Release] = field(default_factory=list)
    abandoned: frozenset[int] = frozenset()  # majors nobody depends on any more

    def newest(self, at: datetime, major: int | None = None) -> Release | None:
        """The greatest release published by then, prereleases left out."""
        there = [
            release
            for release in self.releases
            if release.published_at <= at
            and not release.tag
            and (major is None or release.number[0] == major)
        ]
        return max(there, key=lambda release: release.number, default=None)

    def majors(self, at: datetime) -> list[int]:
        """The majors published by then that are not abandoned, ascending."""
        there = {r.number[0] for r in self.releases if r.published_at <= at and not r.tag}
        return sorted(there - self.abandoned) or sorted(there)


def build_libraries(
    random: Random, names: list[str], teams: list[str], *, until: datetime
) -> list[Library]:
    """Libraries in layers: each depends on lower ones, and a few close a circle."""
    libraries: list[Library] = []
    for place, name in enumerate(names):
        layer = min(place * LAYERS // max(len(names), 1), LAYERS - 1)
        owner = "" if place % 60 == 59 else teams[place % len(teams)]
        library = Library(name, owner, layer, weight=1 / (1 + place % 30) ** 0.7)
        lower = [other for other in libraries if other.layer < layer]
        _release(random, library, lower, until)
        libraries.append(library)
    _close_circles(random, libraries, until)
    return libraries


def _release(random: Random, library: Library, lower: list[Library], until: datetime) -> None:
    majors = random.choices((1, 2, 3, 4), (45, 30, 18, 7))[0]
    first = 0 if random.random() < 0.25 else 1
    number = (first, 1 if first == 0 else 0, 0)
    at = until - SPAN * random.uniform(0.7, 1.0)
    changes = sorted(until - SPAN * random.uniform(0.15, 0.65) for _ in range(majors - 1))
    choice = random.sample(lower, min(len(lower), random.randint(0, 4)))
    while at < until:
        library.releases.append(Release(number, at, _declare(choice, at)))
        if random.random() < 0.03:
            _preview(library, (number[0], number[1] + 1, 0), at + timedelta(hours=5), until)
        at += timedelta(days=random.expovariate(RELEASES_A_YEAR / 365) + 1)
        if changes and at >= changes[0]:
            changes.pop(0)
            number = (number[0] + 1, 0, 0)
        else:
            number = _next(random, number)
    if majors > 1 and random.random() < 0.55:
        library.abandoned = frozenset({first})


def _preview(library: Library, number: tuple[int, int, int], at: datetime, until: datetime) -> None:
    """Publish the next release candidate of a release to come."""
    earlier = sum(release.number == number for release in library.releases)
    if at < until:
        library.releases.append(Release(number, at, (), f"rc.{earlier + 1}"))


def _next(random: Random, number: tuple[int, int, int]) -> tuple[int, int, int]:
    major, minor, patch = number
    return (major, minor + 1, 0) if random.random() < 0.35 else (major, minor, patch + 1)


def _declare(lower: list[Library], at: datetime) -> tuple[tuple[str, str], ...]:
    declared = []
    for library in lower:
        newest = library.newest(at)
        if newest is not None:
            major, minor, _ = newest.number
            declared.append((library.name, f"^{major}.{minor}"))
    return tuple(declared)


def _close_circles(random: Random, libraries: list[Library], until: datetime) -> None:
    """Let the newest release of some low library use a higher one that uses it."""
    at = until - timedelta(days=40)
    high = [library for library in libraries if library.releases[-1].dependencies]
    by_name = {library.name: library for library in libraries}
    for library in random.sample(high, min(len(high), max(2, len(libraries) // 30))):
        lower = by_name[library.releases[-1].dependencies[0][0]]
        target, base = library.newest(at), lower.newest(until)
        if target is None or base is None:
            continue
        major, minor, patch = base.number
        declared = (*base.dependencies, (library.name, f"^{target.number[0]}.{target.number[1]}"))
        lower.releases.append(
            Release((major, minor, patch + 1), until - timedelta(days=3), declared)
        )
