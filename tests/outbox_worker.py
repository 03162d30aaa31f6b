"""A process that forks one delivery worker a line, so that a test can kill worker after worker.

Each line on standard input is the instant the worker believes in. The worker's id is answered at
once, then "killed", or "done" where it ended by itself. Django is loaded once.
"""

import os
import sys
from datetime import datetime

import django

django.setup()

from django.db import connections  # noqa: E402

from lifecycle.services.deliver import send_due  # noqa: E402
from lifecycle.services.fan_out import fan_out  # noqa: E402


def work(now: datetime) -> None:
    """Fan out and send all that is due."""
    fan_out(now)
    while send_due(now, most=5):
        pass


def main() -> None:
    """Serve until standard input ends."""
    print("ready", flush=True)
    for line in sys.stdin:
        connections.close_all()
        worker = os.fork()
        if worker == 0:
            work(datetime.fromisoformat(line.strip()))
            os._exit(0)
        print(worker, flush=True)
        _, status = os.waitpid(worker, 0)
        print("killed" if os.WIFSIGNALED(status) else "done", flush=True)


if __name__ == "__main__":
    main()
