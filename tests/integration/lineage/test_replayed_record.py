"""A record replayed instant by instant says what the time machine says of each instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lineage.history.record import Record
from lineage.history.world import World
from lineage.models import Version
from lineage.selectors.lines import line_facts
from lineage.selectors.view import view_at
from lineage.services.record import read_record
from tests.factories.platform import NOW, platform, version
from tests.integration.lineage.test_time_machine import History

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)


def moved_to(at: datetime, record: Record | None = None) -> World:
    world = World(record or read_record(NOW))
    world.advance(at)
    return world


def used(world: World) -> set[str]:
    ids = world.record.graph.version_ids[world.in_use].tolist()
    return {str(one) for one in Version.objects.filter(pk__in=ids).select_related("module")}


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, number, hour, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(4))
def test_every_past_instant_is_as_the_time_machine_has_it(seed: int) -> None:
    history = History(seed)
    days = [NOW + timedelta(days=number) for number in range(9)]
    for now in days:
        history.step(now)
    later = days[-1] + timedelta(days=1)
    world = World(read_record(later))
    ids = world.record.graph.version_ids
    for at in [*days, later]:
        at = at.replace(microsecond=999_999) if at != later else at
        world.advance(at)
        view = view_at(later, at if at != later else None)
        then = view.graph.version_ids
        assert set(ids[world.in_use].tolist()) == set(then[view.is_live].tolist())
        moment = world.moment(at, published_within=MONTH)
        newest = {int(ids[node]) for node in moment.newest if node >= 0}
        assert newest == {int(then[node]) for node in view.newest if node >= 0}
        targets = {r: int(ids[n]) for r, n in enumerate(moment.target.tolist()) if n >= 0}
        resolved = view.graph.requirement_target.tolist()
        assert targets == {r: int(then[n]) for r, n in enumerate(resolved) if n >= 0}


@pytest.mark.parametrize("seed", range(4))
def test_the_lines_it_tells_of_now_are_those_the_sweep_sees(seed: int) -> None:
    history = History(seed)
    for number in range(9):
        history.step(NOW + timedelta(days=number))
    now = NOW + timedelta(days=9)
    world = World(read_record(now))
    world.advance(now)
    moment = world.moment(now, published_within=MONTH)
    told = {
        (facts.module_id, facts.line): facts
        for facts in world.idle_lines(moment, before=now, at=now)
    }
    seen = line_facts(now=now, published_within=MONTH)
    for facts in seen:
        ours = told.pop((facts.module_id, facts.line), None)
        if ours is None:
            assert facts.is_in_use or facts.holds_newest or not facts.version_ids
            continue
        # The sweep may believe in a use later than the last, never in an earlier one.
        if ours.last_used_at is not None:
            assert facts.last_used_at is not None
            assert facts.last_used_at >= ours.last_used_at
        same = {"last_used_at": None, "live_prod": 0, "live_preprod": 0}
        assert replace(ours, **same) == replace(facts, **same)
    assert told == {}


def test_a_deployment_that_lived_between_two_looks_counts() -> None:
    platform(
        "json 1.0.0 on 2025-12-01", "json 2.0.0 on 2025-12-02",
        "tv 1.0.0 on 2025-12-01 -> json@^1",
        "t runs tv 1.0.0 in test since 2026-01-05T08:00:00Z",
        {"type": "deployment_ended", "deployment": "t", "ended_at": "2026-01-05T09:00:00Z"},
    )  # fmt: skip
    world = moved_to(day(10))
    assert used(world) == set()
    node = world.node_of[version("json@1.0.0").pk]
    moment = world.moment(day(10), published_within=MONTH)
    assert moment.last_used[node] == int(day(5, 9).timestamp())


def test_use_ends_when_the_range_resolves_to_something_newer() -> None:
    platform(
        "json 1.0.0 on 2025-12-01",
        "tv 1.0.0 on 2025-12-01 -> json@*",
        "t runs tv 1.0.0 in prod since 2026-01-02",
        "json 2.0.0 on 2026-01-04",
    )
    record = read_record(NOW)
    assert used(moved_to(day(3), record)) == {"json 1.0.0", "tv 1.0.0"}
    world = moved_to(day(5), record)
    assert used(world) == {"json 2.0.0", "tv 1.0.0"}
    node = world.node_of[version("json@1.0.0").pk]
    assert world.moment(day(5), published_within=MONTH).last_used[node] == day(4).timestamp()


def test_what_was_taken_away_and_is_used_again_is_told_once_with_the_first_user() -> None:
    platform(
        "json 1.0.0 on 2025-12-01", "json 2.0.0 on 2025-12-02",
        "tv 1.0.0 on 2025-12-01 -> json@^1",
        "b runs tv 1.0.0 in prod since 2026-01-08",
        "a runs tv 1.0.0 in prod since 2026-01-09",
    )  # fmt: skip
    world = moved_to(day(7))
    old = version("json@1.0.0").pk
    world.withdraw([old])
    (again,) = world.advance(day(12))
    assert world.rows[again.run.id].key == "b"
    assert world.record.graph.version_ids[again.version] == old
    assert world.advance(day(20)) == []
    moment = world.moment(day(20), published_within=MONTH)
    assert moment.gone[again.version]


def test_a_deployment_taken_away_uses_nothing_any_more() -> None:
    platform(
        "json 1.0.0 on 2025-12-01",
        "tv 1.0.0 on 2025-12-01 -> json@^1",
        "b runs tv 1.0.0 in prod since 2026-01-01",
        {"type": "deployment_ended", "deployment": "b", "ended_at": "2026-01-15T00:00:00Z"},
    )
    world = moved_to(day(5))
    (row,) = world.live_rows()
    world.end(row.id, day(5))
    assert used(world) == set()
    world.advance(day(20))
    node = world.node_of[version("json@1.0.0").pk]
    assert world.moment(day(20), published_within=MONTH).last_used[node] == day(5).timestamp()


def test_the_last_use_of_a_deployment_is_that_reported_by_then() -> None:
    platform(
        "tv 1.0.0 on 2025-12-01",
        "b runs tv 1.0.0 in prod since 2026-01-02",
        {"type": "usage", "deployment": "b", "last_used_at": "2026-01-03T00:00:00Z"},
        {"type": "usage", "deployment": "b", "last_used_at": "2026-01-09T00:00:00Z"},
        "b runs tv 1.0.0 in prod since 2026-01-20",
        {"type": "usage", "deployment": "b", "last_used_at": "2026-01-21T00:00:00Z"},
    )
    world = moved_to(day(5))
    (row,) = world.live_rows()
    assert world.last_use(row, day(2)) is None
    assert world.last_use(row, day(5)) == day(3)
    assert world.next_use(row, day(5)) == day(9)
    assert world.next_use(row, day(10)) is None
