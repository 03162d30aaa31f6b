"""Bulk writes and the graph lock: the only vendor SQL of the project.

Everything here runs under a lock that makes its holder the only one to add rows to a
table (``graph_lock`` for lineage); so new ids can be handed out by counting on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connection, models, transaction

LOCK_KEY = 0x53554E4449414C  # "SUNDIAL"
WRITER_CACHE = -262_144  # negative: KiB

Row = Sequence[Any]


@contextmanager
def exclusive(key: int) -> Iterator[None]:
    """A transaction that holds the one lock of this key.

    PostgreSQL: an advisory lock until the transaction ends. SQLite: the write
    lock itself, taken at BEGIN (``transaction_mode`` IMMEDIATE).
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
        yield


@contextmanager
def graph_lock() -> Iterator[None]:
    """A transaction that holds the one lock every writer of the graph takes."""
    with exclusive(LOCK_KEY), _large_cache():
        yield


@contextmanager
def _large_cache() -> Iterator[None]:
    """Let SQLite hold the pages a large ingest writes in memory, rather than spill them."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA cache_size").fetchone()
        cursor.execute(f"PRAGMA cache_size={WRITER_CACHE}")
        try:
            yield
        finally:
            # Past Django, which refuses any statement where the transaction is broken.
            connection.connection.execute(f"PRAGMA cache_size={usual}")
            connection.connection.execute("PRAGMA shrink_memory")


def next_id(model: type[models.Model]) -> int:
    """The first id free to hand out; valid while the lock over the table is held."""
    greatest = model._default_manager.aggregate(greatest=models.Max("pk"))["greatest"]
    return (greatest or 0) + 1


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows of plain values; returns how many.

    ``fields`` are attribute names, ``id`` first where the caller hands out ids.
    Values pass through each field's own conversion, so JSON and instants work.
    """
    prepared = _prepare(model, fields, rows)
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(_columns(model, fields))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
            if "id" in fields:
                _advance_sequence(cursor, model._meta.db_table)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own models
                prepared,
            )
    return len(prepared)


def update_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> int:
    """Update rows by id, given last in each row; returns how many were sent."""
    prepared = _prepare(model, [*fields, "id"], rows)
    if not prepared:
        return 0
    table = connection.ops.quote_name(model._meta.db_table)
    assignments = ", ".join(f"{column} = %s" for column in _columns(model, fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {assignments} WHERE id = %s",  # noqa: S608 - names of our own models
            prepared,
        )
    return len(prepared)


def _columns(model: type[models.Model], fields: Sequence[str]) -> list[str]:
    quote = connection.ops.quote_name
    return [quote(str(_field(model, name).column)) for name in fields]


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise LookupError(f"{model.__name__} has no field {name}")


def _prepare(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> list[Row]:
    converters = {
        position: converter
        for position, name in enumerate(fields)
        if (converter := _converter(_field(model, name))) is not None
    }
    if not converters:
        return list(rows)
    prepared: list[Row] = []
    for row in rows:
        values = list(row)
        for position, convert in converters.items():
            if values[position] is not None:
                values[position] = convert(values[position])
        prepared.append(values)
    return prepared


def _converter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """How a value of the field is written, None if as it is; Django's own, unrolled for speed."""
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DateTimeField) and connection.vendor == "sqlite":
        return _sqlite_instant
    return None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=1024)  # one document says the same instants again and again
def _sqlite_instant(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _advance_sequence(cursor: Any, table: str) -> None:
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {table}))",  # noqa: S608
        [table],
    )
