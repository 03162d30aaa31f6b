"""Each scheme's order and ranges against what others wrote for the same ecosystem."""

from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Pep440
from univers.gem import GemRequirement, GemVersion
from univers.maven import Version as Maven
from univers.maven import VersionRange as MavenRange
from univers.nuget import Version as Nuget

from lineage.resolution.newest import ModuleVersions
from lineage.versioning import InvalidRange, is_subset, parse_range, parse_version, satisfies

few = st.integers(0, 3)
numbers = st.lists(st.sampled_from([0, 0, 1, 2, 10]), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
PYPI = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", "", "1!"]),
        numbers,
        st.sampled_from(["", "", "a1", "b0", "rc1", "rc2"]),
        st.sampled_from(["", "", "", ".post0", ".post1"]),
        st.sampled_from(["", "", "", ".dev0", ".dev3"]),
    ),
)
LOCAL = st.builds("".join, st.tuples(PYPI, st.sampled_from(["", "", "+1", "+a.2", "+10", "+a"])))
QUALIFIERS = " -alpha-1 -beta2 -m3 -rc1 -cr2 -SNAPSHOT -sp-1 -Final -ga -jre -android -1 -2"
MAVEN = st.builds("".join, st.tuples(numbers, st.sampled_from(QUALIFIERS.split(" "))))
GEM = st.builds(
    "".join,
    st.tuples(
        numbers,
        st.sampled_from(["", "", ".a", ".b1", ".pre", ".rc.1", ".a.0.b", ".a.0.1", "-x", ".A"]),
    ),
)
NUGET = st.builds(
    "".join,
    st.tuples(
        st.tuples(few, few, few, st.sampled_from([0, 0, 1])).map(lambda p: ".".join(map(str, p))),
        st.sampled_from(["", "", "-alpha", "-Beta", "-beta.2", "-rc.10", "-1"]),
    ),
)


def sign(a, b):
    return (a > b) - (a < b)


ORDERS = {
    "pep440": (LOCAL, lambda a, b: sign(Pep440(a), Pep440(b))),
    "gem": (GEM, lambda a, b: sign(GemVersion(a), GemVersion(b))),
    "nuget": (NUGET, lambda a, b: sign(Nuget.from_string(a), Nuget.from_string(b))),
    "maven": (MAVEN, lambda a, b: sign(Maven(a), Maven(b))),
}


@pytest.mark.parametrize("scheme", ORDERS)
@given(data=st.data())
def test_keys_order_all_pairs_as_the_library_does(scheme, data):
    versions, compare = ORDERS[scheme]
    texts = data.draw(st.lists(versions, min_size=2, max_size=8))
    for a in texts:
        for b in texts:
            one, other = (parse_version(text, scheme=scheme) for text in (a, b))
            assert sign(one.precedence, other.precedence) == compare(a, b), (a, b)
            if compare(a, b):
                assert sign(one.key, other.key) == compare(a, b)
    by_key = sorted(texts, key=lambda text: parse_version(text, scheme=scheme).precedence)
    assert by_key == sorted(texts, key=cmp_to_key(compare))


def specifier(operator, version):
    if operator.endswith(".*"):
        return f"{operator[:2]}{Pep440(version).base_version}.*"
    if operator == "~=" and len(Pep440(version).release) == 1:
        version = f"{Pep440(version).base_version}.0"
    return f"{operator}{version}"


SPECIFIERS = st.lists(
    st.one_of(
        st.builds(specifier, st.sampled_from(["==.*", "!=.*", "~=", ">", "<", ">=", "<="]), PYPI),
        st.builds(specifier, st.sampled_from(["==", "!=", "==="]), LOCAL),
    ),
    max_size=3,
).map(",".join)


@given(SPECIFIERS, st.lists(LOCAL, min_size=1, max_size=8, unique_by=lambda t: str(Pep440(t))))
def test_python_specifiers_admit_what_packaging_admits(text, versions):
    versions = [str(Pep440(version)) for version in versions]
    compiled, package = parse_range(text, scheme="pep440"), SpecifierSet(text)
    parsed = [parse_version(version, scheme="pep440") for version in versions]
    for version in parsed:
        inside = package.contains(version.text, prereleases=True)
        assert compiled.spans(version) == inside
        if package.prereleases or not version.is_prerelease:
            assert compiled.contains(version) == inside
    found = ModuleVersions(parsed, [False] * len(parsed)).newest(compiled)
    kept = list(package.filter(versions))
    best = max(kept, key=lambda v: parse_version(v, scheme="pep440").key, default=None)
    assert (None if found is None else versions[found]) == best


