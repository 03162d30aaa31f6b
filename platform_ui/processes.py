"""Runs Sundial's processes side by side and stops them together."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from types import FrameType

STOP_WITHIN = 15.0
LOOK_EVERY = 0.2


class Processes:
    """Children that live and die together.

    Each runs in a session of its own, so a Ctrl-C in the terminal reaches only this
    process, which then stops them in good order.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._parent = os.getppid()
        self._is_asked_to_stop = False

    def __enter__(self) -> "Processes":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> int:
        """Start a child under this name; returns its process group."""
        child = subprocess.Popen(  # noqa: S603 # our own commands, no shell
            command, env=self._environment, start_new_session=True, stdin=subprocess.DEVNULL
        )
        self._children[name] = child
        return child.pid

    @property
    def is_asked_to_stop(self) -> bool:
        """A signal came, or whoever started this process is gone."""
        return self._is_asked_to_stop or os.getppid() != self._parent

    def ended(self) -> str | None:
        """The name of a child that ended by itself."""
        ended = (name for name, child in self._children.items() if child.poll() is not None)
        return next(ended, None)

    def wait(self) -> str | None:
        """Wait until asked to stop (None) or until a child ends by itself (its name)."""
        while not self.is_asked_to_stop:
            if name := self.ended():
                return name
            sleep(LOOK_EVERY)
        return None

    def stop(self) -> None:
        """Ask every child to end; after STOP_WITHIN seconds end what is left, with its children."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        until = monotonic() + STOP_WITHIN
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until - monotonic()))
            _kill_group(child)
            child.wait()
        self._children.clear()

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._is_asked_to_stop = True


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
