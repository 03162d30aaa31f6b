"""The past, asked for, is what the present said when it was the present."""

import json
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lineage.exceptions import NotPast, NotYet
from lineage.ingest.bulk import graph_lock
from lineage.models import Module, Version
from lineage.selectors.dependencies import direct_dependencies, transitive_dependencies
from lineage.selectors.dependents import DependentFilter, direct_dependents, transitive_dependents
from lineage.selectors.deployments import DeploymentFilter, deployment_list
from lineage.selectors.past import end_of, past_at, past_note
from lineage.selectors.resolution import Strategy, Wanted, resolution_of
from lineage.selectors.view import PAST_KEPT, _past_views, view_at
from lineage.services.retirement import restore_versions, sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.platform import NOW, Record, module, platform, take_in, version
from tests.queries import asked

pytestmark = pytest.mark.django_db

RANGES = ("^1", "^2", "*", "1.0.0", "~1.1", ">=1.1 <2", "^3", "2.0.0-rc.1", "^2.0.0-rc.0")
NUMBERS = ("1.0.0", "1.1.0", "1.1.1", "1.2.0", "2.0.0-rc.1", "2.0.0", "2.1.0", "3.0.0")
FILTERS = (
    DependentFilter(),
    DependentFilter(include="all"),
    DependentFilter(range="1.x"),
    DependentFilter(environment="prod"),
    DependentFilter(owner="team-1"),
)
STEPS = 7


