"""Ranges in brackets, as Maven and NuGet write them: ``[1.0,2.0)``, ``(,1.0],[1.2,)``."""

import re
from collections.abc import Callable

from lineage.versioning.encoding import AFTER
from lineage.versioning.errors import InvalidRange
from lineage.versioning.intervals import Cut, Interval

SET = re.compile(r"([\[(])([^\[\](),]*)(?:(,)([^\[\](),]*))?([\])])")

Place = Callable[[str], Cut]  # where a version stands; raises InvalidVersion


def is_bracketed(text: str) -> bool:
    """Whether the text means to be a range in brackets."""
    return text[:1] in ("[", "(")


def bracketed(text: str, place: Place, bottom: Cut, *, admits: bool) -> list[Interval]:
    """The intervals of comma-separated sets; raises InvalidRange."""
    found: list[Interval] = []
    position = 0
    while position < len(text):
        match = SET.match(text, position)
        if match is None:
            raise InvalidRange(text, "its brackets or commas do not fit together")
        found.append(_interval(text, match, place, bottom, admits=admits))
        position = match.end()
        if position < len(text):
            if text[position] != "," or position + 1 == len(text):
                raise InvalidRange(text, "its sets are not separated by single commas")
            position += 1
    return found


def _interval(
    text: str, match: "re.Match[str]", place: Place, bottom: Cut, *, admits: bool
) -> Interval:
    opening, first, comma, last, closing = match.groups()
    first, last = first.strip(), (last or "").strip()
    if not comma:
        if not first or (opening, closing) != ("[", "]"):
            raise InvalidRange(text, "a single version stands in square brackets, as in [1.0]")
        return Interval(place(first), after(place(first)), admits_prereleases=admits)
    low, high = bottom, None
    if first:
        low = place(first) if opening == "[" else after(place(first))
    if last:
        high = after(place(last)) if closing == "]" else place(last)
    if high is not None and high.key <= low.key:
        raise InvalidRange(text, "a set ends before it begins")
    return Interval(low, high, admits_prereleases=admits)


def after(cut: Cut) -> Cut:
    """Just after all that is equal to what stands at the cut."""
    key = cut.key + AFTER
    is_release = cut.floor == (cut.key,)
    return Cut(key, (key,) if is_release else cut.floor)


def pin_of(intervals: list[Interval]) -> bytes | None:
    """The precedence of the one version the intervals admit, None if there are more."""
    if len(intervals) != 1 or intervals[0].high is None:
        return None
    low = intervals[0].low.key
    return low if intervals[0].high.key == low + AFTER else None
