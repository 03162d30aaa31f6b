"""Pages of rows with the true total."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
MAX_SIZE = 200
DEFAULT_SIZE = 50


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """Rows of one page; ``total`` counts all of them, ``page`` starts at 1."""

    rows: list[Row]
    total: int
    page: int = 1
    size: int = DEFAULT_SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def bounds(page: int, size: int) -> tuple[int, int]:
    """Start and stop of a page, its size capped at MAX_SIZE; odd numbers become the first page."""
    size = min(max(size, 1), MAX_SIZE)
    start = (max(page, 1) - 1) * size
    return start, start + size


def slice_of(rows: Sequence[Row], *, page: int = 1, size: int = DEFAULT_SIZE) -> Slice[Row]:
    """A page of rows that are all at hand."""
    start, stop = bounds(page, size)
    return Slice(list(rows[start:stop]), len(rows), max(page, 1), stop - start)
