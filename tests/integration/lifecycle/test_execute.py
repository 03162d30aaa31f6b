"""Execution: exactly the plan, use proved again at that moment, nothing deleted."""

import pytest

from lifecycle.exceptions import Blocked, NothingToSunset, PlanChanged
from lifecycle.models import Finding, Notice, Sunset, SunsetItem
from lifecycle.services.plans import PlanRequest
from lifecycle.services.sunsets import execute_plan
from lifecycle.services.sweep import sweep
from lineage.models import Dependency, Deployment, Module, Requirement, Version
from lineage.services.epoch import current_epoch
from lineage.services.snapshot import current
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    Record,
    ago,
    deployment,
    ended,
    execute,
    finding,
    flagged_platform,
    open_subjects,
    operator,
    plan_of,
    resolutions,
    sunset_versions,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
LATER = NOW + DAY


def confirm(request: PlanRequest, hash: str) -> Sunset:
    return execute_plan(request, hash=hash, actor=operator(), reason="tidying up", now=LATER)


def test_execution_sets_the_instants_of_exactly_the_items() -> None:
    flagged_platform()
    sunset = execute("auth 1.x", "tv-home/preview", now=LATER)
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    assert set(Version.objects.exclude(sunset_at=None).values_list("sunset_at", flat=True)) == {
        LATER
    }
    gone = Deployment.objects.exclude(ended_at=None).get()
    assert (gone.key, gone.ended_at, gone.end_reason) == ("tv-home/preview", LATER, "sunset")
    assert (sunset.state, sunset.executed_at, sunset.made_by) == ("done", LATER, "olga")
    items = SunsetItem.objects.filter(sunset=sunset)
    assert {item.label for item in items} == {"auth 1.0.0", "auth 1.1.0", "tv-home/preview"}
    assert {item.state for item in items} == {"done"}


def test_execution_deletes_nothing() -> None:
    flagged_platform()
    models = (Module, Version, Requirement, Dependency, Deployment, Finding, Notice)
    before = [set(model.objects.values_list("pk", flat=True)) for model in models]
    execute("auth 1.x", "tv-home/preview")
    after = [set(model.objects.values_list("pk", flat=True)) for model in models]
    assert all(old <= new for old, new in zip(before, after, strict=True))


def test_findings_of_what_went_close_as_sunset_and_stay_closed() -> None:
    flagged_platform()
    execute("auth 1.x", now=LATER)
    closed = Finding.objects.get(line="1.x", module__name="auth")
    assert (closed.closed_at, closed.close_reason) == (LATER, Finding.CloseReason.SUNSET)
    assert sweep(LATER).opened == 0
    assert open_subjects() == ["tv-home/preview"]


def test_sunset_versions_leave_resolution_and_requirements_move() -> None:
    take_in(*PLATFORM, version("old-job", "1.0.0", "auth@*", "auth@<2.0.0 || ^2"))
    take_in(
        version("older-job", "1.0.0", "auth@^1", published_at=ago(190)),
        version("older-job", "2.0.0"),
        version("pinned-job", "1.0.0", "auth@=1.1.0", published_at=ago(190)),
        version("pinned-job", "2.0.0"),
    )
    sweep(NOW)
    from_before = resolutions()
    assert from_before["auth ^1"] == "1.1.0"
    Notice.objects.update(delivered_at=NOW)
    execute("auth 1.x")
    assert resolutions() == from_before | {"auth ^1": None}
    # Only an exact pin still takes a sunset version.
    assert resolutions()["auth =1.1.0"] == "1.1.0"


def test_minor_line_that_goes_moves_its_requirements_to_what_is_left() -> None:
    take_in(
        *PLATFORM,
        version("job", "1.0.0", "auth@>=1.0.0 <1.0.5 || ~1.1"),
        deployment("job/prod", "job", "1.0.0"),
    )
    sweep(NOW)
    Notice.objects.update(delivered_at=NOW)
    execute("auth 1.0.x")
    assert sunset_versions() == ["auth 1.0.0"]
    requirement = Requirement.objects.get(range=">=1.0.0 <1.0.5 || ~1.1")
    assert requirement.resolved_version.version == "1.1.0"
    assert requirement.lowest_version.version == "1.1.0"


