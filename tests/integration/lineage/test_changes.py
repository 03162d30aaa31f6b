"""What changed between two days, of one module and of all."""

from datetime import UTC, datetime

import pytest

from lineage.selectors.changes import KINDS, changes_between
from tests.factories.platform import NOW, module, platform
from tests.integration.lineage.test_time_machine import users
from tests.queries import asked

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
PLATFORM = """
    json 1.0.0 on 2026-01-01
    json 1.1.0 on 2026-02-10
    json 1.2.0 on 2026-03-10
    tv 1.0.0 on 2026-01-01 -> json@^1
    tv 2.0.0 on 2026-02-15 -> json@~1.0
    old 1.0.0 on 2026-01-01 -> json@~1.0
    old 2.0.0 on 2026-02-20
    new 1.0.0 on 2026-02-20 -> json@~1.0
    tv/prod runs tv 1.0.0 in prod
    tv/prod runs tv 2.0.0 in prod since 2026-02-16
    old/prod runs old 1.0.0 in prod until 2026-02-20
    new/prod runs new 1.0.0 in prod since 2026-02-21
    brief/test runs new 1.0.0 in test since 2026-02-22 until 2026-02-23
    lone/prod runs lone 1.0.0 in prod since 2026-02-23
"""


def told(name: str | None, kind: str = "", last: datetime | None = LAST) -> list[tuple[str, ...]]:
    one = None if name is None else module(name)
    found = changes_between(FIRST, last, now=NOW, module=one, kind=kind, size=200)
    assert found.total == len(found.rows)
    assert found.total == (found.counts[kind] if kind else sum(found.counts.values()))
    return [(row.what, row.module.name, row.name, row.before, row.after) for row in found.rows]


def test_the_changes_of_a_module_name_each_thing_once() -> None:
    platform(PLATFORM)
    assert told("json", "versions") == [("published", "json", "1.1.0", "", "")]
    assert told("json", "dependents") == [
        ("gained", "json", "new", "", ""), ("lost", "json", "old", "", ""),
    ]  # fmt: skip
    assert told("json", "deployments") == [
        ("gained", "new", "new/prod", "", "1.0.0"),
        ("lost", "old", "old/prod", "1.0.0", ""),
        ("moved", "tv", "tv/prod", "1.0.0", "2.0.0"),
    ]
    assert told("json", "resolutions") == [("moved", "json", "^1", "1.0.0", "1.1.0")]
    assert told("json", "resolutions", None) == [("moved", "json", "^1", "1.0.0", "1.2.0")]


def test_the_changes_of_the_platform_are_those_of_all_modules() -> None:
    platform(
        PLATFORM, {"type": "yank", "module": "tv", "version": "1.0.0", "yanked_at": "2026-02-28"}
    )
    assert ("gained", "lone", "lone/prod", "", "1.0.0") in told(None, "deployments")
    assert told(None, "versions")[-1] == ("yanked", "tv", "1.0.0", "", "")
    every = told(None)
    for name in ("json", "tv", "old", "new", "lone"):
        for kind in KINDS:
            assert set(told(name, kind)) <= set(every)


def test_nothing_changed_between_an_instant_and_itself() -> None:
    platform(PLATFORM)
    assert changes_between(FIRST, FIRST, now=NOW).total == 0


def test_changes_cost_as_many_queries_for_many_as_for_few() -> None:
    platform(PLATFORM, *users(range(3)))
    few = asked(lambda: changes_between(FIRST, LAST, now=NOW, size=200))
    platform(*users(range(3, 60)), *(f"json 1.1.{n} on 2026-02-11" for n in range(1, 40)))
    assert asked(lambda: changes_between(FIRST, LAST, now=NOW, size=200)) == few
