"""The schemes' own documentation as cases, and what they do with bad input."""

from time import process_time

import pytest

from lineage.resolution.newest import ModuleVersions
from lineage.versioning import (
    InvalidRange,
    InvalidVersion,
    min_version,
    parse_range,
    parse_version,
    satisfies,
    scheme_for,
    scheme_named,
    version_in,
)

SCHEMES = ("semver", "pep440", "cargo", "maven", "golang", "gem", "nuget")

ASCENDING = {
    # packaging.python.org/en/latest/specifications/version-specifiers/, its summary of suffixes
    "pep440": "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 "
    "1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 "
    "1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 2024.1 1!0.1",
    # maven.apache.org/pom.html#version-order-specification, and Maven 3.9.6 itself
    "maven": "1-alpha-1 1-a2 1-beta-1 1-m1 1-rc1 1-cr2 1-SNAPSHOT 1 1-sp 1-foo2 1-foo10 1-1 1-2 "
    "1.0.1-rc1 1.0.1 1.1 1.2 1.10 2.0-SNAPSHOT 2.0",
    # guides.rubygems.org/patterns and lib/rubygems/version.rb
    "gem": "0.9 1.0.a.2 1.0.b1 1.0 1.0.1.pre 1.0.1 1.2 1.10 2.0.a 2",
    # learn.microsoft.com/en-us/nuget/concepts/package-versioning#pre-release-versions
    "nuget": "1.0.1-alpha 1.0.1-alpha.2 1.0.1-alpha.10 1.0.1-open 1.0.1-rc 1.0.1-zzz "
    "1.0.1 1.0.1.2 1.0.10",
    # go.dev/ref/mod#versions and #pseudo-versions
    "golang": "v0.0.0-20170915032832-14c0d48ead0c v0.0.0 v1.2.3-pre v1.2.3 "
    "v1.2.4-0.20191109021931-daa7c04131f5 v1.2.4 v1.10.0 v2.0.0+incompatible",
    # doc.rust-lang.org/cargo/reference/resolver.html#pre-releases
    "cargo": "0.1.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-beta 1.0.0-rc.1 1.0.0 1.0.1",
}


@pytest.mark.parametrize("scheme", ASCENDING)
def test_versions_ascend_as_the_ecosystem_says(scheme):
    texts = ASCENDING[scheme].split()
    keys = [parse_version(text, scheme=scheme).key for text in texts]
    assert [texts[keys.index(key)] for key in sorted(keys)] == texts


EQUAL = [
    ("pep440", "1.0 1 1.0.0 v1.0"),
    ("pep440", "1.0rc1 1.0-RC1 1.0c1 1.0.0_rc_1"),
    ("maven", "1 1.0 1.0.0 1-ga 1.ga 1-final 1.0.0-0.0.0 1.Final 1.RELEASE"),
    ("maven", "1-a1 1-alpha-1 1.0-alpha1"),
    ("gem", "1 1.0 1.0.0"),
    ("gem", "1.a 1.0.a 1.a.0"),
    ("nuget", "1.0 1.0.0 1.0.0.0 01.0 1.0.0+build"),
    ("nuget", "1.0.0-beta 1.0-BETA"),
    ("golang", "v1.2.3 1.2.3"),
]


@pytest.mark.parametrize(("scheme", "texts"), EQUAL)
def test_spellings_of_one_version_share_its_precedence(scheme, texts):
    assert len({parse_version(text, scheme=scheme).precedence for text in texts.split()}) == 1


