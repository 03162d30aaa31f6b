"""What a page reads from its address: odd values fall back, they never fail."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.http import QueryDict

from lineage.exceptions import NotPast
from lineage.selectors.paging import DEFAULT_SIZE
from lineage.selectors.past import past_at

LAST_PAGE = 1_000_000
ID_DIGITS = 18  # what fits a database's 64 bits


def page_of(params: QueryDict) -> int:
    """The page asked for, at least 1."""
    return min(max(number_of(params, "page", 1), 1), LAST_PAGE)


def size_of(params: QueryDict) -> int:
    """The rows a page asked for; capped by the selectors."""
    return number_of(params, "size", DEFAULT_SIZE)


def number_of(params: QueryDict, name: str, default: int) -> int:
    """A whole number, the default where it is none."""
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default


def ids_of(texts: Iterable[str]) -> list[int]:
    """The texts that are ids; others name nothing and are left out."""
    return [
        int(text)
        for text in texts
        if text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS
    ]


def choice_of(params: QueryDict, name: str, choices: tuple[str, ...]) -> str:
    """One of the choices, the first where it is none of them."""
    value = params.get(name, "")
    return value if value in choices else choices[0]


def day_of(params: QueryDict, name: str) -> datetime | None:
    """The end of a calendar day in UTC, None where it is no date."""
    return end_of_day(params.get(name, ""))


def past_of(params: QueryDict, now: datetime) -> datetime | None:
    """The end of the past day asked about as ``as_of``; None for now and for no past day."""
    try:
        return past_at(day_of(params, "as_of"), now)
    except NotPast:
        return None


def end_of_day(text: str) -> datetime | None:
    """The last instant of the day written so, in UTC; None where it is no date."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return None
    return day.replace(hour=23, minute=59, second=59, microsecond=999_999, tzinfo=UTC)


def start_of_day(text: str) -> datetime | None:
    """The first instant of the day written so, in UTC; None where it is no date."""
    end = end_of_day(text)
    return end and end.replace(hour=0, minute=0, second=0, microsecond=0)


def text_of(params: QueryDict, name: str) -> str:
    """Text without what no database stores."""
    return params.get(name, "").replace("\x00", "")[:500]
