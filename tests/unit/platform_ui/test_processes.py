"""Children that live and die together."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from platform_ui.processes import Processes

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
# Ends only when it is killed, and so does the child it leaves behind.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "time.sleep(600)",
]


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def is_running(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_signal_stops_every_child() -> None:
    with Processes(os.environ) as processes:
        groups = [processes.start(name, SLEEPS) for name in ("one", "two")]
        assert all(map(is_running, groups))
        os.kill(os.getpid(), signal.SIGINT)
        assert processes.wait() is None
    assert not any(map(is_running, groups))


def test_a_child_that_ends_is_named_and_takes_the_others_with_it() -> None:
    with Processes(os.environ) as processes:
        group = processes.start("sleeps", SLEEPS)
        processes.start("ends", [sys.executable, "-c", ""])
        assert processes.wait() == "ends"
    assert not is_running(group)


def test_what_does_not_end_when_asked_is_ended_with_its_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform_ui.processes.STOP_WITHIN", 1.0)
    with Processes(os.environ) as processes:
        group = processes.start("stubborn", STUBBORN)
    assert not is_running(group)
