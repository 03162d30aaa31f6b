"""What an entry says, in words."""

from typing import Any

import pytest

from platform_ui.facts import Change, Fact, changes_of, facts_of, words_of


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        ("", "–"),
        (True, "yes"),
        (False, "no"),
        (1_234, "1,234"),
        (0.5, "0.5"),
        ("a thing", "a thing"),
        ("2024-09-01T12:30:15.25+00:00", "2024-09-01 12:30 UTC"),
        ("2024-09-01T25:30", "2024-09-01T25:30"),
        ([], "–"),
        ({}, "–"),
        (["a", 2, None], "a; 2; –"),
        ([{"kind": "blocked", "grace_days": 3}], "kind blocked, grace days 3"),
        (list(range(23)), "; ".join(map(str, range(20))) + "; and 3 more"),
    ],
)
def test_values_become_words(value: Any, words: str) -> None:
    assert words_of(value) == words


def test_evidence_becomes_terms_in_its_order() -> None:
    said = {"ended_by": "ana", "items": ["x"]}
    assert facts_of(said) == [Fact("ended by", "ana"), Fact("items", "x")]
    assert facts_of(["not", "a", "mapping"]) == []


def test_changes_name_what_either_side_has() -> None:
    assert changes_of({"a": 1, "b": 2}, {"b": 3, "c": None}) == [
        Change("a", "1", "–"),
        Change("b", "2", "3"),
        Change("c", "–", "–"),
    ]
    assert changes_of([], None) == []
