"""Sunsets of many small deployments, carried out by a webhook that listens in this process."""

from collections import Counter
from datetime import datetime
from typing import Any

from lifecycle.models import ExecutorCall, Finding, Sunset, SunsetItem, Webhook
from lifecycle.outbound import new_secret
from lifecycle.permissions import SCOPES, Actor
from lifecycle.services.executor_runs import send_due
from lifecycle.services.notices import deliver_due
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.sunsets import announce_sunset, drive_sunsets
from lineage.models import Deployment
from tests.factories.lifecycle import (
    DAY,
    NOW,
    deployment,
    operator,
    sweep_and_tell,
    take_in,
    version,
)

LATER = NOW + DAY


def admin() -> Actor:
    """An operator who may do everything."""
    return Actor("olga", is_operator=True, scopes=frozenset(SCOPES))


def executor_webhook(url: str = "https://example.com/hook", name: str = "bot") -> Webhook:
    """A webhook that executes, for operators."""
    return Webhook.objects.create(
        name=name,
        url=url,
        purpose=Webhook.Purpose.EXECUTOR,
        secret=new_secret(),
        created_by="olga",
        created_at=NOW,
    )


def in_grace(count: int = 3, executor: str = "webhook", **terms: Any) -> Sunset:
    """A sunset of so many expired deployments that goes when LATER has come."""
    take_in(
        version("tv", "1.0.0", owner="tv", kind="script"),
        *(deployment(f"tv-{n:03}/preview", "tv", "1.0.0", ttl="P7D") for n in range(count)),
    )
    sweep_and_tell()
    expired = Finding.objects.filter(closed_at=None, deployment__isnull=False)
    plan = plan_for(PlanRequest(finding_ids=tuple(f.pk for f in expired.order_by("id"))), now=NOW)
    sunset = announce_sunset(
        plan.request, hash=plan.hash, actor=operator(), reason="tidying up", now=NOW, grace=DAY
    )
    deliver_due(NOW)
    sunset.terms |= {"executor": executor, **terms}
    sunset.save(update_fields=["terms"])
    return sunset


def executing(count: int = 3, executor: str = "webhook", **terms: Any) -> Sunset:
    """Such a sunset, recorded, its executor not told yet."""
    sunset = in_grace(count, executor, **terms)
    drive_sunsets(LATER)
    sunset.refresh_from_db()
    assert sunset.state == Sunset.State.EXECUTING
    return sunset


def send_all(now: datetime = LATER) -> int:
    """Send until nothing is due; returns how many calls were sent."""
    sent = 0
    while count := send_due(now):
        sent += count
    return sent


def item_states(sunset: Sunset) -> dict[str, int]:
    """How many of its items are in each state."""
    return dict(Counter(SunsetItem.objects.filter(sunset=sunset).values_list("state", flat=True)))


def call_states(operation: str = "sunset") -> dict[str, int]:
    """How many calls of an operation are in each state."""
    calls = ExecutorCall.objects.filter(operation=operation)
    return dict(Counter(calls.values_list("state", flat=True)))


def live_keys() -> set[str]:
    """The deployments that run, by our records."""
    return set(Deployment.objects.filter(ended_at=None).values_list("key", flat=True))
