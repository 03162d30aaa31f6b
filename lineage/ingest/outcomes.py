"""What can become of one record."""

from datetime import datetime
from enum import StrEnum

from lineage.ingest.values import BadValue, parse_duration, parse_instant
from lineage.versioning import CompiledRange, ParsedVersion, VersioningError, scheme_for


class Outcome(StrEnum):
    """A good record either made something, changed something, or said what is known."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class RecordRejected(Exception):
    """The record cannot be taken; ``field`` says where, ``reason`` why."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(f"{field}: {reason}")


class RecordConflict(RecordRejected):
    """The record contradicts what is known of an immutable thing; what is known stays."""


def read_instant(text: str | None, field: str) -> datetime | None:
    """The instant, or None if none is given; raises RecordRejected."""
    if text is None:
        return None
    try:
        return parse_instant(text)
    except BadValue as error:
        raise RecordRejected(field, error.reason) from error


def read_required_instant(text: str, field: str) -> datetime:
    """The instant; raises RecordRejected."""
    try:
        return parse_instant(text)
    except BadValue as error:
        raise RecordRejected(field, error.reason) from error


def read_duration(text: str | None, field: str) -> int | None:
    """The duration in seconds, or None if none is given; raises RecordRejected."""
    if text is None:
        return None
    try:
        return parse_duration(text)
    except BadValue as error:
        raise RecordRejected(field, error.reason) from error


def read_version(ecosystem: str, text: str, field: str = "version") -> ParsedVersion:
    """The version by its ecosystem's scheme, in its canonical spelling; raises RecordRejected."""
    try:
        return scheme_for(ecosystem).parse_version(text).canonical()
    except VersioningError as error:
        raise RecordRejected(field, str(error)) from error


def read_range(ecosystem: str, text: str, field: str = "range") -> CompiledRange:
    """The range by its ecosystem's scheme; raises RecordRejected."""
    try:
        return scheme_for(ecosystem).parse_range(text)
    except VersioningError as error:
        raise RecordRejected(field, str(error)) from error
