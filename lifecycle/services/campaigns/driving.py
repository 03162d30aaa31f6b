"""The driver of campaigns: reads, reminds, and lets the sunset follow the last blocker."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.exceptions import LifecycleError
from lifecycle.models import Campaign, Sunset
from lifecycle.permissions import Actor, system_actor
from lifecycle.selectors.drains import Drain, drain_of, waits_for
from lifecycle.selectors.stops import current_stop
from lifecycle.services.audit import record
from lifecycle.services.campaigns.control import campaign_named
from lifecycle.services.campaigns.readings import read
from lifecycle.services.campaigns.telling import is_provider_told, tell_provider, tell_who_is_left
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.sunsets import announce_sunset
from lifecycle.services.sunsets.announcing import Origin
from lifecycle.states import SunsetState
from lineage.ingest.bulk import graph_lock
from lineage.services.snapshot import refresh

logger = logging.getLogger(__name__)
State = Campaign.State


@dataclass(frozen=True, slots=True)
class CampaignsDriven:
    """What a round of the driver did."""

    read: int = 0
    reminded: int = 0
    announced: int = 0
    ended: int = 0


def drive_campaigns(now: datetime) -> CampaignsDriven:
    """Move every open campaign on; idempotent, by any number of workers at once.

    One that fails is logged and does not stop the others. While the emergency stop is
    on, readings and reminders go on and nothing is announced.
    """
    ids = Campaign.objects.filter(state__in=(State.DRAINING, State.SUNSETTING))
    open_ids = list(ids.order_by("id").values_list("id", flat=True))
    if open_ids:
        refresh(now)
    total = CampaignsDriven()
    for pk in open_ids:
        try:
            done = _drive_one(pk, now)
        except Exception:
            logger.exception("campaign %s did not move", pk)
            continue
        total = CampaignsDriven(
            total.read + done.read,
            total.reminded + done.reminded,
            total.announced + done.announced,
            total.ended + done.ended,
        )
    return total


def _drive_one(pk: int, now: datetime) -> CampaignsDriven:
    with graph_lock():
        campaign = campaign_named(pk)
        if campaign.state == State.SUNSETTING:
            return CampaignsDriven(ended=_follow(campaign, now))
        if campaign.state != State.DRAINING:
            return CampaignsDriven()
        drain = drain_of(campaign.module, campaign.line, now=now)
        noted = read(campaign, drain, now=now)
        if drain.is_gone:
            ended = _end(campaign, State.DRAINING, State.DONE, campaign.started_by, now)
            return CampaignsDriven(read=noted, ended=ended)
        reminded = drain.is_bound and _remind(campaign, now)
        _note_deadline(campaign, drain, now)
    announced = drain.is_drained and current_stop() is None and _announce(campaign, now)
    return CampaignsDriven(read=noted, reminded=reminded, announced=announced)


def _remind(campaign: Campaign, now: datetime) -> bool:
    """Remind when it is time, whoever else looks at the clock meanwhile."""
    since = campaign.reminded_at or campaign.started_at
    if since + timedelta(days=campaign.remind_every_days) > now:
        return False
    claimed = Campaign.objects.filter(
        pk=campaign.pk, state=State.DRAINING, reminded_at=campaign.reminded_at
    ).update(reminded_at=now)
    if not claimed:
        return False
    owners = tell_who_is_left(campaign, f"{now:%Y-%m-%d}", now=now)
    record(
        system_actor(), "remind campaign", str(campaign), at=now,
        evidence={"campaign": campaign.pk, "module": campaign.module.name, "owners": owners},
    )  # fmt: skip
    return True


def _note_deadline(campaign: Campaign, drain: Drain, now: datetime) -> None:
    """Once the deadline is past say so, to the provider and to whoever is left."""
    if campaign.deadline > now or not drain.is_bound or is_provider_told(campaign, "overdue"):
        return
    body = f"{drain.consumers:,} consumers and {drain.deployments:,} live deployments are left."
    title = f"The deadline of {campaign} has passed"
    tell_provider(campaign, "overdue", title, body=body, now=now)
    tell_who_is_left(campaign, "overdue", now=now)


def _announce(campaign: Campaign, now: datetime) -> bool:
    """Announce the sunset of a drained line, once; returns whether the campaign moved on."""
    if waits_for(campaign.module, campaign.line, now=now):
        return False
    actor = _actor_of(campaign)
    sunset = _announced_before(campaign)
    try:
        if sunset is None:
            request = PlanRequest(module_id=campaign.module_id, line=campaign.line, is_drained=True)
            plan = plan_for(request, now=now)
            sunset = announce_sunset(
                request, hash=plan.hash, actor=actor, reason=campaign.reason, now=now,
                origin=Origin(Sunset.Kind.CAMPAIGN),
            )  # fmt: skip
    except LifecycleError as error:
        # Somebody came back, or another worker is at it: the next round looks again.
        logger.info("campaign %s waits: %s", campaign.pk, error)
        return False
    return _bind(campaign, sunset, actor, now)


def _announced_before(campaign: Campaign) -> Sunset | None:
    """The sunset a worker announced that ended before it could say so."""
    sunsets = Sunset.objects.filter(
        kind=Sunset.Kind.CAMPAIGN,
        campaign=None,
        made_at__gte=campaign.started_at,
        request__module_id=campaign.module_id,
        request__line=campaign.line,
    )
    return sunsets.order_by("-id").first()


def _bind(campaign: Campaign, sunset: Sunset, actor: Actor, now: datetime) -> bool:
    with graph_lock():
        claimed = Campaign.objects.filter(pk=campaign.pk, state=State.DRAINING).update(
            state=State.SUNSETTING, sunset=sunset
        )
        if not claimed:
            return False
        record(
            actor, "campaign drained", str(campaign), at=now, reason=campaign.reason,
            evidence={
                "campaign": campaign.pk, "module": campaign.module.name, "sunset": sunset.pk,
            },
            before={"state": State.DRAINING}, after={"state": State.SUNSETTING},
        )  # fmt: skip
        campaign.refresh_from_db()
        tell_provider(
            campaign, "drained", f"{campaign} is drained", body="Its sunset is announced.", now=now
        )
        _follow(campaign, now)
    return True


def _follow(campaign: Campaign, now: datetime) -> bool:
    """End a campaign whose sunset came to its end; what was cancelled is left to people."""
    if campaign.sunset_id is None:
        return False
    sunset = Sunset.objects.get(pk=campaign.sunset_id)
    match sunset.state:
        case SunsetState.DONE | SunsetState.PURGED | SunsetState.RESTORED:
            return _end(campaign, State.SUNSETTING, State.DONE, campaign.started_by, now)
        case SunsetState.CANCELLED:
            by = sunset.cancelled_by
            return _end(campaign, State.SUNSETTING, State.CANCELLED, by, now)
        case _:
            return False


def _end(
    campaign: Campaign, before: Campaign.State, after: Campaign.State, by: str, now: datetime
) -> bool:
    claimed = Campaign.objects.filter(pk=campaign.pk, state=before).update(
        state=after, ended_at=now, ended_by=by
    )
    if claimed:
        record(
            system_actor(), "end campaign", str(campaign), at=now,
            evidence={"campaign": campaign.pk, "module": campaign.module.name}
            | ({"sunset": campaign.sunset_id} if campaign.sunset_id else {}),
            before={"state": before}, after={"state": after},
        )  # fmt: skip
    return bool(claimed)


def _actor_of(campaign: Campaign) -> Actor:
    """The campaign acts with the authority of who started it, recorded then."""
    return system_actor(f"campaign of {campaign.started_by}"[:256])
