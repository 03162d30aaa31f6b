"""The audit's chain: whatever is done to it without the key shows, and where."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.chain import (
    GENESIS,
    HEAD,
    LINK,
    MOST_NAMED,
    Content,
    Head,
    Key,
    Link,
    Verdict,
    digest_of,
    judge_chain,
    key_of,
    link_hash,
    links_of,
    seal,
)

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)
KEY, OLD, STRANGE = key_of("a" * 40), key_of("b" * 40), key_of("c" * 40)
KEYS = {KEY.name: KEY}
Chain = tuple[list[Link], Head | None]


def content(place: int, **said: Any) -> Content:
    given = {"actor": "ana", "action": "sunset", "subject": f"thing {place}", "reason": ""}
    parts = {"evidence": {"sunset": place}, "before": {}, "after": {}}
    return Content(**{"at": NOW, **given, **parts, **said})


def chain(length: int = 6, *, key: Key = KEY, behind: Chain = ([], None)) -> Chain:
    """A chain of that many further entries."""
    links, head = behind
    digests = [(place, digest_of(content(place))) for place in range(length)]
    rows, end = links_of(digests, head, key)
    added = [Link(*row[:4], digest) for row, (_, digest) in zip(rows, digests, strict=True)]
    return [*links, *added], end


def judged(chain: Chain, *keys: Key, seen: dict[int, str] | None = None) -> Verdict:
    known = {key.name: key for key in keys} or KEYS
    return judge_chain(chain[0], chain[1], keys=known, seen=seen)


def kinds(verdict: Verdict) -> list[tuple[str, int]]:
    return [(str(problem.kind), problem.sequence) for problem in verdict.problems]


def altered(links: list[Link]) -> None:
    links[2] = replace(links[2], digest=digest_of(content(99)))


def removed(links: list[Link]) -> None:
    del links[2]


def two_removed(links: list[Link]) -> None:
    del links[2:4]


def first_removed(links: list[Link]) -> None:
    del links[0]


def swapped(links: list[Link]) -> None:
    links[2], links[3] = replace(links[3], sequence=3), replace(links[2], sequence=4)


def cut_off(links: list[Link]) -> None:
    del links[4:]


def emptied(links: list[Link]) -> None:
    links.clear()


def appended(links: list[Link]) -> None:
    last, digest = links[-1], digest_of(content(7))
    end = link_hash(last.hash, digest)
    links.append(Link(7, last.hash, end, seal(STRANGE, LINK, 7, end), digest))


def rehashed(links: list[Link]) -> None:
    """Another content, with every hash from there on made to fit, and the seals left."""
    previous = links[1].hash
    for place in range(2, len(links)):
        digest = digest_of(content(99)) if place == 2 else links[place].digest
        end = link_hash(previous, digest)
        links[place] = replace(links[place], digest=digest, previous=previous, hash=end)
        previous = end


TAMPERINGS: list[tuple[Callable[[list[Link]], None], list[tuple[str, int]]]] = [
    (altered, [("altered", 3)]),
    (removed, [("missing", 3)]),
    (two_removed, [("missing", 3)]),
    (first_removed, [("missing", 1)]),
    (swapped, [("reordered", 3), ("reordered", 4), ("reordered", 5)]),
    (cut_off, [("truncated", 5)]),
    (emptied, [("truncated", 1)]),
    (appended, [("forged", 7)]),
    (rehashed, [("altered", 3), ("altered", 4), ("altered", 5), ("altered", 6), ("altered", 6)]),
]


def test_an_untouched_chain_is_intact() -> None:
    links, head = chain()
    verdict = judged((links, head))
    assert verdict.is_intact
    assert (verdict.entries, verdict.sequence, verdict.hash) == (6, 6, links[-1].hash)
    assert [link.previous for link in links] == [GENESIS, *(link.hash for link in links[:-1])]


def test_no_chain_at_all_is_intact() -> None:
    assert judged(([], None)).is_intact


@pytest.mark.parametrize(
    ("tamper", "expected"), TAMPERINGS, ids=lambda x: getattr(x, "__name__", "")
)
def test_each_way_to_tamper_shows_with_its_place(
    tamper: Callable[[list[Link]], None], expected: list[tuple[str, int]]
) -> None:
    links, head = chain()
    tamper(links)
    verdict = judged((links, head))
    assert kinds(verdict) == expected
    assert not verdict.is_intact


def test_a_cut_off_end_shows_though_the_note_of_the_end_was_moved_back() -> None:
    links, head = chain()
    assert head is not None
    forged = Head(4, links[3].hash, head.seal)
    assert kinds(judged((links[:4], forged))) == [("altered", 0)]
    assert kinds(judged((links[:4], None))) == [("truncated", 0)]


def test_an_older_note_of_the_end_put_back_shows_to_who_saw_a_later_one() -> None:
    links, head = chain(4)
    longer, _ = chain(2, behind=(links, head))
    assert judged((links, head)).is_intact  # nothing inside tells
    assert kinds(judged((links, head), seen={6: longer[-1].hash})) == [("truncated", 6)]
    assert kinds(judged((links, head), seen={4: "0" * 64})) == [("altered", 4)]
    assert judged((links, head), seen={4: links[3].hash}).is_intact


def test_a_seal_of_a_newer_key_vouches_for_what_an_unknown_one_sealed() -> None:
    whole = chain(2, behind=chain(3, key=OLD))
    verdict = judged(whole)
    assert (verdict.is_intact, verdict.vouched) == (True, 3)
    altered(whole[0])
    assert kinds(judged(whole)) == [("altered", 3)]


def test_without_the_key_of_its_end_a_chain_is_unproven() -> None:
    whole = chain(3, key=OLD)
    verdict = judged(whole)
    assert (verdict.is_intact, verdict.found, verdict.unproven) == (False, 0, 3)
    assert judged(whole, KEY, OLD).is_intact


def test_whoever_lacks_the_key_can_not_seal_a_rewritten_chain() -> None:
    links, _ = chain(2)
    rewritten, head = chain(6, key=STRANGE)
    assert judged((rewritten, head)).unproven == 6
    named = [replace(link, seal=f"{KEY.name}:{link.seal.partition(':')[2]}") for link in rewritten]
    assert len(kinds(judged((named, head)))) == 6
    assert links


def test_a_leaked_key_that_was_replaced_does_not_help_to_rewrite() -> None:
    links, head = chain(2, behind=chain(3, key=OLD))
    rewritten = chain(2, key=OLD)[0]
    third = digest_of(content(99))
    end = link_hash(rewritten[1].hash, third)
    forged = Link(3, rewritten[1].hash, end, seal(OLD, LINK, 3, end), third)
    assert kinds(judged(([*rewritten, forged, *links[3:]], head), KEY, OLD)) == [("reordered", 4)]


def test_many_problems_are_counted_and_the_first_are_named() -> None:
    links, head = chain(3 * MOST_NAMED)
    verdict = judged(([replace(link, digest="") for link in links], head))
    assert (verdict.found, len(verdict.problems)) == (3 * MOST_NAMED, MOST_NAMED)


def test_problems_are_told_in_words() -> None:
    links, head = chain()
    two_removed(links)
    (problem,) = judged((links, head)).problems
    assert str(problem) == "missing: entry 3 is missing up to 4"


def test_a_head_is_sealed_apart_from_its_link() -> None:
    assert seal(KEY, HEAD, 1, "x") != seal(KEY, LINK, 1, "x")


SAME = [
    ({"n": 3}, {"n": 3.0}),
    ({"n": 1e300}, {"n": 10**300}),
    ({"n": -0.0}, {"n": 0}),
    ({"a": 1, "b": [1, 2]}, {"b": (1, 2), "a": 1}),
]
OTHER = [
    ({"n": 3}, {"n": "3"}),
    ({"n": 2**60}, {"n": 2**60 + 1}),
    ({"n": 0.1}, {"n": 0.2}),
    ({"a": [1, 2]}, {"a": [2, 1]}),
    ({"a": None}, {}),
    ({"a": True}, {"a": 1}),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_what_databases_write_differently_is_the_same(first: Any, second: Any) -> None:
    assert digest_of(content(1, evidence=first)) == digest_of(content(1, evidence=second))


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_what_says_something_else_is_not_the_same(first: Any, second: Any) -> None:
    assert digest_of(content(1, evidence=first)) != digest_of(content(1, evidence=second))


def test_each_field_counts() -> None:
    fields = ("actor", "action", "subject", "reason", "evidence", "before", "after")
    digests = {digest_of(content(1))} | {digest_of(content(1, **{name: "?"})) for name in fields}
    digests.add(digest_of(content(1, at=NOW + timedelta(microseconds=1))))
    assert len(digests) == len(fields) + 2


def test_the_zone_an_instant_is_told_in_does_not_count() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    assert digest_of(content(1, at=elsewhere)) == digest_of(content(1))


def test_a_key_does_not_show_itself() -> None:
    assert "secret" not in repr(KEY)


@given(st.lists(st.integers(0, 9), max_size=8), st.data())
def test_any_removal_replacement_or_move_shows(places: list[int], data: st.DataObject) -> None:
    links, head = chain(10)
    tampered = list(links)
    for place in places:
        match data.draw(st.sampled_from(("remove", "replace", "move", "seal"))):
            case "remove" if place < len(tampered):
                del tampered[place]
            case "replace" if place < len(tampered):
                tampered[place] = replace(tampered[place], digest=digest_of(content(place + 50)))
            case "move" if place < len(tampered):
                tampered[place], tampered[0] = (
                    replace(tampered[0], sequence=tampered[place].sequence),
                    replace(tampered[place], sequence=tampered[0].sequence),
                )
            case "seal" if place < len(tampered):
                tampered[place] = replace(tampered[place], seal=tampered[place - 1].seal)
    assert judged((tampered, head)).is_intact == (tampered == links)
