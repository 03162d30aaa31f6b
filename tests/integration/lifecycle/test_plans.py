"""Plans: exact items, a hash that binds them, and every blocker by name."""

from datetime import timedelta

import pytest

from lifecycle.exceptions import NothingToSunset
from lifecycle.models import AuditEntry, Notice, Sunset
from lifecycle.services.plans import Plan, PlanRequest, plan_for
from lifecycle.services.sweep import sweep
from lineage.models import Deployment, Module, Version
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    ago,
    deployment,
    ended,
    execute,
    finding,
    flagged_platform,
    plan_of,
    request_for,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db


def labels(plan: Plan) -> list[str]:
    return [item.label for item in plan.items]


def blockers(plan: Plan) -> list[tuple[str, str]]:
    return [(blocker.kind, blocker.name) for blocker in plan.blockers]


def test_plan_of_a_line_lists_its_versions_and_nothing_more() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    assert labels(plan) == ["auth 1.0.0", "auth 1.1.0"]
    assert plan.blockers == []
    assert plan.title == "auth 1.x"
    assert [name for _, name in plan.owners] == ["identity"]
    assert plan.restorable_until == NOW + 30 * DAY
    assert plan.reasons == ["auth 1.x: " + finding("auth 1.x").reason]


def test_plan_of_an_expired_deployment_lists_just_that_deployment() -> None:
    flagged_platform()
    plan = plan_of("tv-home/preview")
    (item,) = plan.items
    assert (item.kind, item.label, item.owner) == ("deployment", "tv-home/preview", "tv")
    assert item.id == Deployment.objects.get(key="tv-home/preview").pk
    assert plan.blockers == []


def test_plan_of_several_findings_lists_all_their_items_once() -> None:
    flagged_platform()
    plan = plan_of("auth 1.x", "tv-home/preview")
    assert sorted(labels(plan)) == ["auth 1.0.0", "auth 1.1.0", "tv-home/preview"]
    assert plan.title == "2 things: auth 1.x, tv-home/preview …"
    assert sorted(name for _, name in plan.owners) == ["identity", "tv"]


def test_plan_changes_nothing() -> None:
    flagged_platform()
    before = list(Version.objects.values()), list(Deployment.objects.values())
    plan_of("auth 1.x", "tv-home/preview")
    assert before == (list(Version.objects.values()), list(Deployment.objects.values()))
    assert not Sunset.objects.exists()
    assert not AuditEntry.objects.exists()


def test_hash_stays_the_same_as_long_as_the_items_do() -> None:
    flagged_platform()
    first = plan_of("auth 1.x", "tv-home/preview")
    take_in(version("billing", "1.0.0"))
    sweep(NOW + DAY)
    ids = tuple(reversed(first.request.finding_ids))
    again = plan_for(PlanRequest(finding_ids=ids), now=NOW + DAY)
    assert again.hash == first.hash
    assert again.epoch > first.epoch


def test_hash_changes_with_the_items() -> None:
    flagged_platform()
    first = plan_of("auth 1.x")
    take_in(version("auth", "1.2.0", owner="identity"))
    refresh(NOW)
    assert plan_of("auth 1.x").hash != first.hash
    assert plan_of("tv-home/preview").hash != first.hash


def test_line_asked_for_by_name_gives_the_plan_of_its_finding() -> None:
    flagged_platform()
    by_finding = plan_of("auth 1.x")
    module = Module.objects.get(name="auth")
    by_name = plan_for(PlanRequest(module_id=module.pk, line="1.x"), now=NOW)
    assert by_name.hash == by_finding.hash
    assert by_name.blockers == []


@pytest.mark.parametrize(
    "request_",
    [
        PlanRequest(),
        PlanRequest(finding_ids=(987654,)),
        PlanRequest(module_id=987654, line="1.x"),
    ],
    ids=["nothing", "an unknown finding", "an unknown module"],
)
def test_plan_of_what_is_not_there_is_refused(request_: PlanRequest) -> None:
    flagged_platform()
    with pytest.raises(NothingToSunset):
        plan_for(request_, now=NOW)