MATCHES = [
    # packaging.python.org/en/latest/specifications/version-specifiers/
    ("pep440", "~=2.2", "2.2 2.9 2.2.post3", "2.1 3.0 3.0.dev1"),
    ("pep440", "~=1.4.5a4", "1.4.5a4 1.4.9", "1.4.4 1.5"),
    ("pep440", "==1.1", "1.1 1.1.0 1.1+local", "1.1.post1 1.1a1"),
    ("pep440", "==1.1.*", "1.1 1.1.post1 1.1.7", "1.2 1.1a1"),
    ("pep440", "!=1.1.post1", "1.1 1.2", "1.1.post1"),
    ("pep440", ">1.7", "1.7.1 1.8", "1.7 1.7.post2 1.7+l"),
    ("pep440", ">1.7.post2", "1.7.1 1.7.post3", "1.7 1.7.post2"),
    ("pep440", "===1.0", "1.0", "1.0.0 1.0+l"),
    ("pep440", "1.0", "1.0 1.0.0", "1.0.1"),
    ("pep440", "*", "1.0 2024.1 1!3", "1.0rc1"),
    # doc.rust-lang.org/cargo/reference/specifying-dependencies.html
    ("cargo", "1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 1.3.0-rc.1"),
    ("cargo", "0.2.3", "0.2.3 0.2.9", "0.3.0"),
    ("cargo", "0.0.3", "0.0.3", "0.0.4"),
    ("cargo", "0.0", "0.0.9", "0.1.0"),
    ("cargo", "0", "0.9.9", "1.0.0"),
    ("cargo", "~1.2", "1.2.9", "1.3.0"),
    ("cargo", "1.*", "1.0.0 1.9.0", "2.0.0"),
    ("cargo", ">= 1.2, < 1.5", "1.2.0 1.4.9", "1.5.0 1.1.9"),
    ("cargo", "=1.2.3", "1.2.3", "1.2.4"),
    ("cargo", ">1.2", "1.3.0", "1.2.9"),
    ("cargo", "<=1.2", "1.2.9", "1.3.0"),
    ("cargo", "1.0.0-alpha", "1.0.0-beta 1.0.0 1.5.0", "1.1.0-alpha 2.0.0"),
    # maven.apache.org/pom.html#dependency-version-requirement-specification
    ("maven", "1.0", "1.0 1.0.0", "1.1"),
    ("maven", "[1.0]", "1.0", "1.1"),
    ("maven", "(,1.0]", "0.9 1.0", "1.1"),
    ("maven", "[1.2,1.3]", "1.2 1.3", "1.1 1.4"),
    ("maven", "[1.0,2.0)", "1.0 1.9 2.0-SNAPSHOT", "2.0"),
    ("maven", "(,1.0],[1.2,)", "0.9 1.2", "1.1"),
    ("maven", "(,1.1),(1.1,)", "1.0 1.2", "1.1"),
    # guides.rubygems.org/patterns/#pessimistic-version-constraint
    ("gem", "~> 2.2", "2.2 2.9", "3.0 3.0.a"),
    ("gem", "~> 2.2.0", "2.2.9", "2.3"),
    ("gem", ">= 1, < 2", "1.0 1.9", "2.0 1.5.pre"),
    ("gem", ">= 1.0.a", "1.0.b 1.0 1.5.pre", "0.9"),
    ("gem", "!= 1.1", "1.0 1.2", "1.1"),
    ("gem", "1.1", "1.1 1.1.0", "1.2"),
    # learn.microsoft.com/en-us/nuget/concepts/package-versioning#version-ranges
    ("nuget", "1.0", "1.0 2.0", "0.9 1.1-beta"),
    ("nuget", "(1.0,)", "1.1", "1.0"),
    ("nuget", "[1.0]", "1.0.0", "1.1"),
    ("nuget", "(,1.0]", "0.5 1.0", "1.1"),
    ("nuget", "[1.0,2.0)", "1.0 1.9", "2.0 2.0-beta"),
    ("nuget", "[1.0-beta,2.0)", "1.0-rc 1.9-alpha", "1.0-alpha"),
    ("nuget", "1.*", "1.0 1.9", "2.0 1.1-beta"),
    ("nuget", "1.*-*", "1.1-beta", "2.0"),
    # go.dev/ref/mod#go-mod-file-require
    ("golang", "v1.2.3", "v1.2.3 v1.9.0 v2.0.0+incompatible", "v1.2.2 v1.2.3-rc.1"),
]


@pytest.mark.parametrize(("scheme", "text", "inside", "outside"), MATCHES)
def test_ranges_match_as_the_ecosystem_says(scheme, text, inside, outside):
    assert [v for v in inside.split() if not satisfies(v, text, scheme=scheme)] == []
    assert [v for v in outside.split() if satisfies(v, text, scheme=scheme)] == []


TAKEN = [
    ("pep440", ">=1.0", "1.0 1.5 2.0rc1", "1.5"),
    ("pep440", ">=1.6", "1.0 1.5 2.0rc1", "2.0rc1"),  # nothing else satisfies
    ("pep440", "<2.0", "2.0rc1", None),
    ("golang", "v1.2.0", "v1.1.0 v1.2.0 v1.9.0", "v1.2.0"),
    ("golang", "*", "v1.2.0 v1.9.0 v2.0.0-rc.1", "v1.9.0"),
    ("golang", "*", "v0.0.0-20170915032832-14c0d48ead0c", "v0.0.0-20170915032832-14c0d48ead0c"),
    ("nuget", "1.0", "0.9.0 1.0.1 1.9.0", "1.0.1"),
    ("nuget", "1.*", "1.0.1 1.9.0 2.0.0", "1.9.0"),
    ("maven", "[1.0,2.0)", "1.0 1.9 2.0", "1.9"),
    ("gem", "~> 1.2", "1.2 1.9 2.0 1.9.1.pre", "1.9"),
]


