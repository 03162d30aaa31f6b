"""Native records: what is taken in, what is refused, and which field is named."""

import json

import pytest

from lineage.ingest import records
from lineage.ingest.parsers.base import Accepted, Rejected
from lineage.ingest.parsers.native import parse_line

VERSION = {"module": "auth", "version": "1.0.0"}
DEPLOYMENT = {
    "type": "deployment",
    "id": "tv/prod",
    "module": "tv",
    "version": "1.0.0",
    "environment": "prod",
    "started_at": "2026-03-02T08:00:00Z",
}


def parse(line):
    data = line if isinstance(line, bytes) else json.dumps(line).encode()
    return parse_line(data, 7, max_depth=200)


def record_of(line):
    parsed = parse(line)
    assert isinstance(parsed, Accepted), parsed
    return parsed.record


def rejection_of(line):
    parsed = parse(line)
    assert isinstance(parsed, Rejected), parsed
    assert parsed.line == 7
    return parsed.field, parsed.reason


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"type": "team", "name": "identity", "email": "i@example.com"}, records.TeamRecord),
        ({"type": "source", "name": "ci", "cadence": "P1D"}, records.SourceRecord),
        ({"type": "environment", "name": "prod", "tier": "prod"}, records.EnvironmentRecord),
        ({"type": "version", **VERSION}, records.VersionRecord),
        (VERSION, records.VersionRecord),
        (DEPLOYMENT, records.DeploymentRecord),
        (
            {"type": "usage", "deployment": "tv/prod", "last_used_at": "2026-03-04"},
            records.UsageRecord,
        ),
        (
            {"type": "deployment_ended", "deployment": "tv/prod", "ended_at": "2026-03-04"},
            records.DeploymentEndedRecord,
        ),
        ({"type": "deprecation", "module": "auth", "range": "1.x"}, records.DeprecationRecord),
        ({"type": "yank", **VERSION}, records.YankRecord),
        (b'{"type":"te\\u0061m","name":"a"}', records.TeamRecord),
    ],
)
def test_each_type_becomes_its_record(line, kind):
    assert type(record_of(line)) is kind


def test_a_whole_version_is_kept_as_written():
    record = record_of(
        {
            **VERSION,
            "dependencies": [{"module": "json", "range": "^1.4"}],
            "optional_dependencies": [{"module": "yaml"}],
            "runtime": {"java": ">=17"},
            "scm": {"repo": "https://git.example.com/auth", "commit": "9f8e"},
            "ttl": "P90D",
        }
    )
    assert record.dependencies == [records.Dependency(module="json", range="^1.4")]
    assert record.optional_dependencies[0].range == "*"
    assert record.scm.commit == "9f8e"
    assert (record.ttl, record.runtime) == ("P90D", {"java": ">=17"})


def test_unknown_keys_join_the_metadata():
    record = record_of({**VERSION, "stdlib": ["Test"], "metadata": {"a": 1}})
    assert record.metadata == {"a": 1, "stdlib": ["Test"]}
    assert record_of({**DEPLOYMENT, "cost": 1.5}).metadata == {"cost": 1.5}


def test_a_key_stated_twice_differently_is_refused():
    field, reason = rejection_of({**VERSION, "cost": 1, "metadata": {"cost": 2}})
    assert field == "cost"
    assert "stated twice" in reason
    assert record_of({**VERSION, "cost": 1, "metadata": {"cost": 1}}).metadata == {"cost": 1}


