"""The gate as a pipeline has it: the step of the docs, by curl, against a real server."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from platform_ui.accounts.services import issue_token
from tests.factories.people import person
from tests.factories.platform import NOW, platform
from tests.integration.gate.conftest import DRAWING, RECORDS
from tests.processes import ROOT, run

PAGE = ROOT / "docs/how-to/gate-a-pipeline.md"
CASES = [
    ({"module": "json", "range": "^3"}, "pass", 0, 0),
    ({"module": "old", "version": "1.0.0"}, "warn", 0, 3),
    ({"module": "dead", "version": "1.0.0"}, "fail", 1, 1),
]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq"
    ),
]


def step_of_the_docs() -> str:
    text = PAGE.read_text().partition("```yaml\n")[2].partition("```")[0]
    (step,) = yaml.safe_load(text)["steps"]
    return str(step["run"])


def test_the_step_of_the_docs_lets_through_what_may_be_used(
    live_server: Any, tmp_path: Path
) -> None:
    platform(DRAWING, *RECORDS)
    _, secret = issue_token(person("bot"), "pipeline", ["read"], NOW)
    environment = {**os.environ, "SUNDIAL": live_server.url, "SUNDIAL_TOKEN": secret}
    for wanted, verdict, code, _ in CASES:
        (tmp_path / "manifest.json").write_text(json.dumps({"requirements": [wanted]}))
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", step_of_the_docs()],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert done.stdout.splitlines()[0] == verdict
    environment["SUNDIAL_TOKEN"] = "sun_invented"
    refused = subprocess.run(
        ["/bin/sh", "-e", "-c", step_of_the_docs()],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert refused.returncode not in (0, 1)


def test_the_command_ends_with_the_same_answer(tmp_path: Path) -> None:
    platform(DRAWING, *RECORDS)
    for wanted, verdict, _, strict in CASES:
        document = json.dumps({"requirements": [wanted]}).encode()
        code, printed, errors = run("check_manifest", "-", "--json", "--strict", stdin=document)
        assert (code, json.loads(printed)["verdict"]) == (strict, verdict), errors
    assert run("check_manifest", "-", stdin=b"no json")[0] == 2
    assert run("check_manifest", str(tmp_path / "none"))[0] == 2
