"""The commands: what they print, and the exit code a pipeline reads."""

import io
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lineage.models import Deployment, IngestRun, Module
from lineage.selectors.modules import module_summary
from tests import processes
from tests.factories.platform import NOW, drawn, lines_of, module, platform

pytestmark = pytest.mark.django_db

DRAWN = "json 1.4.0\nauth 1.0.0 -> json@^1"
GOOD = lines_of(drawn(DRAWN))
BAD = b'{"module":"auth"}\n'
OTHER = lines_of(drawn("auth 1.0.0 -> json@^2"))


def ran(*words: str, **options: Any) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command in this process."""
    output, errors = io.StringIO(), io.StringIO()
    try:
        call_command(*words, stdout=output, stderr=errors, **options)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue(), errors.getvalue()
    except CommandError as error:
        return error.returncode, output.getvalue(), str(error)
    return 0, output.getvalue(), errors.getvalue()


@pytest.fixture
def write(tmp_path: Path):
    """Write a document and return its path."""

    def written(data: bytes, name: str = "records.ndjson") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return written


def test_ingest_ends_with_one_object_of_counts(write) -> None:
    code, output, _ = ran("ingest", write(GOOD), "--json", "--source", "ci")
    counts = json.loads(output.splitlines()[-1])
    assert code == 0
    assert {name: counts[name] for name in ("accepted", "created", "changed", "unchanged")} == {
        "accepted": 2, "created": 2, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    assert (counts["rejected"], counts["conflicts"]) == (0, 0)
    assert counts["seconds"] >= 0
    assert IngestRun.objects.get().source.name == "ci"


def test_after_ingest_the_answers_are_current(write) -> None:
    ran("ingest", write(GOOD))
    assert module_summary(module("json"), now=NOW).consumers == 1
    ran("ingest", write(lines_of(drawn("tv 1.0.0 -> json@1.4.0"))))
    assert module_summary(module("json"), now=NOW).consumers == 2


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([GOOD], {"code": 0, "accepted": 2}),
        ([GOOD, GOOD], {"code": 0, "accepted": 4, "created": 2, "unchanged": 2}),
        ([GOOD + BAD], {"code": 1, "accepted": 2, "rejected": 1}),
        ([GOOD, OTHER], {"code": 1, "accepted": 2, "conflicts": 1}),
        ([b"nothing of the kind"], {"code": 2, "accepted": 0}),
        ([b"nothing of the kind", GOOD + BAD], {"code": 2, "accepted": 2, "rejected": 1}),
    ],
)
def test_the_exit_code_tells_how_it_went(write, documents, expected) -> None:
    paths = [write(data, str(number)) for number, data in enumerate(documents)]
    code, output, _ = ran("ingest", *paths, "--json")
    counts = {**json.loads(output.splitlines()[-1]), "code": code}
    assert {name: counts[name] for name in expected} == expected


def test_a_file_that_is_not_there_is_named_and_the_others_are_taken(write) -> None:
    code, output, errors = ran("ingest", "/nowhere/at-all.json", write(GOOD))
    assert code == 2
    assert "/nowhere/at-all.json" in errors
    assert "2 records in: 2 created" in output
    assert Module.objects.count() == 2


def test_a_path_that_is_no_text_is_taken_like_any_other(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.ndjson")
    Path(path).write_bytes(GOOD)
    assert ran("ingest", path)[0] == 0
    assert IngestRun.objects.get().document.endswith("\ufffd.ndjson")


@pytest.mark.parametrize("option", ["--source", "--environment"])
@pytest.mark.parametrize("name", ["", " ci", "c\ni", "\udcff", "c" * 129])
def test_a_name_that_could_not_be_kept_is_refused_before_anything_is_read(option, name) -> None:
    code, _, errors = ran("ingest", "/nowhere", f"{option}={name}")
    assert code != 0
    assert "1 to 128 printable characters" in errors
    assert not IngestRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_prints_counts_last_and_its_progress_elsewhere(write) -> None:
    code, output, errors = processes.run("ingest", "-", "--json", stdin=GOOD + BAD)
    assert code == 1
    assert json.loads(output.splitlines()[-1])["accepted"] == 2
    assert "B/s" in errors
    assert platform(DRAWN).unchanged == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("auth", "1.x"), 0, "can be removed"),
        (("auth", "2.x"), 1, "tv/prod"),
        (("auth", "3.x"), 1, "newest"),
        (("auth", "9.x"), 2, "no line 9.x"),
        (("auth", "<2"), 0, "can be removed"),
        (("auth", "one two"), 2, "one two"),
        (("nobody", "1.x"), 2, "No module nobody"),
        (("auth", "1.x", "--ecosystem", "npm"), 2, "No module auth"),
    ],
)
def test_removal_answers_by_its_exit_code(words, code, said) -> None:
    platform(
        """
        auth 1.0.0 on 2025-01-01
        auth 2.0.0 on 2025-02-01
        auth 3.0.0 on 2025-03-01
        tv 1.0.0 on 2025-03-01 -> auth@^2
        tv/prod runs tv 1.0.0 in prod since 2025-03-02
        """
    )
    found, output, errors = ran("removal", *words)
    assert found == code
    assert said in output + errors


def test_removal_in_json_names_what_stands_in_the_way() -> None:
    platform("auth 1.0.0", "auth 2.0.0", "tv 1.0.0 -> auth@^1", "tv/prod runs tv 1.0.0 in prod")
    code, output, _ = ran("removal", "auth", "1.x", "--json")
    answer = json.loads(output)
    assert (code, answer["verdict"], answer["total_blockers"]) == (1, "not_yet", 2)
    assert {blocker["kind"] for blocker in answer["blockers"]} == {
        "live_deployment",
        "only_satisfiable_by",
    }


@pytest.mark.parametrize(
    ("range", "code", "said"),
    [
        ("^1", 0, "1.4.0\n"),
        ("*", 0, "2.0.0\n"),
        (">=2.1.0-0", 0, "2.1.0-rc.1\n"),
        ("1.5.0", 0, "1.5.0\n"),
        ("^3", 1, "No version of json satisfies ^3"),
        ("one", 2, "one"),
    ],
)
def test_resolve_prints_the_version_a_range_gets(range, code, said) -> None:
    platform(
        "json 1.4.0\njson 1.5.0\njson 2.0.0\njson 2.1.0-rc.1",
        {"type": "yank", "module": "json", "version": "1.5.0"},
    )
    found, output, errors = ran("resolve", "json", range)
    assert found == code
    assert said in output + errors


@pytest.mark.parametrize(
    ("as_of", "code", "said"),
    [
        ("2025-02-01", 0, "1.0.0\n"),
        ("2025-02-01T00:00:00Z", 1, "No version of json satisfies *"),
        ("2025-03-01", 0, "1.1.0\n"),
        ("2999-01-01", 2, "still to come"),
        ("soon", 1, "--as-of: is not an RFC 3339 instant or date"),  # 2 from a shell
    ],
)
def test_resolve_answers_as_of_a_past_day(as_of, code, said) -> None:
    platform("json 1.0.0 on 2025-02-01T12:00:00Z", "json 1.1.0 on 2025-02-20")
    found, output, errors = ran("resolve", "json", "*", "--as-of", as_of)
    assert found == code
    assert said in output + errors


def test_resolve_jointly_prints_a_tree_or_the_conflict() -> None:
    platform("app 1.0.0 -> auth@*, json@^1", "auth 1.0.0 -> json@*", "json 1.4.0", "json 2.0.0")
    code, output, _ = ran("resolve", "app", "*", "--strategy", "joint")
    assert (code, output.split("\n")) == (0, ["app 1.0.0", "auth 1.0.0", "json 1.4.0", ""])
    platform("auth 1.1.0 -> json@^2", {"type": "yank", "module": "auth", "version": "1.0.0"})
    code, output, errors = ran("resolve", "app", "*", "--strategy", "joint")
    assert (code, output) == (1, "")
    assert "No version of json satisfies both ^1 and ^2." in errors


SMALL = ("--modules", "137", "--deployments", "3000", "--days", "60", "--until", "2026-04-01")


def test_simulate_writes_the_same_bytes_for_the_same_arguments(tmp_path: Path) -> None:
    documents = []
    for name, seed in (("a.gz", "5"), ("b.gz", "5"), ("c.gz", "6")):
        assert ran("simulate", *SMALL, "--seed", seed, "--out", str(tmp_path / name))[0] == 0
        documents.append((tmp_path / name).read_bytes())
    assert documents[0] == documents[1] != documents[2]


def test_a_simulated_platform_is_taken_whole_and_has_the_stated_shape(tmp_path: Path) -> None:
    path = str(tmp_path / "platform.ndjson")
    ran("simulate", *SMALL, "--seed", "5", "--out", path)
    records = [json.loads(line) for line in Path(path).read_bytes().splitlines()]
    code, output, _ = ran("ingest", path, "--json", "--source", "simulated-platform")
    counts = json.loads(output.splitlines()[-1])
    assert code == 0
    assert counts["accepted"] == len(records)
    assert counts["rejected"] == counts["conflicts"] == 0
    assert not Module.objects.filter(is_placeholder=True).exists()
    kinds = Counter(Module.objects.values_list("kind", flat=True))
    assert sum(kinds.values()) == 137
    assert kinds["library"] == 15
    assert 2_400 <= Deployment.objects.count() <= 3_300
    assert Module.objects.filter(kind="library", owner=None).count() <= 2
    tiers = Counter(row["tier"] for row in records if row.get("type") == "deployment")
    named = Counter((r["module"], r["version"]) for r in records if r.get("type") == "version")
    assert set(named.values()) == {1}
    assert tiers["preprod"] > 8 * tiers["prod"]
    assert ran("ingest", path, "--source", "simulated-platform")[1].startswith(
        f"{len(records):,} records in: 0 created, 0 changed"
    )


@pytest.mark.parametrize("option", ["--modules", "--deployments", "--days"])
def test_simulate_refuses_an_empty_platform(tmp_path: Path, option: str) -> None:
    code, _, errors = ran("simulate", option, "0", "--out", str(tmp_path / "x"))
    assert code == 1
    assert option in errors
