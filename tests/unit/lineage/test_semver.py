"""Semantic versions and ranges against node-semver's suites and package."""

import gzip
import json
from functools import lru_cache

import nodesemver
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.resolution.newest import ModuleVersions
from lineage.versioning import (
    InvalidRange,
    InvalidVersion,
    intersects,
    is_subset,
    max_satisfying,
    min_version,
    parse_range,
    parse_version,
    satisfies,
    scheme_for,
)
from tests.shared_data import shared_path


def strict_rows(name):
    rows = json.loads(shared_path(f"suites/node-semver/{name}.json").read_text())
    return [row[:2] for row in rows if len(row) < 3 or row[2] in (None, {})]


def test_every_strict_included_row_satisfies():
    rows = strict_rows("range-include")
    assert len(rows) > 80
    assert [row for row in rows if not satisfies(row[1], row[0])] == []


def test_no_strict_excluded_row_satisfies_and_only_what_npm_refuses_is_refused():
    wrong = []
    for text, version in strict_rows("range-exclude"):
        if not isinstance(version, str):
            continue  # node-semver answers false to a version that is not text; here it is an error
        try:
            if satisfies(version, text):
                wrong.append((text, version))
        except (InvalidRange, InvalidVersion):
            with pytest.raises(ValueError, match="Invalid"):
                nodesemver.satisfies(version, text, loose=False)
    assert wrong == []


def test_strict_comparison_and_equality_rows_order_as_written():
    for greater, lesser in strict_rows("comparisons"):
        assert parse_version(greater).precedence > parse_version(lesser).precedence
    for one, other in strict_rows("equality"):
        assert parse_version(one).precedence == parse_version(other).precedence


def test_invalid_versions_are_refused():
    rows = json.loads(shared_path("suites/node-semver/invalid-versions.json").read_text())
    strict = [row[0] for row in rows if len(row) < 3 or not row[2]]
    for text in strict:
        with pytest.raises(InvalidVersion):
            parse_version(str(text))


def test_intersections_are_as_written():
    rows = json.loads(shared_path("suites/node-semver/range-intersection.json").read_text())
    assert [row for row in rows if intersects(row[0], row[1]) is not row[2]] == []


def test_semver_org_corpus_and_precedence():
    corpus = json.loads(shared_path("suites/semver/semver-org.json").read_text())
    for text in corpus["valid"]:
        components = text.split("-")[0].split("+")[0].split(".")
        if max(map(int, components)) <= 2**53 - 1:
            parse_version(text)
    for text in corpus["invalid"]:
        with pytest.raises(InvalidVersion):
            parse_version(text)


VERSIONS = st.builds(
    lambda a, b, c, pre, build: f"{a}.{b}.{c}{pre}{build}",
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 20_260_415),
    st.sampled_from(["", "", "-alpha", "-alpha.1", "-1", "-rc.2", "-a-b"]),
    st.sampled_from(["", "", "+0", "+1", "+build.5"]),
)
NEAR = st.builds(
    lambda a, b, c, pre: f"{a}.{b}.{c}{pre}",
    st.integers(0, 2),
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from(["", "", "-alpha", "-alpha.1", "-rc.2"]),
)
COMPARATORS = st.builds(
    lambda op, version: f"{op}{version}",
    st.sampled_from(["", "^", "~", ">", ">=", "<", "<="]),
    st.one_of(NEAR, st.sampled_from(["1", "1.x", "2.1", "*", "0", "0.0"])),
)
RANGES = st.lists(
    st.one_of(
        st.lists(COMPARATORS, min_size=1, max_size=3).map(" ".join),
        st.tuples(NEAR, NEAR).map(" - ".join),
    ),
    min_size=1,
    max_size=3,
).map(" || ".join)


@given(VERSIONS, VERSIONS)
def test_keys_order_as_semver_orders(a, b):
    first, second = parse_version(a), parse_version(b)
    expected = nodesemver.compare(a, b, loose=False)
    assert (first.precedence > second.precedence) - (first.precedence < second.precedence) == (
        expected
    )
    assert (first.key == second.key) == (a == b)
    if expected:
        assert (first.key > second.key) == (expected > 0)


@given(st.lists(NEAR, min_size=1, max_size=12), RANGES)
def test_ranges_admit_what_the_package_admits(versions, text):
    for version in versions:
        assert satisfies(version, text) == nodesemver.satisfies(version, text, loose=False)


