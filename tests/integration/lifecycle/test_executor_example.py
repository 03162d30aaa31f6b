"""The receiver and the callback that the documentation shows do what it says of them."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.conf import Settings
from pytest_django.live_server_helper import LiveServer

from lifecycle.models import ExecutorCall, Webhook
from tests.factories.executors import LATER, executing, executor_webhook, item_states, send_all
from tests.receivers import always, listening

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/write-an-executor.md"
TOOLS = ("bash", "curl", "openssl", "base64", "od")


def example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert found
    return found[1]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def receiver(settings: Settings, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The example in Python, running."""
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    port = free_port()
    hook = executor_webhook(f"http://127.0.0.1:{port}/")
    script = tmp_path / "receiver.py"
    script.write_text(example("python"))
    environment = os.environ | {"SUNDIAL_SECRET": hook.secret, "PORT": f"{port}",
                                "DONE_FILE": str(tmp_path / "done")}  # fmt: skip
    with subprocess.Popen(
        [sys.executable, script], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        until = monotonic() + 30
        with closing(socket.socket()) as probe:
            while probe.connect_ex(("127.0.0.1", port)) and monotonic() < until:
                sleep(0.05)
        yield process
        process.kill()


def test_receiver_of_the_documentation_carries_each_key_out_once(
    receiver: "subprocess.Popen[str]",
) -> None:
    sunset = executing(3)
    now = datetime.now(UTC)  # its library looks at the real clock
    assert send_all(now) == 3
    ExecutorCall.objects.update(state="pending", next_attempt_at=LATER)
    assert send_all(now) == 3
    assert item_states(sunset) == {"done": 3}
    receiver.kill()
    assert receiver.stdout is not None
    said = receiver.stdout.read().splitlines()
    assert sorted(said) == [f"sunset tv-00{number}/preview" for number in range(3)]


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
@pytest.mark.django_db(transaction=True)
def test_callback_of_the_documentation_is_taken(
    live_server: LiveServer, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with listening(always(202)) as receiver:
        executor_webhook(receiver.url)
        sunset = executing(1)
        send_all()
    call = ExecutorCall.objects.get()
    script = re.sub(r"^KEY=.*$", f"KEY={call.key}", example("bash"), flags=re.M)
    options = {"SUNDIAL": live_server.url, "SUNDIAL_SECRET": Webhook.objects.get().secret}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=os.environ | options,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state":"acknowledged"' in done.stdout.replace(" ", "")
    assert item_states(sunset) == {"done": 1}
