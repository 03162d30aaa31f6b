"""The smallest move out of trouble (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lineage.ingest.manifest import Asked
from lineage.versioning import VersioningError, parse_range, parse_version, scheme_for
from lineage.versioning.suggest import ranges_taking

# A range -> the version of the module that it takes today, None for none.
Takes = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version as the gate sees it; ``place`` orders those of a module.

    ``majors`` and ``days`` lie between it and the newest.
    """

    version: str
    place: int
    major_line: str
    minor_line: str
    is_prerelease: bool = False
    is_yanked: bool = False
    is_sunset: bool = False
    is_deprecated: bool = False
    dies_at: datetime | None = None
    majors: int = 0
    days: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nobody is asked to leave it."""
        return not (self.is_yanked or self.is_sunset or self.is_deprecated)


@dataclass(frozen=True, slots=True)
class Fix:
    """Move ``asked`` to a version; ``range`` is what to declare, "" for a locked version.

    ``step``: patch (the same minor line), minor (the same major line), major or back (a
    version before the one taken).
    """

    asked: Asked
    version: str
    range: str
    step: str

    @property
    def sentence(self) -> str:
        """What to do."""
        if not self.range:
            return f"Take {self.asked.module} {self.version}."
        return f"Declare {self.asked.module} {self.range}: it takes {self.version}."


def fix_of(
    asked: Asked,
    taken: Candidate | None,
    candidates: Sequence[Candidate],
    takes: Takes,
    replacement: str = "",
) -> Fix | None:
    """The nearest sound version: the same minor line, the same major, the next majors, back.

    Within a line it is the newest. ``replacement`` is what the provider asks people to
    move to: where it admits sound versions, only those are looked at. A range is only
    suggested where it takes a sound version today. None where no version is sound.
    """
    sound = [one for one in candidates if one.is_sound and one != taken]
    sound = [one for one in sound if not one.is_prerelease] or sound
    if asked.version and taken is None:
        return None
    named = _admitted(sound, replacement, asked.ecosystem)
    found = _nearest(taken, named or sound)
    if found is None:
        return None
    version, step = found
    if asked.version:
        return Fix(asked, version.version, "", step)
    scheme = scheme_for(asked.ecosystem).name
    fit = {one.version for one in named or sound}
    for text in ranges_taking(version.version, asked.range, scheme=scheme):
        got = takes(text)
        if got in fit:
            return Fix(asked, got, text, step)
    return None


def _admitted(candidates: list[Candidate], range: str, ecosystem: str) -> list[Candidate]:
    scheme = scheme_for(ecosystem).name
    try:
        compiled = parse_range(range, scheme=scheme) if range else None
    except VersioningError:
        return []
    if compiled is None:
        return []
    found = []
    for one in candidates:
        try:
            if compiled.contains(parse_version(one.version, scheme=scheme)):
                found.append(one)
        except VersioningError:
            continue
    return found


def _nearest(
    taken: Candidate | None, candidates: Sequence[Candidate]
) -> tuple[Candidate, str] | None:
    if not candidates:
        return None
    if taken is None:
        return candidates[-1], "major"
    later = [one for one in candidates if one.place > taken.place]
    if not later:
        return candidates[-1], "back"
    for line, step in (("minor_line", "patch"), ("major_line", "minor")):
        same = [one for one in later if getattr(one, line) == getattr(taken, line)]
        if same:
            return same[-1], step
    first = later[0].major_line
    return [one for one in later if one.major_line == first][-1], "major"
