"""Commands run as processes of their own, on the database of the test."""

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def start(*words: str, **options: str) -> "subprocess.Popen[bytes]":
    """Start ``manage.py``, its three streams piped; needs a test that commits."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "platform_ui.settings",
        "DATABASE_URL": database_url(),
        **options,
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
    )


def run(*words: str, stdin: bytes = b"", **options: str) -> tuple[int, str, str]:
    """Run ``manage.py`` to its end: exit code, standard output, standard error."""
    process = start(*words, **options)
    output, errors = process.communicate(stdin, timeout=120)
    return process.returncode, output.decode(), errors.decode()


def database_url() -> str:
    """The URL under which another process finds the database of the test."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    login = f"{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}"
    return f"postgresql://{login}/{found['NAME']}"
