"""How far an asked upgrade has come, from what the data shows (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lineage.versioning import VersioningError, range_in, version_in


class Progress(StrEnum):
    """What the data shows of an asked upgrade."""

    WAITING = "waiting"  # the newest version does not take it yet
    PUBLISHED = "published"  # the newest version does, an older one still runs
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one version of the consumer takes of the dependency.

    ``requires``: it has a runtime requirement on it. ``version`` is what that resolves to,
    or what was observed beside a running deployment, None where nothing satisfies it.
    """

    requires: bool
    version: str | None = None


def progress_of(
    ecosystem: str, wanted_range: str, *, newest: Sequence[Taken], running: Sequence[Taken]
) -> Progress:
    """Judge what the newest version takes and what everything that runs takes.

    A consumer that requires the dependency no longer has done it too. One without any
    version (``newest`` empty) has not; a version that cannot be read is none the range takes.
    """
    if not newest or not all(_is_met(ecosystem, wanted_range, taken) for taken in newest):
        return Progress.WAITING
    if all(_is_met(ecosystem, wanted_range, taken) for taken in running):
        return Progress.DONE
    return Progress.PUBLISHED


def _is_met(ecosystem: str, wanted_range: str, taken: Taken) -> bool:
    if not taken.requires:
        return True
    if taken.version is None:
        return False
    try:
        return range_in(ecosystem, wanted_range).contains(version_in(ecosystem, taken.version))
    except VersioningError:
        return False
