"""manage.py check_manifest: one answer with the API, as exit codes."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories.people import api_client, person

pytestmark = pytest.mark.usefixtures("troubled")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "manifest.json"


def run(path: Path, *options: str, **wanted: Any) -> tuple[int, str]:
    """The exit code and what was printed for a manifest that wants one module."""
    path.write_text(json.dumps({"requirements": [wanted]}))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_manifest", str(path), *options, stdout=out)
    assert isinstance(ended.value.code, int)
    return ended.value.code, out.getvalue()


@pytest.mark.parametrize(
    ("options", "wanted", "code"),
    [
        ((), {"module": "json", "range": "^3"}, 0),
        (("--strict",), {"module": "json", "range": "^3"}, 0),
        ((), {"module": "auth", "range": "^1"}, 0),
        (("--strict",), {"module": "auth", "range": "^1"}, 3),
        (("--fail", "dying"), {"module": "auth", "range": "^1"}, 1),
        (("--dying-days", "99999"), {"module": "auth", "range": "^1"}, 1),
        ((), {"module": "dead", "range": "*"}, 1),
        (("--strict",), {"module": "dead", "range": "*"}, 1),
    ],
)
def test_the_answer_is_the_exit_code(
    path: Path, options: tuple[str, ...], wanted: dict[str, str], code: int
) -> None:
    assert run(path, *options, **wanted)[0] == code


def test_reasons_and_the_smallest_fix_are_printed(path: Path) -> None:
    _, printed = run(path, module="json", range="1.4.0")
    assert printed.splitlines() == [
        "FAIL: 1 checked.",
        "  fail yanked: json 1.4.0 is yanked: broken build.",
        "  warn behind: json 1.4.0 is 2 major versions behind 3.0.0.",
        "The smallest fixes:",
        "  Declare json 2.0.0: it takes 2.0.0.",
    ]


def test_json_is_what_the_api_answers(path: Path) -> None:
    _, printed = run(path, "--json", module="auth", range="^1")
    client = api_client(person("otto"), "read")
    response = client.post("/api/v1/check/", path.read_bytes(), content_type="application/json")
    assert json.loads(printed) == response.json()


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("hello", ()),
        ('{"requirements": [{"module": "json", "range": "!"}]}', ()),
        ('{"requirements": []}', ("--warn", "yanked")),
    ],
)
def test_what_cannot_be_read_or_asked_ends_with_2(
    path: Path, text: str, options: tuple[str, ...]
) -> None:
    path.write_text(text)
    with pytest.raises(CommandError) as caught:
        call_command("check_manifest", str(path), *options)
    assert caught.value.returncode == 2


def test_a_file_that_is_not_there_ends_with_2(path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("check_manifest", str(path))
    assert caught.value.returncode == 2
