"""Resolution, dependents, usage, removal and the past on a real registry, beside plain answers."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from platform_ui.bench.compare import Comparison, compared, simulated_deployments
from platform_ui.bench.plain import PlainPlatform
from tests.factories.platform import lines_of, take_in
from tests.shared_data import shared_path

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def records() -> list[dict]:
    """The first modules of the registry as of NOW, with deployments of them."""
    with gzip.open(shared_path("data/registry/julia-subset.ndjson.gz")) as packed:
        lines = [json.loads(line) for line in packed][:12_000]
    known = [line for line in lines if line.get("published_at", "2000") < NOW.isoformat()]
    return known + simulated_deployments(known, count=400, seed=1, until=NOW)


def test_a_real_registry_answers_as_plain_means_do(records) -> None:
    take_in(lines_of(records), now=NOW)
    found = compared(records, now=NOW, as_of=NOW - timedelta(days=120), modules=80, hubs=20)
    assert found.named == []
    assert found.different == 0
    assert set(found.asked) == {
        "resolution", "transitive dependents", "usage", "removal", "in the way",
        "resolution as of 2026-03-03", "transitive dependents as of 2026-03-03",
        "usage as of 2026-03-03",
    }  # fmt: skip
    assert min(found.asked.values()) > 60


def test_a_difference_is_named() -> None:
    comparison = Comparison()
    comparison.same("usage", "json", {1}, {1})
    comparison.same("usage", "json", {1}, {2})
    assert comparison.asked == {"usage": 2}
    assert comparison.different == 1
    assert comparison.named == ["usage of json: {1} and not {2}"]


def test_plain_answers_are_those_of_the_vocabulary() -> None:
    versions = [
        {"module": "json", "version": "1.0.0"},
        {"module": "json", "version": "1.1.0", "yanked": True},
        {"module": "json", "version": "2.0.0", "published_at": "2026-06-20"},
        {"module": "json", "version": "3.0.0-rc.1"},
        {"module": "json", "version": "3.0.0", "published_at": "2026-08-01"},
        {"module": "auth", "version": "1.0.0",
         "dependencies": [{"module": "json", "range": "^1"}]},
        {"module": "tv", "version": "1.0.0",
         "dependencies": [{"module": "auth", "range": "*"}, {"module": "json", "range": "2.x"}]},
    ]  # fmt: skip
    running = {
        "type": "deployment", "id": "tv", "module": "tv", "version": "1.0.0", "tier": "prod",
        "started_at": "2026-06-01", "resolved": {"json": "2.0.0"},
    }  # fmt: skip
    plain = PlainPlatform([*versions, running], at=NOW)
    assert plain.resolve("json", "^1") == "1.0.0"
    assert plain.resolve("json", "1.1.0") == "1.1.0"
    assert plain.resolve("json", "*") == "2.0.0"
    assert plain.newest("json") == "2.0.0"
    assert plain.dependents("json") == {("auth", "1.0.0"), ("tv", "1.0.0")}
    assert plain.usage == dict.fromkeys(
        [("tv", "1.0.0"), ("auth", "1.0.0"), ("json", "2.0.0")], (1, 0)
    )
    state = {"unused_for": timedelta(days=30), "vouched": NOW - timedelta(days=90)}
    assert plain.line_state("json", 1, **state) == "held"
    assert plain.line_state("json", 2, **state) == "newest"
    later = PlainPlatform([*versions, running], at=datetime(2026, 9, 1, tzinfo=UTC))
    assert later.newest("json") == "3.0.0"
    assert later.line_state("json", 2, **state) == "in_use"
