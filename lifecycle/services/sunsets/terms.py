"""The terms of a sunset: fixed when it is announced, kept in its row."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from lifecycle.exceptions import BadGrace
from lifecycle.policies.terms import Terms, Window


def with_grace(terms: Terms, grace: timedelta | None) -> Terms:
    """The terms with a longer grace; raises BadGrace for a shorter one."""
    if grace is None:
        return terms
    if grace < terms.grace:
        raise BadGrace(terms.grace.days)
    return replace(terms, grace=grace)


def terms_as_json(terms: Terms) -> dict[str, Any]:
    """For the sunset's row; durations in seconds."""
    return {
        "grace": terms.grace.total_seconds(),
        "ownerless_wait": terms.ownerless_wait.total_seconds(),
        "restorable_for": terms.restorable_for.total_seconds(),
        "window": {
            "weekdays": list(terms.window.weekdays),
            "opens": terms.window.opens.isoformat(),
            "closes": terms.window.closes.isoformat(),
            "zone": terms.window.zone,
        },
        "batch_size": terms.batch_size,
        "daily_cap": terms.daily_cap,
        "executor": terms.executor,
    }


def terms_from_json(stored: dict[str, Any]) -> Terms:
    """The terms of a row; what it does not say is as the plainest terms have it."""
    plain = terms_as_json(Terms())
    said = plain | stored
    window = plain["window"] | said["window"]
    return Terms(
        grace=timedelta(seconds=said["grace"]),
        ownerless_wait=timedelta(seconds=said["ownerless_wait"]),
        restorable_for=timedelta(seconds=said["restorable_for"]),
        window=Window(
            weekdays=tuple(window["weekdays"]),
            opens=time.fromisoformat(window["opens"]),
            closes=time.fromisoformat(window["closes"]),
            zone=window["zone"],
        ),
        batch_size=said["batch_size"],
        daily_cap=said["daily_cap"],
        executor=said["executor"],
    )
