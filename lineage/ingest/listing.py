"""What a full inventory lists, heard while its records are taken in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lineage.ingest.outcomes import Outcome, RecordRejected, read_instant
from lineage.ingest.parsers.base import Parsed, Rejected
from lineage.ingest.records import DeploymentRecord, InventoryRecord

AHEAD = timedelta(minutes=5)  # how far the clock of a source may be ahead


@dataclass(slots=True)
class Listing:
    """The deployment keys of one document, kept only where it is a full inventory.

    A deployment whose line was refused is listed all the same: that a line is bad does
    not say that nothing runs. ``unreadable`` counts lines that might have been anything.
    """

    now: datetime
    is_asked: bool = False  # the sender says so beside the document
    header: InventoryRecord | None = None
    keys: set[str] = field(default_factory=set)
    lines: int = 0
    unreadable: int = 0
    vouched: set[int] | None = None  # what the source vouched for before, by id
    _has_begun: bool = False

    @property
    def is_inventory(self) -> bool:
        return self.is_asked or self.header is not None

    @property
    def at(self) -> datetime:
        """The instant it speaks of: stated, else now."""
        return (self.header and read_instant(self.header.at, "at")) or self.now

    @property
    def environment(self) -> str:
        """The one environment it is about; empty if it is about all."""
        return (self.header and self.header.environment) or ""

    @property
    def count(self) -> int | None:
        """How many deployments it says it lists, if it does."""
        return self.header.count if self.header else None

    def hear(self, chunk: Sequence[Parsed]) -> None:
        """Note what a chunk lists, before its records are taken."""
        if not self._has_begun and chunk:
            self._has_begun = True
            first = chunk[0]
            if not isinstance(first, Rejected) and isinstance(first.record, InventoryRecord):
                self._open(first.record)
        if not self.is_inventory:
            return
        for item in chunk:
            if isinstance(item, Rejected):
                key = item.deployment
                self.unreadable += key is None
            else:
                key = item.record.id if isinstance(item.record, DeploymentRecord) else ""
            if key:
                self.keys.add(key)
                self.lines += 1

    def declare(self, record: InventoryRecord) -> Outcome:
        """Take the header; raises RecordRejected if it cannot be followed."""
        if record is not self.header:
            self.unreadable += 1
            if self.is_from_future(record):
                raise RecordRejected("at", "has not come yet")
            raise RecordRejected("type", "inventory must be the first record of a document")
        return Outcome.UNCHANGED

    def is_from_future(self, record: InventoryRecord) -> bool:
        """Whether the header states an instant that has not come."""
        at = read_instant(record.at, "at")
        return at is not None and at > self.now + AHEAD

    def _open(self, record: InventoryRecord) -> None:
        if not self.is_from_future(record):
            self.header = record
