"""Versions in module names: what is one, what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.naming import smells_in, split_of

GROUPS = [
    ("endpoint-v2 endpoint-v3", "endpoint", "2.x 3.x"),
    ("endpoint endpoint-v2", "endpoint", " 2.x"),
    ("search search2", "search", " 2.x"),
    ("search-v2 search_v3", "search", "2.x 3.x"),
    ("searchv2 search", "search", " 2.x"),
    ("SearchV2 SearchV3", "Search", "2.x 3.x"),
    ("YOLO YOLOv7", "YOLO", " 7.x"),
    ("foo_1_3 foo_1_4", "foo", "1.3.x 1.4.x"),
    ("foo-1.6.2 foo", "foo", " 1.6.2"),
    ("com.acme.api.v2 com.acme.api.v3", "com.acme.api", "2.x 3.x"),
    ("@acme/ui-v1 @acme/ui-v10 @acme/ui-v2", "@acme/ui", "1.x 2.x 10.x"),
    ("JSON JSON2 JSON3", "JSON", " 2.x 3.x"),
    ("http http2 http3", "http", " 2.x 3.x"),
    ("oauth2 oauth3", "oauth", "2.x 3.x"),
    ("tool11 tool12", "tool", "11.x 12.x"),
]
NAMES = [
    "base64", "base64 base", "http2", "http2 http", "log4j log", "sha256 sha sha1 sha512",
    "utf8 utf utf16", "s3 s", "k8s k", "x86 x x64", "oauth2 oauth", "i18n i", "ipv4 ipv6 ip",
    "md5 md", "endpoint-v2", "search2", "search2 searcher", "cards52 cards", "hash-2014 hash",
    "worker-1 worker-2 worker", "node1 node2", "int8 int16 int32 int64", "covid-19 covid",
    "d3 d", "go/mod/v2 go/mod", "a1 a2", "v2 v3", "2 3 4", "-2 -3", "search02 search",
    "mp3 mp4 mp", "searchv2 searcher", "Search2 search",
]  # fmt: skip


@pytest.mark.parametrize(("names", "stem", "lines"), GROUPS, ids=[case[0] for case in GROUPS])
def test_names_that_differ_by_a_version_are_one_module(names: str, stem: str, lines: str) -> None:
    (smell,) = smells_in(names.split())
    assert smell.stem == stem
    assert [member.line for member in smell.members] == lines.split(" ")
    assert {member.name for member in smell.members} == set(names.split())


@pytest.mark.parametrize("names", NAMES)
def test_names_that_end_in_a_number_are_names(names: str) -> None:
    assert smells_in(names.split()) == []


def test_a_smell_says_what_it_suggests() -> None:
    (smell,) = smells_in(["search-v2", "search-v3"])
    words = "search-v2 and search-v3 look like versions of one module: search 2.x, 3.x"
    assert smell.sentence == words
    (many,) = smells_in(f"api-v{number}" for number in range(1, 10))
    assert "api-v5 and 4 more look like" in many.sentence
    assert many.sentence.endswith("api 1.x, 2.x, 3.x, 4.x, 5.x, …")


words = st.text("abcxyz", min_size=4, max_size=8).map(lambda word: f"q{word}q")
numbers = st.sets(st.integers(1, 99), min_size=2, max_size=5)


@given(st.dictionaries(words, numbers, max_size=4), st.sampled_from(["-v", "_v", ".v"]))
def test_every_version_put_into_a_name_is_found_again(
    modules: dict[str, set[int]], mark: str
) -> None:
    names = [f"{word}{mark}{number}" for word, stated in modules.items() for number in stated]
    found = {smell.stem: [member.line for member in smell.members] for smell in smells_in(names)}
    assert found == {word: [f"{n}.x" for n in sorted(modules[word])] for word in modules}


@given(st.lists(st.text("ab1290vV-_./é\u0663", max_size=12), max_size=12))
def test_any_names_give_groups_of_two_at_least_in_which_each_is_once(names: list[str]) -> None:
    found = smells_in(names)
    assert found == smells_in(reversed(names))
    for smell in found:
        members = [member.name for member in smell.members]
        assert len(set(members)) == len(members) >= 2
        assert set(members) <= set(names)
        for member in smell.members:
            split = split_of(member.name, names)
            assert split is not None and split.stem == smell.stem if member.line else True
            assert member.line or member.name == smell.stem


def test_a_long_name_takes_no_time() -> None:
    name = "a1-v." * 51 + "2"
    assert len(smells_in([name, name + "1"] * 200)) <= 1