@given(st.lists(VERSIONS, min_size=1, max_size=12, unique=True), RANGES)
def test_newest_equals_a_scan(versions, text):
    parsed = [parse_version(version) for version in versions]
    compiled = parse_range(text)
    inside = [p for p in parsed if compiled.contains(p)]
    found = ModuleVersions(parsed, [False] * len(parsed)).newest(compiled)
    expected = max(inside, key=lambda p: p.key).text if inside else None
    assert (None if found is None else versions[found]) == expected
    assert max_satisfying(versions, text) == expected


GRID = [
    f"{a}.{b}.{c}{pre}"
    for a in range(4)
    for b in range(4)
    for c in range(4)
    for pre in ("", "-alpha", "-alpha.1", "-rc.2", "-zz")
]


@given(RANGES, RANGES)
def test_a_subset_never_admits_what_its_superset_does_not(sub, sup):
    if is_subset(sub, sup):
        assert [v for v in GRID if satisfies(v, sub) and not satisfies(v, sup)] == []


@given(RANGES)
def test_nothing_below_the_minimum_satisfies(text):
    least = min_version(text)
    if least is not None:
        assert satisfies(least, text)
        floor = parse_version(least).key
        stable = [v for v in GRID if "-" not in v]
        assert [v for v in stable if satisfies(v, text) and parse_version(v).key < floor] == []


def test_withdrawn_versions_serve_only_an_exact_pin():
    versions = [parse_version(text) for text in ("1.0.0", "1.1.0", "2.0.0-rc.1")]
    module = ModuleVersions(versions, [False, True, True])
    assert module.newest(parse_range("^1.0.0")) == 0
    assert module.newest(parse_range("1.1.0")) == 1
    assert module.newest(parse_range("2.0.0-rc.1")) == 2
    assert module.newest(parse_range(">=1.1.0 <2")) is None


@pytest.mark.parametrize("text", ["1.0", "", "x" * 300, "9" * 40 + ".0.0", "1.0.0\x00", "٣.0.0"])
def test_a_hostile_version_is_refused_with_a_reason(text):
    with pytest.raises(InvalidVersion) as caught:
        parse_version(text)
    assert caught.value.reason


@pytest.mark.parametrize("text", [">" * 900, "x" * 1025, "1.0.0 || \x00", "not a range", "^^1"])
def test_a_hostile_range_is_refused_with_a_reason(text):
    with pytest.raises(InvalidRange) as caught:
        parse_range(text)
    assert caught.value.reason


def test_an_unknown_ecosystem_matches_exactly_and_says_so():
    scheme = scheme_for("deb")
    assert not scheme.matches_ranges
    assert scheme.parse_range("4.0.2.Final").contains(scheme.parse_version("4.0.2.Final"))
    assert not scheme.parse_range("4.0.2.Final").contains(scheme.parse_version("4.0.3.Final"))
    with pytest.raises(InvalidRange):
        scheme.parse_range("^1.0")
    keys = [scheme.parse_version(text).key for text in ("1.2", "1.10", "1.10.1")]
    assert keys == sorted(keys)


@lru_cache
def oracle(version):
    return nodesemver.make_semver(version, False)


@pytest.mark.slow
def test_every_distinct_pair_of_the_registry_subset_resolves_as_npm_resolves():
    versions, pairs = {}, set()
    with gzip.open(shared_path("data/registry/julia-subset.ndjson.gz"), "rt") as lines:
        for line in lines:
            record = json.loads(line)
            versions.setdefault(record["module"], []).append(record["version"])
            for kind in ("dependencies", "optional_dependencies"):
                pairs |= {(d["module"], d["range"]) for d in record.get(kind, ())}
    modules = {
        name: ModuleVersions([parse_version(v) for v in known], [False] * len(known))
        for name, known in versions.items()
    }
    assert len(pairs) > 5_000
    for name, text in sorted(pairs):
        known = versions.get(name, [])
        package = nodesemver.make_range(text, False)
        inside = [v for v in known if package.test(oracle(v))]
        found = modules[name].newest(parse_range(text)) if known else None
        if not inside:
            assert found is None
        else:
            best = nodesemver.max_satisfying(known, text, loose=False)
            assert parse_version(known[found]).precedence == parse_version(best).precedence
