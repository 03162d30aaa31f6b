"""Suggested ranges: the operator stays, and the range takes what it was made for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.versioning import parse_range, parse_version
from lineage.versioning.scheme import SCHEMES
from lineage.versioning.suggest import ranges_taking


@pytest.mark.parametrize(
    ("scheme", "declared", "version", "expected"),
    [
        ("semver", "^1.4", "2.0.0", "^2.0.0"),
        ("semver", "~1.4", "1.6.0", "~1.6.0"),
        ("semver", "1.4.0", "1.4.1", "1.4.1"),
        ("semver", "=1.4.0", "1.4.1", "=1.4.1"),
        ("semver", "1.x", "2.0.0", "^2.0.0"),
        ("semver", ">=1 <2", "2.3.1", "^2.3.1"),
        ("semver", ">=1", "2.3.1", ">=1"),
        ("semver", "", "2.3.1", "^2.3.1"),
        ("semver", "^1", "2.0.0-rc.1", "^2.0.0-rc.1"),
        ("pep440", "~=1.4", "2.0.0", "~=2.0.0"),
        ("pep440", "==1.4.0", "1.4.1", "==1.4.1"),
        ("pep440", "<2", "2.0", "~=2.0"),
        ("cargo", "1.4", "2.0.0", "2.0.0"),
        ("gem", "~> 1.4", "2.0.0", "~> 2.0.0"),
        ("maven", "[1,2)", "2.0.0", "2.0.0"),
        ("golang", "v1.5.0", "v1.4.1", "v1.4.1"),
        ("cargo", "=1.4.0", "1.4.1", "=1.4.1"),
    ],
)
def test_the_suggested_range(scheme: str, declared: str, version: str, expected: str) -> None:
    assert ranges_taking(version, declared, scheme=scheme)[0] == expected


NUMBERS = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
DECLARED = st.sampled_from(["^1", "~1.2", "1.2.3", ">=1 <2", "*", "", "=1.2.3", "1.x", "~> 1.2"])


@given(NUMBERS, DECLARED, st.sampled_from([name for name in SCHEMES if name != "golang"]))
def test_a_suggestion_takes_its_version(
    numbers: tuple[int, ...], declared: str, scheme: str
) -> None:
    version = ".".join(map(str, numbers))
    found = ranges_taking(version, declared, scheme=scheme)
    parsed = parse_version(version, scheme=scheme)
    assert found
    assert all(parse_range(text, scheme=scheme).contains(parsed) for text in found)
    last = parse_range(found[-1], scheme=scheme)
    assert last.pin is not None or last.takes_lowest


def test_what_is_no_version_has_no_range() -> None:
    assert ranges_taking("weekly", "^1") == []