class History:
    """A platform that grows by one random step a day, always told on the day itself."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.waiting = {name: list(NUMBERS) for name in "abcde"}
        self.there: list[tuple[str, str]] = []
        self.sunset: set[int] = set()
        self.withdrawn: set[tuple[str, str]] = set()

    def step(self, now: datetime) -> None:
        records = [self.version(now) for _ in range(4)]
        records += [self.deployment(now) for _ in range(3)]
        if self.random.random() < 0.7:
            records.append(self.ended(now))
        if self.random.random() < 0.6:
            # Once each: of two statements about one range only the later is kept.
            name, number = self.random.choice(sorted({*self.there} - self.withdrawn))
            self.withdrawn.add((name, number))
            at = now.isoformat()
            records.append({"type": "yank", "module": name, "version": number, "yanked_at": at})
            records.append({
                "type": "deprecation", "module": name, "range": number, "deprecated_at": at,
            })  # fmt: skip
        platform(*[record for record in records if record], now=now)
        self.retire(now)

    def version(self, now: datetime) -> Record:
        name = self.random.choice([name for name, left in self.waiting.items() if left] or ["f"])
        left = self.waiting.setdefault(name, [f"1.{n}.0" for n in range(50)])
        number = left.pop(0 if self.random.random() < 0.7 else self.random.randrange(len(left)))
        self.there.append((name, number))
        # Cycles between modules are wanted.
        needs = self.random.sample("abcdef", self.random.randint(0, 3))
        return {
            "type": "version",
            "module": name,
            "version": number,
            "published_at": (now - timedelta(hours=1)).isoformat(),
            "owner": f"team-{ord(name) % 3}",
            "dependencies": [
                {"module": need, "range": self.random.choice(RANGES)} for need in needs
            ],
        }

    def deployment(self, now: datetime) -> Record:
        name, number = self.random.choice(self.there)
        place = self.random.choice(("prod", "test"))
        record: dict[str, Any] = {
            "type": "deployment",
            "id": f"{name}/{self.random.randint(1, 3)}/{place}",
            "module": name,
            "version": number,
            "environment": place,
            "started_at": (now - timedelta(minutes=30)).isoformat(),
        }
        if self.random.random() < 0.4:
            observed, text = self.random.choice(self.there)
            record["resolved"] = {observed: text}
        return record

    def ended(self, now: datetime) -> Record | None:
        live = deployment_list(DeploymentFilter(), now=now, size=200).rows
        if not live:
            return None
        key = self.random.choice(sorted({row.key for row in live}))
        return {
            "type": "deployment_ended",
            "deployment": key,
            "ended_at": (now - timedelta(minutes=40)).isoformat(),
        }

    def retire(self, now: datetime) -> None:
        """Sunset a version, or bring one back, as the lifecycle would."""
        with graph_lock():
            if self.sunset and self.random.random() < 0.4:
                back = self.sunset.pop()
                restore_versions([back], at=now)
            elif self.random.random() < 0.5:
                pk = self.random.choice(
                    list(Version.objects.filter(sunset_at=None).values_list("id", flat=True))
                )
                sunset_versions([pk], at=now)
                self.sunset.add(pk)
        refresh(now)


def answers(now: datetime, as_of: datetime | None = None) -> dict[str, Any]:
    """Everything that can be asked of the past, of every module, as plain values."""
    found: dict[str, Any] = {}
    for one in Module.objects.order_by("name"):
        for place, filter in enumerate(FILTERS):
            direct = direct_dependents(one, filter, now=now, as_of=as_of, size=200)
            totals = (direct.total, direct.modules, direct.live_prod, direct.live_preprod)
            found[f"{one} direct {place}"] = (totals, [row_of(row) for row in direct.rows])
            reach = transitive_dependents(one, filter, now=now, as_of=as_of, size=200)
            totals = (reach.total, reach.versions, reach.live_prod, reach.live_preprod)
            rows = [(str(r.module), r.versions, str(r.newest), r.hops, r.live_prod, r.live_preprod)
                    for r in reach.rows]  # fmt: skip
            found[f"{one} transitive {place}"] = (totals, rows)
        wanted = [Wanted(one, text) for text in RANGES]
        taken = resolution_of(wanted, strategy=Strategy.NEWEST, now=now, as_of=as_of)
        for one_range in taken.results:
            found[f"{one}@{one_range.range}"] = str(one_range.resolved)
        found[f"{one}@joint"] = joint(one, now, as_of)
    live = deployment_list(DeploymentFilter(as_of=as_of), now=now, size=200)
    found["live"] = sorted((d.key, str(d.version), d.started_at) for d in live.rows)
    return found


def joint(one: Module, now: datetime, as_of: datetime | None) -> str:
    wanted = [Wanted(one, "*")]
    found = resolution_of(wanted, strategy=Strategy.JOINT, now=now, as_of=as_of)
    chosen = sorted(f"{c.candidate.module[1]} {c.candidate.text}" for c in found.versions)
    return ", ".join(chosen) or "None"


def row_of(row: Any) -> tuple[Any, ...]:
    return (
        said(row.consumer), row.declared, row.scope, said(row.resolved), row.observed,
        row.live, row.live_prod, row.live_preprod, row.relation, row.to_newest,
    )  # fmt: skip


def said(one: Version | None) -> tuple[Any, ...] | None:
    if one is None:
        return None
    since = one.deprecation.since if one.deprecation else None
    return (str(one), one.yanked_at, one.sunset_at, since)


def dependencies(now: datetime, as_of: datetime | None, ids: list[int]) -> dict[int, Any]:
    found = {}
    for one in Version.objects.filter(pk__in=ids).select_related("module"):
        rows = direct_dependencies(one, now=now, as_of=as_of)
        reached = transitive_dependencies(one, now=now, as_of=as_of, size=200)
        found[one.pk] = (
            [(str(r.module), r.declared, said(r.resolved), said(r.newest)) for r in rows],
            [(said(r.version), r.hops) for r in reached.rows],
        )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_past_is_what_the_present_said(seed: int) -> None:
    history = History(seed)
    told: list[tuple[datetime, dict[str, Any], dict[int, Any], list[int]]] = []
    for day in range(STEPS):
        now = NOW + timedelta(days=day)
        history.step(now)
        ids = list(Version.objects.values_list("id", flat=True))
        told.append((now, answers(now), dependencies(now, None, ids), ids))
    later = NOW + timedelta(days=STEPS)
    for at, said_then, dependencies_then, ids in told:
        assert dependencies(later, at, ids) == dependencies_then
        said_now = answers(later, at)
        assert {key: said_now[key] for key in said_then} == said_then
        unheard_of = {key: said_now[key] for key in said_now.keys() - said_then.keys()}
        assert {key: value for key, value in unheard_of.items() if key != "live"} == {
            key: "None" if "@" in key else ((0, 0, 0, 0), []) for key in unheard_of
        }


def test_what_ran_before_it_was_published_is_there_while_it_runs() -> None:
    platform(
        "json 1.0.0 on 2026-01-01",
        "tv 1.0.0 on 2026-03-01 -> json@*",
        "json 2.0.0 on 2026-03-02",
        "tv/prod runs tv 1.0.0 in prod since 2026-02-01",
    )
    at = datetime(2026, 2, 10, tzinfo=UTC)
    (row,) = direct_dependents(module("json"), DependentFilter(), now=NOW, as_of=at).rows
    assert (str(row.consumer), str(row.resolved), row.live_prod) == ("tv 1.0.0", "json 1.0.0", 1)


def test_a_version_of_unknown_publication_was_always_there_but_not_before_any_data() -> None:
    platform("json 1.0.0", "tv 1.0.0 -> json@*", "old 1.0.0 on 2020-01-01")
    ask = partial(direct_dependents, module("json"), DependentFilter(), now=NOW)
    assert ask(as_of=datetime(2020, 1, 2, tzinfo=UTC)).total == 1
    before = datetime(2019, 1, 1, tzinfo=UTC)
    assert ask(as_of=before).total == 0
    note = past_note(past_at(before, NOW))
    assert note is not None
    assert (note.is_before_data, note.first_at) == (True, datetime(2020, 1, 1, tzinfo=UTC))


def test_a_locked_tree_holds_since_its_root_was_published() -> None:
    platform("shop 1.0.0 on 2026-02-01", "json 1.0.0 on 2026-01-01")
    sbom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": {
            "timestamp": "2026-02-01T00:00:00Z",
            "component": {"name": "shop", "version": "1.0.0", "bom-ref": "shop",
                          "type": "application", "purl": "pkg:platform/shop@1.0.0"},
        },
        "components": [
            {"name": "json", "version": "1.0.0", "bom-ref": "json", "type": "library",
             "purl": "pkg:platform/json@1.0.0"},
        ],
        "dependencies": [{"ref": "shop", "dependsOn": ["json"]}],
    }  # fmt: skip
    take_in(json.dumps(sbom).encode())
    ask = partial(direct_dependents, module("json"), DependentFilter(include="all"), now=NOW)
    assert ask().total == ask(as_of=datetime(2026, 2, 2, tzinfo=UTC)).total == 1
    assert ask(as_of=datetime(2026, 1, 15, tzinfo=UTC)).total == 0


def test_a_version_still_to_come_then_has_no_dependencies_to_tell() -> None:
    platform("json 1.0.0 on 2026-01-01", "json 2.0.0 on 2026-03-01")
    at = datetime(2026, 2, 1, tzinfo=UTC)
    with pytest.raises(NotYet, match=r"json 2.0.0 was not there on 2026-02-01"):
        direct_dependencies(version("json@2.0.0"), now=NOW, as_of=at)
    with pytest.raises(NotYet):
        transitive_dependencies(version("json@2.0.0"), now=NOW, as_of=at)


def test_the_future_cannot_be_asked_and_today_is_now() -> None:
    assert past_at(None, NOW) is past_at(end_of(NOW), NOW) is None
    with pytest.raises(NotPast):
        past_at(NOW + timedelta(seconds=2), NOW)
    with pytest.raises(NotPast):
        view_at(NOW, NOW + timedelta(days=1))
    assert past_at(datetime(1, 1, 1, tzinfo=UTC), NOW) == datetime(
        1970, 1, 1, microsecond=999_999, tzinfo=UTC
    )


def test_few_past_views_are_kept_and_a_new_epoch_rebuilds_them() -> None:
    platform("json 1.0.0 on 2026-01-01")
    days = [datetime(2026, 2, day, tzinfo=UTC) for day in range(1, PAST_KEPT + 1)]
    views = [view_at(NOW, day) for day in days]
    assert all(view_at(NOW, day) is view for day, view in zip(days, views, strict=True))
    view_at(NOW, datetime(2026, 3, 1, tzinfo=UTC))
    assert view_at(NOW, days[1]) is views[1]
    assert view_at(NOW, days[0]) is not views[0]
    platform("json 1.1.0 on 2026-01-02")
    assert len(view_at(NOW, days[-1]).versions_of(module("json").pk)) == 2


def test_the_past_costs_as_many_queries_for_many_as_for_few() -> None:
    def ask() -> None:
        _past_views.clear()
        direct_dependents(
            module("json"), DependentFilter(), now=NOW, as_of=datetime(2026, 2, 1, tzinfo=UTC)
        )

    platform("json 1.0.0 on 2026-01-01", "json 2.0.0 on 2026-03-01", *users(range(3)))
    few = asked(ask)
    platform(*users(range(3, 60)), *(f"json 2.{n}.0 on 2026-03-02" for n in range(1, 40)))
    assert asked(ask) == few


def users(numbers: range) -> list[str]:
    facts = []
    for n in numbers:
        facts.append(f"app-{n} 1.0.0 by team-{n} on 2026-01-02 -> json@*")
        facts.append(f"app-{n}/prod runs app-{n} 1.0.0 in prod with json@1.0.0")
    return facts
