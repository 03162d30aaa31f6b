"""Rows waiting to be written, and the ids handed out for them."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import models

from lineage.ingest.bulk import Row, insert_rows, next_id, update_rows

# A row that arrives before what it refers to makes SQLite search the referring table
# for every later row of the other, without an index.
ORDER = ("team", "module", "version", "requirement", "environment", "observedprofile")


def _parents_first(item: tuple[tuple[type[models.Model], tuple[str, ...]], list[Row]]) -> int:
    name = item[0][0]._meta.model_name
    return ORDER.index(name) if name in ORDER else len(ORDER)


class Writes:
    """A buffer of inserts and updates; valid while the graph lock is held.

    Ids are handed out on ``insert``, so rows can name each other before any is
    written. ``flush`` inserts before it updates.
    """

    def __init__(self) -> None:
        self.count = 0
        self.updated: dict[type[models.Model], set[int]] = defaultdict(set)  # ids, ever
        self._next: dict[type[models.Model], int] = {}
        self._inserts: dict[tuple[type[models.Model], tuple[str, ...]], list[Row]] = defaultdict(
            list
        )
        self._updates: dict[type[models.Model], dict[int, dict[str, Any]]] = defaultdict(dict)

    def insert(self, model: type[models.Model], fields: tuple[str, ...], *values: Any) -> int:
        """Buffer one row, values in the order of ``fields``; returns its id."""
        return self.insert_all(model, fields, (values,))

    def insert_all(
        self, model: type[models.Model], fields: tuple[str, ...], rows: Collection[Row]
    ) -> int:
        """Buffer rows, values in the order of ``fields``; returns the id of the first."""
        first = self._next.get(model)
        if first is None:
            first = next_id(model)
        self._next[model] = first + len(rows)
        self._inserts[model, fields] += [
            (number, *values) for number, values in enumerate(rows, start=first)
        ]
        self.count += len(rows)
        return first

    def update(
        self, model: type[models.Model], fields: tuple[str, ...], pk: int, *values: Any
    ) -> None:
        """Buffer new values for the row of id ``pk``; of two for one field the later stands."""
        row = self._updates[model].setdefault(pk, {})
        row.update(zip(fields, values, strict=True))
        self.updated[model].add(pk)
        self.count += 1

    def flush(self) -> None:
        """Write what is buffered."""
        for (model, fields), rows in sorted(self._inserts.items(), key=_parents_first):
            insert_rows(model, ("id", *fields), rows)
        for model, changed in self._updates.items():
            alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
            for pk, row in changed.items():
                alike[tuple(row)].append((*row.values(), pk))
            for fields, rows in alike.items():
                update_rows(model, fields, rows)
        self._inserts.clear()
        self._updates.clear()
