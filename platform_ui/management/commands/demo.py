"""manage.py demo: everything that runs in production, small, on a simulated platform."""

import json
import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from time import sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lifecycle.tasks import sweep_if_changed
from platform_ui.demo import kept_password, load_platform, make_people
from platform_ui.processes import Processes
from platform_ui.staticfiles import collect_if_changed

LOOK_EVERY = 0.3
# In a container everybody is root, and the worker's warning about it fills the screen.
QUIET = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}


class Command(BaseCommand):
    help = "Run web, worker and beat on a simulated platform until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        _require_free(host, port)
        self._say("Preparing the database and the static files")
        call_command("migrate", verbosity=0)
        collect_if_changed()
        self._say("Loading the simulated platform")
        summary = load_platform(timezone.now())
        self._say(f"  {summary.accepted:,} records in" if summary else "  it is there already")
        password = kept_password(Path(settings.VAR_DIR) / "demo-password")
        people = make_people(password)
        with Processes(os.environ | QUIET) as processes:
            for name, command in commands(host, port).items():
                processes.start(name, command)
            url = f"http://{host}:{port}/"
            self._wait_until_ready(url, processes)
            if not processes.is_asked_to_stop:
                sweep_if_changed.delay()
                self._welcome(url, people, password)
            ended = processes.wait()
            self._say("Stopping")
        if ended:
            raise CommandError(f"The {ended} process ended by itself; see its lines above.")

    def _wait_until_ready(self, url: str, processes: Processes) -> None:
        while not processes.is_asked_to_stop and processes.ended() is None:
            try:
                with urlopen(f"{url}readyz", timeout=5) as answer:  # noqa: S310 # our own
                    if json.load(answer)["status"] == "ready":
                        return
            except (URLError, OSError):
                sleep(LOOK_EVERY)

    def _welcome(self, url: str, people: dict[str, str], password: str) -> None:
        self._say(f"\nSundial runs at {url} with simulated data. Ctrl-C stops it.\n")
        for name, words in people.items():
            self._say(f"  sign in as {name:<6} password {password}   {words}")
        self._say("")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def commands(host: str, port: int) -> dict[str, list[str]]:
    """The command line of every process. Ingest has a worker of its own: it never queues."""
    celery = [sys.executable, "-m", "celery", "--app", "platform_ui", "--quiet"]
    worker = [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "1"]
    schedule = str(Path(settings.VAR_DIR) / "beat-schedule")
    return {
        "web": [
            sys.executable, "-m", "gunicorn", "platform_ui.wsgi", "--bind", f"{host}:{port}",
            "--workers", "2", "--threads", "4", "--log-level", "warning",
        ],
        "ingest worker": [*worker, "--queues", "ingest,default", "--hostname", "ingest@%h"],
        "sweep worker": [*worker, "--queues", "sweep,backtest", "--hostname", "sweep@%h"],
        "delivery worker": [*worker, "--queues", "deliver", "--hostname", "deliver@%h"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--schedule", schedule],
    }  # fmt: skip


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port}: {error.strerror}. "
                "Choose another with make demo PORT=…"
            ) from error
