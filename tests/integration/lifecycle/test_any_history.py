"""Any history of ingests, sweeps, plans, sunsets and restores keeps the promises.

Nothing in use is ever sunset, checked by a walk over rows that shares no code with the
graph; and a restore right after an execution is as if neither had been.
"""

from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from lifecycle.exceptions import CannotRestore, LifecycleError
from lifecycle.models import Finding, Sunset, SunsetItem
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.sunsets import execute_plan, restore_sunset
from lineage.models import Dependency, Deployment, ObservedVersion, Version
from tests.factories.lifecycle import (
    DAY,
    NOW,
    deployment,
    operator,
    resolutions,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MODULES = ("a", "b", "c")
NUMBERS = ("1.0.0", "1.1.0", "2.0.0", "3.0.0")
RANGES = ("^1", "~1.0", "^2", "*", "=1.0.0")
KEYS = ("x/prod", "y/prod", "z/test")

modules, numbers = st.sampled_from(MODULES), st.sampled_from(NUMBERS)
needs = st.builds("{}@{}".format, modules, st.sampled_from(RANGES))
steps = st.one_of(
    st.tuples(st.just("publish"), modules, numbers, st.lists(needs, max_size=2)),
    st.tuples(st.just("start"), st.sampled_from(KEYS), modules, numbers, st.booleans()),
    st.tuples(st.just("end"), st.sampled_from(KEYS)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("sunset"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("sunset and restore"), st.integers(0, 5)),
    st.tuples(st.just("sunset and restore"), st.integers(0, 5)),
    st.tuples(st.just("restore"), st.integers(0, 3)),
)


class History:
    """A platform on which steps are taken one after the other, each a little later."""

    def __init__(self) -> None:
        self.now = NOW
        take_in(
            *(version("a", number, owner="one") for number in NUMBERS),
            version("b", "1.0.0", "a@^1", owner="two"),
            version("b", "2.0.0", "a@^2", owner="two"),
            deployment("x/prod", "b", "2.0.0"),
            deployment("y/test", "b", "1.0.0", ttl="P1D"),
        )

    def take(self, step: tuple) -> None:
        self.now += DAY / 24
        getattr(self, step[0].replace(" ", "_"))(*step[1:])

    def publish(self, module: str, number: str, needs: list[str]) -> None:
        at = self.now.isoformat()
        take_in(version(module, number, *needs, owner="one", published_at=at), now=self.now)

    def start(self, key: str, module: str, number: str, observes: bool) -> None:
        observed = {"resolved": {"a": "1.0.0"}} if observes else {}
        at = self.now.isoformat()
        record = deployment(key, module, number, started_at=at, ttl="P10D", **observed)
        take_in(record, now=self.now)

    def end(self, key: str) -> None:
        at = self.now.isoformat()
        take_in({"type": "deployment_ended", "deployment": key, "ended_at": at}, now=self.now)

    def wait(self, days: int) -> None:
        self.now += days * DAY

    def sweep(self) -> None:
        sweep_and_tell(self.now)

    def sunset(self, place: int, is_swept: bool = True) -> Sunset | None:
        """Plan and confirm some of the findings; what is in use must not be among what goes."""
        if is_swept:
            self.sweep()
        request = self._request(place)
        used, standing = used_versions(), {v.pk for v in Version.objects.filter(sunset_at=None)}
        try:
            plan = plan_for(request, now=self.now)
            done = execute_plan(request, hash=plan.hash, actor=operator(), reason="", now=self.now)
        except LifecycleError:
            return None
        event("sunset")
        gone = {item.version_id for item in done.items.exclude(version=None)}
        assert not gone & used
        assert gone == standing - {v.pk for v in Version.objects.filter(sunset_at=None)}
        ends = {item.deployment for item in done.items.exclude(deployment=None)}
        assert all(d.expires_at <= self.now and d.end_reason == "sunset" for d in ends)
        assert {item.label for item in plan.items} == {item.label for item in done.items.all()}
        return done

    def sunset_and_restore(self, place: int) -> None:
        before = facts()
        done = self.sunset(place)
        if done is not None:
            assert facts() != before
            restore_sunset(done.pk, actor=operator(), reason="", now=self.now)
            assert facts() == before

    def restore(self, place: int) -> None:
        sunsets = list(Sunset.objects.order_by("pk"))
        if not sunsets:
            return
        sunset = sunsets[place % len(sunsets)]
        can = sunset.state == Sunset.State.DONE and sunset.restorable_until >= self.now
        try:
            restore_sunset(sunset.pk, actor=operator(), reason="", now=self.now)
        except CannotRestore:
            assert not can
        else:
            event("restored")
            assert can
            items = SunsetItem.objects.filter(sunset=sunset, version__isnull=False)
            again = SunsetItem.objects.filter(state="done", sunset__state="done")
            back = items.exclude(version__in=again.values("version"))
            assert not back.filter(version__sunset_at__isnull=False).exists()

    def _request(self, place: int) -> PlanRequest:
        ids = list(
            Finding.objects.filter(closed_at=None).order_by("pk").values_list("pk", flat=True)
        )
        return PlanRequest(finding_ids=tuple(ids[place % (len(ids) + 1) :]))


def facts() -> tuple[object, ...]:
    """All that a sunset may change."""
    versions = Version.objects.order_by("pk").values_list("pk", "sunset_at")
    deployments = Deployment.objects.order_by("pk").values_list("pk", "ended_at", "end_reason")
    return resolutions(), list(versions), list(deployments)


def used_versions() -> set[int]:
    """Versions that a live deployment is or reaches, walked edge by edge."""
    edges: dict[int, set[tuple[int, int]]] = defaultdict(set)
    rows = Dependency.objects.filter(scope=Dependency.Scope.RUNTIME)
    for source, module, target in rows.values_list(
        "version_id", "requirement__module_id", "requirement__resolved_version_id"
    ):
        if target is not None:
            edges[source].add((module, target))
    used: set[int] = set()
    for live in Deployment.objects.filter(ended_at=None):
        used |= _reached(live, edges)
    return used


def _reached(live: Deployment, edges: dict[int, set[tuple[int, int]]]) -> set[int]:
    observed = ObservedVersion.objects.filter(profile_id=live.profile_id, profile_id__isnull=False)
    stated = dict(observed.values_list("version__module_id", "version_id"))
    todo = [live.version_id, *stated.values()]
    seen: set[int] = set()
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += [stated.get(module, target) for module, target in edges[here]]
    return seen


@given(st.lists(steps, min_size=3, max_size=15))
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_in_use_is_sunset_and_a_restore_undoes_exactly(history: list[tuple]) -> None:
    with transaction.atomic():
        platform = History()
        for step in history:
            platform.take(step)
        transaction.set_rollback(True)


def test_walk_over_rows_sees_what_runs_and_what_it_reaches() -> None:
    platform = History()
    platform.take(("start", "z/test", "b", "1.0.0", True))
    used = Version.objects.filter(pk__in=used_versions()).order_by("module__name", "sort_key")
    names = ["a 1.0.0", "a 1.1.0", "a 2.0.0", "b 1.0.0", "b 2.0.0"]
    assert [str(row) for row in used] == names
