"""What contradicts or cannot be read is reported, and nothing else suffers from it."""

import pytest

from lineage.models import Dependency, IngestIssue, Module, Version
from lineage.services.ingest import IngestSummary
from tests.factories.platform import Record, lines_of, module, take_in, told, version
from tests.lineage_state import state

pytestmark = pytest.mark.django_db

LONG = "n" * 256
HUGE = 2**53 - 1


def issues_of(outcome: IngestSummary) -> list[tuple[str, int | None, str]]:
    """Kind, line and field of what the run kept."""
    rows = IngestIssue.objects.filter(run_id=outcome.run).order_by("line", "id")
    return list(rows.values_list("kind", "line", "field"))


@pytest.mark.parametrize(
    ("field", "record"),
    [
        ("digest", {"module": "auth", "version": "1.0.0", "digest": "sha256:b"}),
        ("dependencies", {"module": "auth", "version": "1.0.0", "digest": "sha256:a"}),
        (
            "dependencies",
            {
                "module": "auth",
                "version": "1.0.0",
                "dependencies": [{"module": "json", "range": "^2"}],
            },
        ),
        (
            "version",
            {
                "type": "deployment",
                "id": "tv/prod",
                "module": "tv",
                "version": "9.9.9",
                "environment": "elsewhere",
                "started_at": "2026-01-01",
                "resolved": {"nobody": "1.0.0"},
            },
        ),
    ],
)
def test_a_contradiction_is_reported_and_overwrites_nothing(field: str, record: Record) -> None:
    told(
        {
            "module": "auth",
            "version": "1.0.0",
            "digest": "sha256:a",
            "dependencies": [{"module": "json", "range": "^1"}],
        },
        "app 1.0.0 -> tv@*",
        "tv/prod runs tv 1.0.0 in prod",
    )
    before = state()
    outcome = told(record, source="ci")
    assert (outcome.conflicts, outcome.accepted, outcome.rejected) == (1, 0, 0)
    assert issues_of(outcome) == [("conflict", 1, field)]
    assert state() == before


def test_a_contradiction_leaves_the_records_around_it_in() -> None:
    told("auth 1.0.0 -> json@^1")
    outcome = told("auth 1.1.0", "auth 1.0.0 -> json@^2", "auth 1.2.0")
    assert (outcome.created, outcome.conflicts) == (2, 1)
    assert issues_of(outcome) == [("conflict", 2, "dependencies")]
    assert Dependency.objects.get().requirement.range == "^1"


def test_a_version_in_another_spelling_is_the_same_version() -> None:
    told({"module": "auth", "version": "v1.0.0", "digest": "sha256:a"})
    outcome = told({"module": "auth", "version": "1.0.0", "digest": "sha256:b"})
    assert outcome.conflicts == 1
    assert list(Version.objects.values_list("version", "digest")) == [("1.0.0", "sha256:a")]


@pytest.mark.parametrize(
    ("field", "record"),
    [
        ("version", {"module": "auth", "version": "one"}),
        ("version", {"type": "yank", "module": "auth", "version": "1.x"}),
        ("range", {"type": "deprecation", "module": "auth", "range": "one or two"}),
        (
            "dependencies[1].range",
            {
                "module": "auth",
                "version": "1.0.0",
                "owner": "identity",
                "dependencies": [
                    {"module": "json", "range": "^1"},
                    {"module": "yaml", "range": "newest"},
                ],
            },
        ),
        (
            "resolved.json",
            {
                "type": "deployment",
                "id": "a",
                "module": "tv",
                "version": "1.0.0",
                "environment": "prod",
                "started_at": "2026-01-01",
                "resolved": {"json": "newest"},
            },
        ),
        (
            "expires_at",
            {
                "type": "deployment",
                "id": "a",
                "module": "tv",
                "version": "1.0.0",
                "environment": "prod",
                "started_at": "2026-01-02",
                "expires_at": "2026-01-01",
            },
        ),
        (
            "ttl",
            {
                "type": "deployment",
                "id": "a",
                "module": "tv",
                "version": "1.0.0",
                "environment": "prod",
                "started_at": "9990-01-02",
                "ttl": "P30000D",
            },
        ),
    ],
)
def test_a_rejected_record_leaves_nothing_behind(field: str, record: Record) -> None:
    told("other 1.0.0")
    before = state()
    outcome = told(record)
    assert (outcome.rejected, outcome.accepted) == (1, 0)
    assert issues_of(outcome) == [("rejected", 1, field)]
    assert state() == before


