"""Starts real workers quickly: Sundial is loaded once, and each worker forked from there.

Reads lines: ``start QUEUE LOG`` forks a worker in a session of its own and answers its
process id; ``wait PID`` answers how it ended, as a signal's number or 0.
"""

import os
import sys
from importlib import import_module

from platform_ui.celery import app

# What a worker would import when it starts.
NEEDED = (
    "celery.apps.worker", "celery.bin.worker", "celery.concurrency.prefork", "celery.fixups.django",
    "celery.worker.consumer", "celery.worker.components", "celery.worker.strategy",
    "kombu.transport.filesystem", "kombu.transport.redis", "lifecycle.tasks", "lineage.tasks",
)  # fmt: skip


def start(queue: str, log: str) -> int:
    """Fork a worker on this queue; returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    app.worker_main([
        "worker", "--queues", queue, "--concurrency", "1", "--loglevel", "INFO",
        "--hostname", f"{queue}-{os.getpid()}@%h",
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ])  # fmt: skip
    os._exit(0)


def main() -> None:
    """Answer each line until there are no more."""
    app.loader.import_default_modules()
    for name in NEEDED:
        import_module(name)
    for line in sys.stdin:
        word, *rest = line.split()
        answer = start(*rest) if word == "start" else os.WTERMSIG(os.waitpid(int(rest[0]), 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
