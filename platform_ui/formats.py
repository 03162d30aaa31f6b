"""How figures, instants, durations and long names are written on pages."""

import re
from datetime import UTC, date, datetime, timedelta

from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

SPACE = "\N{NO-BREAK SPACE}"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
YEAR = 365 * DAY

BREAK_AFTER = re.compile(r"([/\-_.]+)")


def number(value: object) -> str:
    """A figure with thousands separators; a dash for nothing, other text as it is."""
    if value is None or value == "":
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return str(value)


def counted(value: int) -> str:
    """An exact count; from a quadrillion on, in powers of ten."""
    if value < 10**15:
        return f"{value:,}"
    power = len(str(value)) - 1
    lead = value // 10 ** (power - 1)
    return f"about{SPACE}{lead // 10}.{lead % 10} × 10^{power}"


def percent(share: float | None) -> str:
    """A share from 0 to 1 as whole percent; a dash for none."""
    return "–" if share is None else f"{share * 100:.0f}{SPACE}%"


def duration(value: timedelta | float | None) -> str:
    """A length of time in its largest fitting unit: 40 s, 12 min, 3 h, 84 d, 2 y."""
    if value is None:
        return "–"
    seconds = abs(value.total_seconds() if isinstance(value, timedelta) else float(value))
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f}{SPACE}s"
    for size, unit, until in (
        (1, "s", MINUTE),
        (MINUTE, "min", HOUR),
        (HOUR, "h", 2 * DAY),
        (DAY, "d", YEAR),
    ):
        if seconds < until:
            return f"{int(seconds // size)}{SPACE}{unit}"
    return f"{int(seconds // YEAR)}{SPACE}y"


def ago(instant: datetime, now: datetime) -> str:
    """An instant as seen from now: "now", "84 d ago" or "in 12 d"."""
    seconds = (now - instant).total_seconds()
    if abs(seconds) < MINUTE:
        return "now"
    words = duration(seconds)
    return f"{words} ago" if seconds > 0 else f"in{SPACE}{words}"


def day(instant: datetime | date, now: datetime) -> str:
    """The calendar day, with the year only where it is not this one."""
    words = f"{instant.day}{SPACE}{instant:%b}"
    return words if instant.year == now.year else f"{words} {instant.year}"


def exact(instant: datetime) -> str:
    """The instant in full, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def breakable(text: object) -> SafeString:
    """Escaped text that may wrap after / - _ and dots; the text itself is unchanged."""
    parts = BREAK_AFTER.split(str(text))
    pieces = [escape(part) + ("<wbr>" if index % 2 else "") for index, part in enumerate(parts)]
    joined = "".join(pieces)
    # Every piece was escaped on the line above; only the fixed <wbr> was added.
    return mark_safe(joined.removesuffix("<wbr>"))  # noqa: S308


def words(value: object) -> str:
    """A code such as in_use as plain words, escaped."""
    return conditional_escape(str(value).replace("_", " "))
