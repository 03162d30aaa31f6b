"""Calls at the same time, each in a thread of its own with its own database connection."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connections

PATIENCE = 120


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the exception it raised, in the order given."""
    start = Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        start.wait(PATIENCE)
        try:
            results[place] = call()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError("a call never came back")
    return results