@pytest.mark.parametrize(("scheme", "text", "versions", "expected"), TAKEN)
def test_each_ecosystem_takes_what_its_tool_would(scheme, text, versions, expected):
    known = versions.split()
    parsed = [parse_version(version, scheme=scheme) for version in known]
    found = ModuleVersions(parsed, [False] * len(known)).newest(parse_range(text, scheme=scheme))
    assert (None if found is None else known[found]) == expected


LINES = [
    ("pep440", "1.4.2rc1", "1.x", "1.4.x"),
    ("pep440", "2024.1", "2024.x", "2024.1.x"),
    ("pep440", "1!2.3", "1!2.x", "1!2.3.x"),
    ("maven", "31.1-jre", "31.x", "31.1.x"),
    ("maven", "r09", "r09", "r09"),
    ("golang", "v2.3.4+incompatible", "v2.x", "v2.3.x"),
    ("gem", "7.1.3.pre", "7.x", "7.1.x"),
    ("nuget", "4.2", "4.x", "4.2.x"),
    ("cargo", "0.2.3", "0.x", "0.2.x"),
    ("exact", "1.2.3", "1.2.3", "1.2.3"),
]


@pytest.mark.parametrize(("scheme", "text", "major", "minor"), LINES)
def test_lines_are_named_as_people_say_them(scheme, text, major, minor):
    version = parse_version(text, scheme=scheme)
    named = scheme_named(scheme)
    assert (named.major_line(version), named.minor_line(version)) == (major, minor)


@pytest.mark.parametrize(
    ("scheme", "text", "least"),
    [
        ("pep440", ">=1.2,<2", "1.2"),
        ("pep440", ">1.2", None),
        ("pep440", "==1.4.*", "1.4"),
        ("cargo", "^1.2", "1.2.0"),
        ("nuget", "[1.2,2)", "1.2.0"),
        ("golang", "v1.2.3", "v1.2.3"),
        ("gem", "~> 1.2", "1.2"),
        ("maven", "[1.2,)", "1.2"),
    ],
)
def test_the_least_version_is_named_where_there_is_one(scheme, text, least):
    assert min_version(text, scheme=scheme) == least


JUNK = ["", "not a version", "1..2.", "\x00", "1.0\x00", "٣.0", "x" * 10_000, "1" * 10_000]
JUNK += ["1." * 5_000, "1-" * 5_000, "1.a" * 4_000, "v" * 10_000, "[" * 10_000, "~>" * 5_000]
JUNK += [">=1," * 2_500, "1.0,2.0]", "[1.0", "[2.0,1.0]", ">=", "(,", "]1,2[", "1 2", "\n1"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_bad_input_is_refused_with_a_reason_and_at_once(scheme):
    began = process_time()
    reasons = []
    for text in JUNK:
        for parse, error in ((parse_version, InvalidVersion), (parse_range, InvalidRange)):
            try:
                parse(text, scheme=scheme)
            except error as refusal:
                reasons.append(refusal.reason)
    assert process_time() - began < 2
    assert len(reasons) > len(JUNK)
    assert all(reasons)
    for text in ("1.0\x00", "x" * 10_000):
        with pytest.raises(InvalidVersion):
            parse_version(text, scheme=scheme)
        with pytest.raises(InvalidRange):
            parse_range(text, scheme=scheme)


@pytest.mark.parametrize("ecosystem", ["npm", "pypi", "cargo", "golang", "gem", "nuget"])
def test_what_is_no_version_of_its_scheme_sorts_below_all_and_satisfies_nothing(ecosystem):
    foreign = version_in(ecosystem, "git+https://example.com/x#main")
    scheme = scheme_for(ecosystem)
    least = scheme.parse_version("0.0.0")
    assert foreign.is_foreign
    assert foreign.key < least.key
    everything = scheme.parse_range("*")
    assert not everything.contains(foreign)
    assert not everything.spans(foreign)
    assert ModuleVersions([foreign], [False]).newest(everything) is None
