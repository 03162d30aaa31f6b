"""The catalogue of events: a schema each, an envelope by the book, a page that says the same."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from lifecycle.events import KINDS, EventKind, envelope, kind_named
from lifecycle.events.changes import Step, change_of
from lifecycle.events.page import catalogue_page

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/events.md"
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_page_of_the_reference_is_the_catalogue() -> None:
    assert PAGE.read_text() == catalogue_page()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_a_schema_of_its_own_and_says_what_happened(kind: EventKind) -> None:
    schema = kind.schema()
    Draft202012Validator.check_schema(schema)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({}, kind.data)
    assert not Draft202012Validator(schema).is_valid({})
    assert kind.description.endswith(".")
    assert kind_named(kind.name) is kind


def test_names_are_distinct() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_envelope_is_a_cloud_event() -> None:
    found = envelope(
        "source.quiet", id="source.quiet:ci", source="https://sundial.example", at=AT,
        subject="", data={"source": "ci"}, schema="https://sundial.example/api/v1/events/",
    )  # fmt: skip
    assert found == {
        "specversion": "1.0",
        "id": "source.quiet:ci",
        "source": "https://sundial.example",
        "type": "sundial.source.quiet",
        "time": "2026-04-01T12:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "https://sundial.example/api/v1/events/",
        "data": {"source": "ci"},
    }


def step(text: str, *, pre: bool = False) -> Step:
    major, minor, patch = (int(part) for part in text.partition("-")[0].split("."))
    key = bytes([major, minor, patch, 0 if pre else 1])
    return Step(text, key, f"{major}.x", f"{major}.{minor}.x", pre)


@pytest.mark.parametrize(
    ("version", "others", "change", "previous"),
    [
        ("1.0.0", [], "major", None),
        ("1.0.1", ["1.0.0"], "patch", "1.0.0"),
        ("1.1.0", ["1.0.0", "1.0.9"], "minor", "1.0.9"),
        ("2.0.0", ["1.9.9"], "major", "1.9.9"),
        ("1.0.2", ["1.0.1", "2.0.0"], "patch", "1.0.1"),
        ("0.9.0", ["1.0.0"], "major", None),
    ],
)
def test_size_of_a_step(version: str, others: list[str], change: str, previous: str | None) -> None:
    every = [step(text) for text in (*others, version)]
    assert change_of(step(version), every) == (change, previous)


def test_release_steps_from_the_release_before_not_from_its_prereleases() -> None:
    every = [step("1.0.0"), step("1.1.0-rc.1", pre=True), step("1.1.0")]
    assert change_of(step("1.1.0"), every) == ("minor", "1.0.0")
    assert change_of(every[1], every) == ("minor", "1.0.0")
