"""What a parser yields, and what a parser of whole documents offers."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from lineage.ingest.parsers.faults import Fault
from lineage.ingest.records import Record

EXCERPT_LENGTH = 200
MAX_FIELD = 256
MAX_REASON = 1_000


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """A good record, and the line it stood on (in an array: its position), from 1."""

    line: int
    record: Record


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """What could not be taken in, where and why; "<field> <reason>" reads as a sentence.

    An empty ``field`` speaks of the line as a whole. ``excerpt`` is safe to show.
    ``deployment`` is the id of the deployment it was meant to report, empty if it was
    meant for something else, None where that cannot be told.
    """

    line: int
    field: str
    reason: str
    excerpt: str
    deployment: str | None = None


Parsed = Accepted | Rejected


class DocumentParser(Protocol):
    """A format that is one JSON object; recognised by its top-level keys."""

    @property
    def format(self) -> str: ...

    def recognises(self, keys: Mapping[str, msgspec.Raw]) -> bool:
        """Whether a document with these keys is meant to be of this format."""
        ...

    def parse(self, data: bytes) -> list[Parsed]:
        """Read the whole document; raises UnreadableDocument where it is not valid.

        The caller has checked size and depth.
        """
        ...


def rejected(line: int, fault: Fault, data: bytes, *, deployment: str | None = None) -> Rejected:
    """A fault on a line, with every text fit to be stored and shown."""
    return Rejected(
        line,
        _shown(fault.field, MAX_FIELD),
        _shown(fault.reason, MAX_REASON),
        excerpt(data),
        deployment,
    )


def excerpt(data: bytes) -> str:
    """The beginning of a line as text without anything unprintable."""
    text = bytes(data[: EXCERPT_LENGTH * 4]).decode("utf-8", errors="replace")
    return _shown(text.strip(), EXCERPT_LENGTH)


def _shown(text: str, length: int) -> str:
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in text[:length])
