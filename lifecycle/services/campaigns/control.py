"""What people do with a campaign: start it, remind the owners of who is left, cancel it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from lifecycle.exceptions import CannotCampaign, UnknownThing
from lifecycle.models import Campaign
from lifecycle.permissions import Actor, require_sunset
from lifecycle.selectors.drains import drain_of, facts_of
from lifecycle.services.audit import record
from lifecycle.services.campaigns.readings import read
from lifecycle.services.campaigns.telling import tell_provider, tell_who_is_left
from lineage.ingest.bulk import graph_lock
from lineage.lines import LineState
from lineage.models import Module
from lineage.services.snapshot import refresh

OPEN = (Campaign.State.DRAINING, Campaign.State.SUNSETTING)
AGAIN_AFTER = timedelta(hours=1)  # between two reminders by hand
MOST_DAYS = 365
NOT_IN_USE = {
    LineState.NEWEST: "it holds the newest version",
    LineState.UNKNOWN: "nobody vouches for who uses it",
    LineState.WAITING: "nobody uses it any more: its sunset can be planned once the wait is over",
    LineState.UNUSED: "nobody uses it: plan its sunset",
    LineState.SUNSET: "it is sunset already",
    LineState.EMPTY: "nothing of it stands",
}


@dataclass(frozen=True, slots=True)
class Start:
    """What is to be drained until when, why, and how often owners are reminded."""

    line: str
    deadline: datetime
    reason: str
    remind_every_days: int = 7


def start_campaign(module: Module, start: Start, *, actor: Actor, now: datetime) -> Campaign:
    """Begin to drain a line still in use, and tell the owners of whoever is left.

    Raises PermissionDenied, CannotCampaign where the line is not in use, cannot go at
    all, is drained by another campaign, or the deadline is past.
    """
    name = f"{module.name} {start.line}"
    require_sunset(actor, module.owner_id, name)
    refresh(now)
    _require_sense(start, now)
    with graph_lock():
        _require_drainable(module, start, name, now)
        campaign = Campaign.objects.create(
            module=module,
            line=start.line,
            reason=start.reason,
            deadline=start.deadline,
            remind_every_days=start.remind_every_days,
            started_by=actor.name[:256],
            started_at=now,
            reminded_at=now,
        )
        drain = drain_of(module, start.line, now=now)
        read(campaign, drain, now=now)
        tell_who_is_left(campaign, "start", now=now)
        record(
            actor, "start campaign", str(campaign), at=now, reason=start.reason,
            evidence={
                "campaign": campaign.pk, "module": module.name, "line": start.line,
                "consumers": drain.consumers, "deployments": drain.deployments,
                "owners": dict(drain.named.owners),
            },
            after={"state": campaign.state, "deadline": start.deadline.isoformat()},
        )  # fmt: skip
    return campaign


def remind_owners(campaign_id: int, *, actor: Actor, now: datetime) -> int:
    """Remind the owners of whoever is left, now; returns how many owners there are.

    Raises UnknownThing, PermissionDenied, CannotCampaign where it drains no longer or
    they were told within the last hour.
    """
    campaign = campaign_named(campaign_id)
    require_sunset(actor, campaign.module.owner_id, str(campaign))
    with graph_lock():
        claimed = (
            Campaign.objects.filter(pk=campaign_id, state=Campaign.State.DRAINING)
            .filter(Q(reminded_at=None) | Q(reminded_at__lte=now - AGAIN_AFTER))
            .update(reminded_at=now)
        )
        if not claimed:
            raise CannotCampaign(_why_not_remind(campaign_id))
        owners = tell_who_is_left(campaign, f"by hand {now.isoformat()}", now=now)
        record(
            actor, "remind campaign", str(campaign), at=now,
            evidence={"campaign": campaign.pk, "module": campaign.module.name, "owners": owners},
        )  # fmt: skip
    return owners


def cancel_campaign(campaign_id: int, *, actor: Actor, reason: str, now: datetime) -> Campaign:
    """End a campaign that drains; nothing is sunset.

    Raises UnknownThing, PermissionDenied, CannotCampaign where it is over, or its sunset
    is on its way, which is then what to cancel.
    """
    campaign = campaign_named(campaign_id)
    require_sunset(actor, campaign.module.owner_id, str(campaign))
    with graph_lock():
        claimed = Campaign.objects.filter(pk=campaign_id, state=Campaign.State.DRAINING).update(
            state=Campaign.State.CANCELLED, ended_at=now, ended_by=actor.name[:256]
        )
        campaign.refresh_from_db()
        if not claimed:
            raise CannotCampaign(_why_not_cancel(campaign))
        body = f"Cancelled by {actor.name}. {reason}".strip()
        tell_provider(campaign, "cancelled", f"{campaign} stays for now", body=body, now=now)
        record(
            actor, "cancel campaign", str(campaign), at=now, reason=reason,
            evidence={"campaign": campaign.pk, "module": campaign.module.name},
            before={"state": Campaign.State.DRAINING}, after={"state": campaign.state},
        )  # fmt: skip
    return campaign


def campaign_named(campaign_id: int) -> Campaign:
    """A campaign with its module and owner; raises UnknownThing."""
    found = Campaign.objects.select_related("module__owner", "sunset").filter(pk=campaign_id)
    campaign = found.first()
    if campaign is None:
        raise UnknownThing("campaign")
    return campaign


def _require_sense(start: Start, now: datetime) -> None:
    if start.deadline <= now:
        raise CannotCampaign("its deadline is past")
    if not 1 <= start.remind_every_days <= MOST_DAYS:
        raise CannotCampaign(f"owners are reminded every 1 to {MOST_DAYS} days")
    if not start.reason.strip():
        raise CannotCampaign("say why")


def _require_drainable(module: Module, start: Start, name: str, now: datetime) -> None:
    if facts_of(module, start.line, now=now) is None:
        raise CannotCampaign(f"{name} is no line of it, such as 1.x or 1.4.x")
    if Campaign.objects.filter(module=module, line=start.line, state__in=OPEN).exists():
        raise CannotCampaign(f"a campaign for {name} is on already")
    drain = drain_of(module, start.line, now=now)
    if not drain.is_bound:
        raise CannotCampaign(f"{name}: {NOT_IN_USE[drain.state]}")


def _why_not_remind(campaign_id: int) -> str:
    state = Campaign.objects.values_list("state", flat=True).get(pk=campaign_id)
    if state == Campaign.State.DRAINING:
        return "the owners were told less than an hour ago"
    return f"it is {state}"


def _why_not_cancel(campaign: Campaign) -> str:
    if campaign.state == Campaign.State.SUNSETTING:
        return "its sunset is on its way: cancel that"
    return f"it is {campaign.state}"
