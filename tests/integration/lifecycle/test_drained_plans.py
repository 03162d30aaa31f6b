"""A line that a campaign drained: it need not have waited, and nothing else is let off."""

import pytest

from lifecycle.models import Exemption, Finding, Sunset
from lifecycle.permissions import system_actor
from lifecycle.services.plans import Plan, PlanRequest, plan_for
from lifecycle.services.sunsets import Origin, announce_sunset
from lineage.models import Module
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    NOW,
    ago,
    deployment,
    sunset_versions,
    take_in,
    version,
)
from tests.factories.sunsets import asked_platform, drive, state_of

pytestmark = pytest.mark.django_db


def drained() -> PlanRequest:
    """auth 1.x, published yesterday: unused, and not for long enough."""
    asked_platform()
    take_in(version("auth", "1.2.0", owner="identity", published_at=ago(1)))
    refresh(NOW)
    return PlanRequest(module_id=Module.objects.get(name="auth").pk, line="1.x", is_drained=True)


def kinds(plan: Plan) -> set[str]:
    return {blocker.kind for blocker in plan.blockers}


def test_it_need_not_be_flagged_nor_have_waited() -> None:
    request = drained()
    Finding.objects.all().delete()
    plan = plan_for(request, now=NOW)
    assert (plan.blockers, len(plan.items)) == ([], 3)
    sunset = announce_sunset(
        request, hash=plan.hash, actor=system_actor("campaign"), reason="drained", now=NOW,
        origin=Origin(Sunset.Kind.CAMPAIGN),
    )  # fmt: skip
    assert (sunset.kind, sunset.state) == ("campaign", "announced")
    drive(NOW)
    assert state_of(sunset) == "done"
    assert len(sunset_versions()) == 3


def test_use_blocks_it_by_name() -> None:
    request = drained()
    take_in(
        version("old-job", "1.0.0", "auth@^1", owner="jobs"),
        deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
    )
    refresh(NOW)
    assert "live_deployment" in kinds(plan_for(request, now=NOW))


def test_an_exemption_of_the_line_blocks_it_though_nothing_is_flagged() -> None:
    request = drained()
    Finding.objects.all().delete()
    Exemption.objects.create(
        state=Exemption.State.APPROVED, module_id=request.module_id, line="1.x",
        reason="contract", requested_by="ana", requested_at=NOW, decided_by="olga",
        decided_at=NOW, expires_at=NOW + 9 * DAY,
    )  # fmt: skip
    assert kinds(plan_for(request, now=NOW)) == {"exempt"}
    assert plan_for(request, now=NOW + 10 * DAY).blockers == []