GEM_CLAUSES = st.lists(
    st.tuples(st.sampled_from(["=", "!=", ">", "<", ">=", "<=", "~>", ""]), GEM).map(" ".join),
    min_size=1,
    max_size=3,
)


@given(GEM_CLAUSES, st.lists(GEM, min_size=1, max_size=8))
def test_gem_requirements_admit_what_rubygems_admits(clauses, versions):
    compiled = parse_range(", ".join(clauses), scheme="gem")
    package = GemRequirement(*(clause.strip() for clause in clauses))
    for version in versions:
        parsed = parse_version(version, scheme="gem")
        assert compiled.spans(parsed) == package.satisfied_by(GemVersion(version)), version


BRACKETS = st.builds(
    lambda opening, low, high, closing: f"{opening}{low},{high}{closing}",
    st.sampled_from("[("),
    st.one_of(st.just(""), MAVEN),
    st.one_of(st.just(""), MAVEN),
    st.sampled_from("])"),
)


@given(BRACKETS, st.lists(MAVEN, min_size=1, max_size=8))
def test_maven_ranges_admit_what_maven_admits(text, versions):
    try:
        package = MavenRange(text)
        compiled = parse_range(text, scheme="maven")
    except (ValueError, InvalidRange):
        return
    for version in versions:
        assert compiled.contains(parse_version(version, scheme="maven")) == (
            Maven(version) in package
        ), version


RANGES = {
    "pep440": (SPECIFIERS, LOCAL),
    "gem": (GEM_CLAUSES.map(", ".join), GEM),
    "maven": (BRACKETS, MAVEN),
    "nuget": (
        st.one_of(NUGET, NUGET.map("[{}]".format), st.sampled_from(["1.*", "1.2.*", "1.0.0-*"])),
        NUGET,
    ),
    "cargo": (
        st.builds(
            "{}{}".format,
            st.sampled_from(["", "^", "~", ">=", "<", "="]),
            st.sampled_from(["1", "1.2", "0.0", "0.1.2", "1.2.3-rc.1", "2.0.0"]),
        ),
        st.builds("{}.{}.{}{}".format, few, few, few, st.sampled_from(["", "", "-rc.1", "-zz"])),
    ),
    "golang": (
        st.builds("v{}.{}.{}{}".format, few, few, few, st.sampled_from(["", "-rc.1"])),
        st.builds(
            "v{}.{}.{}{}".format, few, few, few, st.sampled_from(["", "-rc.1", "+incompatible"])
        ),
    ),
}


@pytest.mark.parametrize("scheme", RANGES)
@given(data=st.data())
def test_subset_and_intersection_never_contradict_a_version(scheme, data):
    ranges, versions = RANGES[scheme]
    try:
        a, b = (parse_range(data.draw(ranges), scheme=scheme) for _ in range(2))
    except InvalidRange:
        return
    for text in data.draw(st.lists(versions, min_size=1, max_size=12)):
        version = parse_version(text, scheme=scheme)
        if a.contains(version) and b.contains(version):
            assert a.intersects(b)
        if a.is_subset(b) and a.contains(version):
            assert b.contains(version)
    assert a.is_subset(a)


@pytest.mark.parametrize(
    ("scheme", "sub", "sup", "expected"),
    [
        ("pep440", ">=1.2,<2", ">=1,<3", True),
        ("pep440", "~=1.4.2", "==1.4.*", True),
        ("pep440", "<=2.0", "<2.0", False),
        ("pep440", "<2.0", "<2.0rc1", True),
        ("pep440", ">=1.0rc1", ">=1.0", False),
        ("gem", "~> 1.2.3", "~> 1.2", True),
        ("gem", "~> 1.2", "~> 1.2.3", False),
        ("maven", "[1.2,1.3)", "[1.0,2.0)", True),
        ("maven", "[1.0,2.0]", "[1.0,2.0)", False),
        ("nuget", "[1.2,1.3)", "1.0", True),
        ("nuget", "1.*", "[1.0,2.0)", True),
        ("cargo", "1.2.3", "1", True),
        ("cargo", "0.2", "0.3", False),
        ("golang", "v1.3.0", "v1.2.0", True),
        ("golang", "v1.2.0", "v1.3.0", False),
    ],
)
def test_subsets_are_found(scheme, sub, sup, expected):
    assert is_subset(sub, sup, scheme=scheme) is expected


def test_satisfies_takes_the_scheme_by_name():
    assert satisfies("1.4.5", "~=1.4.2", scheme="pep440")