def test_a_thousand_bad_lines_stop_none_of_a_thousand_good_ones() -> None:
    bad = [
        b"{",
        b"\xff\xfe",
        b'{"module":"a"}',
        b'{"module":"a","version":"%d"}',
        b'{"type":"usage","deployment":"a","last_used_at":"soon"}',
        b'{"module":"a","version":"1.0.0","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"module":"\\u0000","version":"1.0.0"}',
        b"[1]",
    ]
    lines = []
    for number in range(1_000):
        lines.append(b'{"module":"good","version":"1.0.%d"}' % number)
        lines.append(bad[number % len(bad)])
    outcome = take_in(b"\n".join(lines))
    assert (outcome.created, outcome.rejected, outcome.conflicts) == (1_000, 1_000, 0)
    assert Version.objects.filter(module__name="good").count() == 1_000
    assert set(Module.objects.values_list("name", flat=True)) == {"good"}
    kept = IngestIssue.objects.filter(run_id=outcome.run)
    assert list(kept.values_list("line", flat=True)) == list(range(2, 2_001, 2))
    by_kind = dict(kept.filter(line__lte=16).values_list("line", "field"))
    assert by_kind == {
        2: "", 4: "", 6: "type", 8: "version", 10: "last_used_at", 12: "", 14: "module", 16: "",
    }  # fmt: skip
    assert all(reason for reason in kept.values_list("reason", flat=True))


def test_issues_beyond_the_limit_are_counted_and_not_kept(settings) -> None:
    settings.INGEST_MAX_KEPT_ISSUES = 3
    outcome = take_in(b'{"module":"a","version":"1.0.0"}\n' + b'{"module":"a"}\n' * 10)
    assert outcome.rejected == 10
    assert [line for _, line, _ in issues_of(outcome)] == [2, 3, 4]


@pytest.mark.parametrize(
    "name",
    [
        "größe",
        "模块/名前",
        "🚀",
        "@scope/name",
        "<script>alert(1)</script>",
        "'; DROP TABLE lineage_module; --",
        '"quoted"\\backslash',
        "%s%d{0}${x}",
        "a\u0301",
        LONG,
        "../../etc/passwd",
    ],
)
def test_a_hostile_name_is_kept_as_it_is(name: str) -> None:
    outcome = told(
        {"module": name, "version": "1.0.0", "dependencies": [{"module": f"{name[:250]}-x"}]},
        {"type": "team", "name": name[:128]},
        {
            "type": "deployment", "id": name, "module": name, "version": "1.0.0",
            "environment": name[:128], "region": name[:64], "started_at": "2026-01-01",
        },
    )  # fmt: skip
    assert outcome.accepted == 3
    assert module(name).versions.get().deployments.get().key == name
    assert told({"module": name, "version": "1.0.0", "digest": "d"}).conflicts == 1


@pytest.mark.parametrize(
    "name", ["", " a", "a\x00b", "a\nb", "a\u202eb", "a\u200bb", "\ud800", "n" * 257]
)
def test_a_name_nobody_could_tell_apart_or_store_is_rejected(name: str) -> None:
    outcome = told({"module": name, "version": "1.0.0"}, "good 1.0.0")
    assert (outcome.created, outcome.rejected) == (1, 1)
    assert issues_of(outcome) == [("rejected", 1, "module")]
    assert Module.objects.get().name == "good"


def test_versions_with_huge_components_keep_their_order() -> None:
    texts = ["1.2.20260415", "1.2.3", f"1.{HUGE}.0", f"{HUGE}.0.0", "2.0.0", "1.2.20260415+9"]
    told(*(f"auth {text}" for text in texts), "tv 1.0.0 -> auth@1.x, auth@*, auth@~1.2")
    ordered = list(module("auth").versions.order_by("sort_key").values_list("version", flat=True))
    assert ordered == [
        "1.2.3", "1.2.20260415", "1.2.20260415+9", f"1.{HUGE}.0", "2.0.0", f"{HUGE}.0.0",
    ]  # fmt: skip
    resolved = dict(
        Dependency.objects.values_list("requirement__range", "requirement__resolved_version_id")
    )
    assert resolved == {
        "1.x": version(f"auth@1.{HUGE}.0").pk,
        "*": version(f"auth@{HUGE}.0.0").pk,
        "~1.2": version("auth@1.2.20260415+9").pk,
    }


@pytest.mark.parametrize(
    "text", [f"{HUGE + 1}.0.0", "9" * 200 + ".0.0", "1." * 100, "1.0.0-" + "a" * 300]
)
def test_a_version_beyond_what_can_be_counted_is_rejected(text: str) -> None:
    outcome = told({"module": "auth", "version": text})
    assert issues_of(outcome) == [("rejected", 1, "version")]
    assert not Module.objects.exists()


def test_a_record_of_no_line_is_rejected_by_its_place_in_an_array() -> None:
    outcome = take_in(
        b'[{"module":"a","version":"1.0.0"},{"module":"a"},{"module":"b","version":"1"}]'
    )
    assert outcome.created == 1
    assert issues_of(outcome) == [("rejected", 2, "type"), ("rejected", 3, "version")]


def test_the_good_lines_of_a_bad_document_come_in_once_whatever_is_sent_again() -> None:
    data = lines_of([{"module": "a", "version": "1.0.0"}, {"module": "a", "version": "?"}])
    take_in(data)
    before = state()
    again = take_in(data)
    assert (again.unchanged, again.rejected) == (1, 1)
    assert state() == before