def test_snapshot_is_of_the_newest_epoch_when_execution_returns() -> None:
    flagged_platform()
    before = current_epoch().number
    execute("auth 1.x")
    assert current_epoch().number > before
    assert current(NOW).epoch == current_epoch().number


STARTERS: dict[str, tuple[Record, ...]] = {
    "a consumer by range": (
        version("old-job", "1.0.0", "auth@^1"),
        deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
    ),
    "the version itself": (deployment("auth/prod", "auth", "1.1.0", started_at=ago(0)),),
    "as observed at run time": (
        deployment(
            "tv-home/test", "tv-home", "1.0.0", started_at=ago(0), resolved={"auth": "1.0.0"}
        ),
    ),
    "a consumer of a consumer": (
        version("middle", "1.0.0", "auth@~1.0"),
        version("far", "1.0.0", "middle@*"),
        deployment("far/prod", "far", "1.0.0", started_at=ago(0)),
    ),
}


@pytest.mark.parametrize("records", STARTERS.values(), ids=STARTERS)
def test_use_that_began_between_plan_and_confirmation_refuses_it_by_name(
    records: tuple[Record, ...],
) -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    take_in(*records)
    with pytest.raises(Blocked) as refused:
        confirm(plan.request, plan.hash)
    assert records[-1]["id"] in str(refused.value)
    assert sunset_versions() == []
    assert not Sunset.objects.exists()
    assert finding("auth 1.x").closed_at is None


def test_use_that_ended_long_ago_refuses_nothing() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    take_in(
        version("old-job", "1.0.0", "auth@^1"),
        version("old-job", "2.0.0"),
        deployment("old-job/prod", "old-job", "1.0.0"),
        ended("old-job/prod", 40),
    )
    assert confirm(plan.request, plan.hash).state == Sunset.State.DONE


def test_plan_whose_items_changed_must_be_made_again() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    take_in(version("auth", "1.2.0", owner="identity"))
    with pytest.raises(PlanChanged):
        confirm(plan.request, plan.hash)
    assert sunset_versions() == []
    again = plan_of("auth 1.x")
    assert confirm(again.request, again.hash).items.count() == 3


def test_plan_whose_deployment_ended_is_refused_naming_it() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x", "tv-home/preview")
    take_in(ended("tv-home/preview", 0))
    with pytest.raises(PlanChanged, match="tv-home/preview has ended by itself"):
        confirm(plan.request, plan.hash)
    assert sunset_versions() == []


def test_hash_of_another_plan_does_not_open_this_one() -> None:
    flagged_platform()
    with pytest.raises(PlanChanged):
        confirm(plan_of("auth 1.x").request, plan_of("tv-home/preview").hash)
    with pytest.raises(PlanChanged):
        confirm(plan_of("auth 1.x").request, "")
    assert not Sunset.objects.exists()


def test_nothing_is_confirmed_where_nothing_is_left() -> None:
    flagged_platform()
    with pytest.raises(NothingToSunset):
        confirm(PlanRequest(), "")


def test_same_confirmation_sent_twice_gives_the_same_sunset() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    first = confirm(plan.request, plan.hash)
    epoch = current_epoch().number
    assert confirm(plan.request, plan.hash) == first
    assert Sunset.objects.count() == 1
    assert current_epoch().number == epoch


def test_dying_version_is_not_counted_as_gone_before_it_is_sunset() -> None:
    take_in(*PLATFORM, {"type": "deprecation", "module": "auth", "range": "1.x",
                        "sunset_at": ago(10)})  # fmt: skip
    sweep(NOW)
    assert resolutions()["auth ^2"] == "2.0.0"
    assert sunset_versions() == []
    assert "auth 1.x" in open_subjects()
