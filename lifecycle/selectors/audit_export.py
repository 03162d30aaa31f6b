"""The audit as text: CSV for spreadsheets, NDJSON for programs; line by line, as it is read."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from lifecycle.models import AuditEntry

COLUMNS = (
    "sequence", "at", "actor", "action", "subject", "reason", "evidence", "before", "after", "hash",
)  # fmt: skip
# What spreadsheets take for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """A head, then a row for each entry.

    A cell that a spreadsheet would take for a formula is led by an apostrophe, so it
    shows as text; NDJSON has it as it is.
    """
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for entry in entries:
        yield _taken(buffer)
        writer.writerow([_cell(getattr(entry, name)) for name in COLUMNS])
    yield _taken(buffer)


def as_ndjson(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One object a line, whole, with what is needed to follow the chain by other means."""
    for entry in entries:
        said = {name: getattr(entry, name) for name in COLUMNS}
        said |= {
            "id": entry.pk,
            "at": entry.at.isoformat(),
            "previous_hash": entry.previous_hash,
            "seal": entry.seal,
        }
        yield json.dumps(said, ensure_ascii=False) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
