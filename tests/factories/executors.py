"""Sunsets of many small deployments, carried out by a webhook that listens in this process."""

from datetime import datetime

from lifecycle.models import ExecutorCall, Sunset, SunsetItem, Webhook
from lifecycle.outbound import new_secret
from lineage.models import Deployment
from tests.factories.lifecycle import DAY, NOW, deployment, take_in, version


def executor_webhook(url: str, name: str = "bot") -> Webhook:
    """A webhook that executes, for operators."""
    return Webhook.objects.create(
        name=name,
        url=url,
        purpose=Webhook.Purpose.EXECUTOR,
        secret=new_secret(),
        created_by="olga",
        created_at=NOW,
    )


def executing_sunset(
    count: int = 3, executor: str = "webhook", state: str = "executing", now: datetime = NOW
) -> Sunset:
    """A sunset of so many deployments of one module, each item in this state."""
    keys = [f"tv-{number}/preview" for number in range(count)]
    take_in(
        version("tv", "1.0.0", owner="tv", kind="script"),
        *(deployment(key, "tv", "1.0.0", ttl="P7D") for key in keys),
        now=now,
    )
    sunset = Sunset.objects.create(
        title=f"{count} deployments of tv",
        state=Sunset.State.EXECUTING,
        terms={"executor": executor},
        plan_hash=f"{count:064}",
        epoch=1,
        made_by="olga",
        made_at=now,
        restorable_until=now + 30 * DAY,
    )
    deployments = Deployment.objects.filter(key__in=keys).order_by("id")
    SunsetItem.objects.bulk_create(
        SunsetItem(sunset=sunset, deployment=found, label=found.key, state=state)
        for found in deployments
    )
    return sunset


def calls_of(sunset: Sunset) -> list[ExecutorCall]:
    """Its calls, in the order in which they were written."""
    return list(ExecutorCall.objects.filter(item__sunset=sunset).order_by("id"))