def test_line_that_holds_the_newest_version_blocks_its_plan() -> None:
    flagged_platform()
    module = Module.objects.get(name="auth")
    plan = plan_for(PlanRequest(module_id=module.pk, line="2.x"), now=NOW)
    assert ("newest", "auth 2.0.0") in blockers(plan)


def test_live_user_blocks_by_name_with_its_owner() -> None:
    flagged_platform()
    take_in(
        version("old-job", "1.0.0", "auth@^1", owner="jobs"),
        deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(1)),
    )
    refresh(NOW)
    plan = plan_of("auth 1.x")
    found = next(b for b in plan.blockers if b.kind == "live_deployment")
    assert (found.name, found.owner) == ("old-job/prod", "jobs")
    assert str(found) == "old-job/prod runs old-job 1.0.0 in prod"


def test_holder_blocks_by_name() -> None:
    flagged_platform()
    take_in(version("old-job", "1.0.0", "auth@^1", owner="jobs"))
    refresh(NOW)
    assert ("only_satisfiable_by", "old-job 1.0.0") in blockers(plan_of("auth 1.x"))


def test_line_that_waits_again_blocks() -> None:
    flagged_platform()
    take_in(version("auth", "1.2.0", owner="identity", published_at=ago(2)))
    refresh(NOW)
    assert ("waiting", "auth 1.2.0") in blockers(plan_of("auth 1.x"))


def test_finding_whose_owner_was_not_told_blocks() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    plan = plan_of("auth 1.x")
    assert blockers(plan) == [("not_told", "auth 1.x")]
    assert labels(plan) == ["auth 1.0.0", "auth 1.1.0"]


def test_unflagged_line_blocks_even_where_it_is_unused() -> None:
    take_in(*PLATFORM)
    refresh(NOW)
    module = Module.objects.get(name="auth")
    plan = plan_for(PlanRequest(module_id=module.pk, line="1.x"), now=NOW)
    assert blockers(plan) == [("not_flagged", "auth 1.x")]


def test_deployment_that_ended_by_itself_blocks_and_is_no_item() -> None:
    flagged_platform()
    take_in(ended("tv-home/preview", 0))
    plan = plan_of("tv-home/preview")
    assert blockers(plan) == [("ended", "tv-home/preview")]
    assert plan.items == []


def test_extended_deployment_blocks_and_is_no_item() -> None:
    flagged_platform()
    take_in(deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P3650D"))
    plan = plan_of("tv-home/preview")
    assert blockers(plan) == [("extended", "tv-home/preview")]
    assert plan.items == []


def test_closed_finding_among_others_blocks() -> None:
    flagged_platform()
    request = request_for("auth 1.x", "tv-home/preview")
    take_in(ended("tv-home/preview", 0))
    sweep(NOW)
    plan = plan_for(request, now=NOW)
    assert blockers(plan) == [("closed", "tv-home/preview")]


def test_plan_of_what_went_already_lists_no_items() -> None:
    flagged_platform()
    request = request_for("auth 1.x")
    execute("auth 1.x")
    plan = plan_for(request, now=NOW)
    assert plan.items == []
    assert blockers(plan) == [("closed", "auth 1.x")]


def test_ownerless_things_wait_after_the_operators_were_told() -> None:
    take_in(version("relic", "1.0.0"), version("relic", "2.0.0"), *PLATFORM)
    sweep_and_tell()
    assert Notice.objects.filter(team=None, delivered_at=NOW).exists()
    second = timedelta(seconds=1)
    early = plan_of("relic 1.x", now=NOW + 7 * DAY - second)
    assert blockers(early) == [("ownerless", "relic 1.x")]
    assert "it may go on 2024-09-08" in early.blockers[0].detail
    assert plan_of("relic 1.x", now=NOW + 7 * DAY).blockers == []
    assert plan_of("auth 1.x").blockers == []
