"""How large a step a version is from the one before it (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lifecycle.events.data import Change


@dataclass(frozen=True, slots=True)
class Step:
    """A version as its place among the others is judged."""

    version: str
    sort_key: bytes
    major_line: str
    minor_line: str
    is_prerelease: bool = False


def change_of(version: Step, others: Sequence[Step]) -> tuple[Change, str | None]:
    """The step from the version before it in order, and that version.

    Prereleases are no version to step from, unless it is one itself. The first of a
    module is a major step.
    """
    before = [
        one
        for one in others
        if one.sort_key < version.sort_key and (version.is_prerelease or not one.is_prerelease)
    ]
    if not before:
        return "major", None
    last = max(before, key=lambda one: one.sort_key)
    if last.major_line != version.major_line:
        return "major", last.version
    if last.minor_line != version.minor_line:
        return "minor", last.version
    return "patch", last.version
