"""Real Celery workers on the database and the broker of a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import connection
from redis import Redis

from tests.processes import ROOT, database_url

PATIENCE = 90


def worker_environment(**options: str) -> dict[str, str]:
    """The settings of production, on what this very test uses."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "platform_ui.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "VAR_DIR": str(settings.VAR_DIR),
        # It runs as whoever runs the tests, root in a container.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        **options,
    }


def waiting_in(queue: str) -> int:
    """Messages nobody has taken."""
    if settings.REDIS_URL:
        with Redis.from_url(settings.REDIS_URL) as redis:
            return int(redis.llen(queue))
    return len(list(Path(settings.BROKER_DIR).glob(f"*.{queue}.msg")))


@dataclass
class Nursery:
    """Starts workers in a moment, each in a session of its own, and kills them."""

    process: "subprocess.Popen[str]"
    log: Path
    living: set[int] = field(default_factory=set)
    turn: Lock = field(default_factory=Lock)

    def start(self, queue: str) -> int:
        pid = int(self._ask(f"start {queue} {self.log}"))
        self.living.add(pid)
        return pid

    def kill(self, pid: int) -> int:
        """Kill -9 a worker with all its processes; returns the signal it died of."""
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self.living.discard(pid)
        return int(self._ask(f"wait {pid}"))

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.turn:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        assert answer, self.log.read_text()
        return answer


@contextmanager
def nursery(log: Path, **options: str) -> Iterator[Nursery]:
    """A nursery; every worker of it is gone when the block ends."""
    connection.close()
    pipe = subprocess.PIPE
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=ROOT, env=worker_environment(**options), stdin=pipe, stdout=pipe, stderr=errors,
            text=True,
        )  # fmt: skip
    started = Nursery(process, log)
    try:
        yield started
    finally:
        for pid in started.living:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        process.kill()
        process.communicate()
