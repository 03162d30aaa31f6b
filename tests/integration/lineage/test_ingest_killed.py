"""Ingests as processes: killed outright, two at once; nothing is half-applied."""

import json
import signal

import pytest

from lineage.models import IngestRun
from lineage.services.epoch import current_epoch
from lineage.services.ingest import CHUNK
from tests import processes
from tests.factories.platform import lines_of, platform
from tests.lineage_state import state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PIPE = 1 << 17  # more than a pipe holds: what was written before that has been read
RECORDS = [
    {
        "module": f"auth-{n % 200}",
        "version": f"1.{n}.0",
        "dependencies": [{"module": f"auth-{n + 1}", "range": "^1"}] if n < 199 else [],
    }
    for n in range(14_000)
]


def test_an_ingest_killed_midway_leaves_nothing_and_the_next_one_completes() -> None:
    platform("auth-0 0.1.0 -> auth-1@^1", "tv/prod runs auth-0 0.1.0 in prod")
    before, epoch = state(), current_epoch().number
    data = lines_of(RECORDS)
    sent = len(data) * 9 // 10
    assert data[: sent - PIPE].count(b"\n") > 2 * CHUNK
    process = processes.start("ingest", "-", "--source", "ci", "--json")
    process.stdin.write(data[:sent])  # returns when all but a pipe's worth has been read
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()
    facts = {name: rows for name, rows in state().items() if name != "Source"}
    assert facts == {name: rows for name, rows in before.items() if name != "Source"}
    assert current_epoch().number == epoch
    assert IngestRun.objects.first().accepted == 0

    code, output, errors = processes.run("ingest", "-", "--source", "ci", "--json", stdin=data)

    assert code == 0, errors
    assert f'"created": {len(RECORDS)}' in output.splitlines()[-1]
    assert len(state()["Dependency"]) == 199 + 1


def test_two_ingests_of_one_document_at_once_take_it_in_once() -> None:
    data = lines_of(RECORDS[:3_000])
    both = [processes.start("ingest", "-", "--json") for _ in range(2)]
    for process in both:
        process.stdin.write(data)
        process.stdin.close()
    counts = []
    for process in both:
        output = process.stdout.read()
        process.stdout.close()
        process.stderr.close()
        assert process.wait() == 0
        counts.append(json.loads(output.splitlines()[-1]))
    assert sorted(count["created"] for count in counts) == [0, 3_000]
    assert sorted(count["unchanged"] for count in counts) == [0, 3_000]
    assert len(state()["Version"]) == 3_000
    assert current_epoch().number == 1
