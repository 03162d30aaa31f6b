"""A process that dies at any statement it sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


class Killed(BaseException):
    """Nothing of the process runs after this; what it had not committed is undone."""


@contextmanager
def killed_at(statement: int | None) -> Iterator[None]:
    """Die before the statement of that number is sent; None lives on.

    A statement may be one that begins or ends a transaction, so death comes inside
    transactions, between them and right after them.
    """
    if statement is None:
        yield
        return
    left = [statement]

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield
