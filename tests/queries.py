"""Counting queries instead of seconds."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def asked(answer: Callable[[], object]) -> int:
    """How many queries an answer takes once the snapshot is open."""
    answer()
    with CaptureQueriesContext(connection) as queries:
        answer()
    return len(queries)
