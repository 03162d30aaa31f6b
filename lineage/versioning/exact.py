"""Scheme ``exact``: any text is a version, a range is ``*`` or one version.

For ecosystems whose own scheme is not known here. Order is by chunks, numbers by
value, so that lists read well; it claims no more than that.
"""

import re

from lineage.versioning.encoding import AFTER, MAX_VERSION_LENGTH
from lineage.versioning.errors import InvalidRange, InvalidVersion
from lineage.versioning.intervals import CompiledRange, Cut, Interval, ParsedVersion

CHUNK = re.compile(r"([0-9]+)|([^0-9]+)")


class ExactScheme:
    """Equality only; pages and the API say so where ``matches_ranges`` is false."""

    name = "exact"
    matches_ranges = False

    def parse_version(self, text: str) -> ParsedVersion:
        """Read one version; raises InvalidVersion when empty, too long or unprintable."""
        if not text or len(text) > MAX_VERSION_LENGTH:
            raise InvalidVersion(text, f"must have 1 to {MAX_VERSION_LENGTH} characters")
        if not text.isprintable():
            raise InvalidVersion(text, "holds control characters")
        parts = [_chunk(number, word) for number, word in CHUNK.findall(text)]
        key = b"".join(parts) + b"\x00" + text.encode() + b"\x00"
        return ParsedVersion(text, key, key, (), False)

    def parse_range(self, text: str) -> CompiledRange:
        """``*`` or one version, with or without ``=``; raises InvalidRange."""
        wanted = text.strip()
        if wanted in {"", "*"}:
            return CompiledRange(text, (Interval(Cut(b"", ()), None),))
        try:
            version = self.parse_version(wanted.removeprefix("="))
        except InvalidVersion as error:
            raise InvalidRange(text, error.reason) from error
        if re.match(r"[\^~<>|]", wanted):
            raise InvalidRange(text, "this ecosystem has exact matching only")
        low = Cut(version.key, ())
        interval = Interval(low, Cut(version.key + AFTER, ()))
        return CompiledRange(text, (interval,), version.key)

    def major_line(self, version: ParsedVersion) -> str:
        return version.text

    def minor_line(self, version: ParsedVersion) -> str:
        return version.text


def _chunk(number: str, word: str) -> bytes:
    if not number:
        return b"\x01" + word.encode() + b"\x00"
    value = number.lstrip("0")
    return b"\x02" + bytes((len(value),)) + value.encode()
