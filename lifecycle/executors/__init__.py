"""Executors: what tells the world outside of a sunset, a restore or a purge."""

from lifecycle.executors.base import (
    Accepted,
    Acknowledged,
    Executor,
    Failed,
    Held,
    Message,
    Outcome,
)
from lifecycle.executors.registry import executor_named, executor_names

__all__ = [
    "Accepted",
    "Acknowledged",
    "Executor",
    "Failed",
    "Held",
    "Message",
    "Outcome",
    "executor_named",
    "executor_names",
]