@pytest.mark.parametrize(
    ("line", "field", "word"),
    [
        (b"[]", "", "must be an object, not a list"),
        (b"42", "", "must be an object"),
        (b"{", "", "ends before it is complete"),
        (b'{"module":"a","version":"1"}}', "", "followed by something else"),
        (b'{"module":"a\xff","version":"1"}', "", "not UTF-8"),
        (b'{"module":"a","version":"1","x":NaN}', "", "malformed"),
        (b'{"module":"a","version":"1","x":1e400}', "x", "out of range"),
        (b'{"module":"a","version":"1","metadata":{"x":1e400}}', "metadata", "out of range"),
        (b'{"module":"\\ud800","version":"1"}', "module", "half a character"),
        (b'{"module":"a","version":"1","x":{"y":["\\ud800"]}}', "x.y[0]", "half a character"),
        (b'{"module":"a\\u0000","version":"1"}', "module", "NUL"),
        (b'{"module":"a","version":"1","x":[0,{"y":"\\u0000"}]}', "x[1].y", "NUL"),
        (b'{"module":"a","version":"1","metadata":{"\\u0000":1}}', "metadata", "NUL"),
        ({"module": "a"}, "type", "is missing"),
        ({"type": "nonsense"}, "type", "must be one of team"),
        ({"type": 3}, "type", "must be text"),
        ({"type": "version", "module": "a"}, "version", "is missing"),
        ({**VERSION, "module": ""}, "module", "must not be empty"),
        ({**VERSION, "module": "a" * 257}, "module", "longer than 256"),
        ({**VERSION, "module": " a"}, "module", "space around"),
        ({**VERSION, "module": "a\u00a0"}, "module", "space around"),
        ({**VERSION, "module": "a\nb"}, "module", "control"),
        ({**VERSION, "module": "a\u202eb"}, "module", "control"),
        (b'{"module":"a\x7fb","version":"1"}', "module", "control"),
        ({**VERSION, "ecosystem": "NPM"}, "ecosystem", "lower-case"),
        ({**VERSION, "kind": "robot"}, "kind", "one of library, script, service"),
        (
            {**VERSION, "dependencies": [{"module": "a", "range": 3}]},
            "dependencies[0].range",
            "text",
        ),
        ({**VERSION, "dependencies": [{"module": "a"}, {}]}, "dependencies[1].module", "missing"),
        ({**VERSION, "dependencies": [{"module": "a "}]}, "dependencies[0].module", "space"),
        (
            {**VERSION, "dependencies": [{"module": "a", "scope": "x"}]},
            "dependencies[0].scope",
            "one of runtime",
        ),
        ({**VERSION, "runtime": {"java": 17}}, "runtime", "must be text"),
        ({**VERSION, "published_at": "soon"}, "published_at", "RFC 3339"),
        ({**VERSION, "published_at": 5}, "published_at", "must be text or null"),
        ({**VERSION, "ttl": "P1Y"}, "ttl", "years or months"),
        ({**DEPLOYMENT, "ended_at": "2026-03-01"}, "ended_at", "earlier than started_at"),
        ({**DEPLOYMENT, "resolved": {"auth": "1 "}}, "resolved.auth", "space"),
        ({**DEPLOYMENT, "route": "/a\tb"}, "route", "control"),
        (
            {"type": "usage", "deployment": "a", "last_used_at": "2026-01-01", "requests": -1},
            "requests",
            "must be >= 0",
        ),
        ({"type": "source", "name": "ci", "cadence": "daily"}, "cadence", "ISO 8601"),
    ],
)
def test_a_bad_line_names_the_field_and_the_reason(line, field, word):
    found, reason = rejection_of(line)
    assert found == field
    assert word in reason


def test_text_that_only_looks_bad_is_taken():
    assert record_of(b'{"module":"a","version":"1","x":"\\\\u0000"}').metadata == {"x": "\\u0000"}
    assert record_of({"type": "yank", **VERSION, "reason": "broken\nbuild "}).reason
    assert record_of({**VERSION, "module": "größe"}).module == "größe"


def test_a_line_nested_too_deep_is_rejected_and_brackets_in_text_are_not_nesting():
    deep = b'{"module":"a","version":"1","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    assert "deeper than 200" in rejection_of(deep)[1]
    assert record_of({**VERSION, "x": '["\\' * 500}).metadata["x"]
    assert record_of({**VERSION, "x": [[]] * 500}).metadata["x"]


def test_what_a_rejection_shows_is_short_and_printable():
    rejected = parse(b'{"module":"a","type":"\\u0007' + b"x" * 5_000 + b'\x1b[31m"}')
    assert len(rejected.excerpt) <= 200
    assert rejected.excerpt.isprintable()
    assert len(rejected.reason) <= 1_000
    hostile = parse(b'{"module":"a","version":"1","' + b"k" * 5_000 + b'\\u0001":"\\u0000"}')
    assert hostile.field.isprintable()
    assert len(hostile.field) <= 256
