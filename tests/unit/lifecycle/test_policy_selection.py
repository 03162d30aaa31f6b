"""What a policy selects, and which of two selections is the narrower."""

import re
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.policies.selection import Selection, Subject, matches

SUBJECT = Subject("platform", "tv-home", 3, "staging", "preprod", "us-east-1")


@pytest.mark.parametrize(
    ("selection", "is_selected"),
    [
        ({}, True),
        ({"ecosystem": "platform"}, True),
        ({"ecosystem": "npm"}, False),
        ({"owner_id": 3}, True),
        ({"owner_id": 4}, False),
        ({"module_pattern": "tv-home"}, True),
        ({"module_pattern": "tv-*"}, True),
        ({"module_pattern": "tv"}, False),
        ({"module_pattern": "*home"}, True),
        ({"module_pattern": "tv?home"}, True),
        ({"module_pattern": "TV-home"}, False),
        ({"environment": "staging"}, True),
        ({"environment": "prod"}, False),
        ({"tier": "preprod"}, True),
        ({"tier": "prod"}, False),
        ({"region": "us-east-1"}, True),
        ({"region": "eu-west-1"}, False),
        ({"tier": "preprod", "region": "eu-west-1"}, False),
        ({"tier": "preprod", "owner_id": 3, "module_pattern": "tv-*"}, True),
    ],
)
def test_selection_selects_what_all_of_its_fields_name(
    selection: dict[str, Any], is_selected: bool
) -> None:
    assert Selection(**selection).selects(SUBJECT) is is_selected


def test_what_has_no_owner_and_no_place_is_selected_by_neither() -> None:
    line = Subject("platform", "auth")
    assert not Selection(owner_id=3).selects(line)
    assert not Selection(tier="preprod").selects(line)
    assert Selection(ecosystem="platform").selects(line)


NARROWER = [
    {},
    {"ecosystem": "platform"},
    {"owner_id": 3},
    {"owner_id": 3, "ecosystem": "platform"},
    {"tier": "preprod"},
    {"region": "us-east-1"},
    {"environment": "staging"},
    {"environment": "staging", "region": "us-east-1"},
    {"module_pattern": "*e"},
    {"module_pattern": "tv-*"},
    {"module_pattern": "tv-hom?"},
    {"module_pattern": "tv-home"},
    {"module_pattern": "tv-home", "tier": "preprod"},
]


def test_selections_are_ranked_from_the_widest_to_the_narrowest() -> None:
    ranks = [Selection(**fields).specificity for fields in NARROWER]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


@given(st.text("ab*?[", max_size=6), st.text("ab[", max_size=6))
def test_pattern_means_what_its_plain_expression_means(pattern: str, name: str) -> None:
    plain = "".join({"*": "[ab[]*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    assert matches(pattern, name) is (re.fullmatch(plain, name) is not None)


def test_pattern_of_many_stars_is_matched_at_once() -> None:
    began = perf_counter()
    assert not matches("*a" * 200 + "b", "a" * 256)
    assert perf_counter() - began < 20
