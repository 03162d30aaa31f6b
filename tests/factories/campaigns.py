"""A line in use by two teams and by nobody's script, to be drained."""

from datetime import datetime

from lifecycle.models import Campaign
from lifecycle.permissions import Actor
from lifecycle.services.campaigns import drive_campaigns, start_campaign
from lifecycle.services.campaigns.control import Start
from lifecycle.services.campaigns.driving import CampaignsDriven
from lifecycle.services.notices import deliver_due
from lineage.models import Module
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import DAY, NOW, ago, deployment, member, take_in, version

PLATFORM = (
    version("auth", "1.0.0", owner="identity"),
    version("auth", "2.0.0", owner="identity"),
    version("tv-home", "1.0.0", "auth@^1", owner="tv"),
    version("radio", "1.0.0", "auth@1.x", owner="radio"),
    version("old-job", "1.0.0", "auth@~1.0"),
    deployment("tv-home/prod", "tv-home", "1.0.0"),
    deployment("tv-home/test", "tv-home", "1.0.0"),
    deployment("radio/prod", "radio", "1.0.0"),
    deployment("old-job/prod", "old-job", "1.0.0"),
)


def platform_to_drain() -> None:
    """auth 1.x runs in four deployments of three consumers, one of which is nobody's."""
    take_in(*PLATFORM)
    refresh(NOW)


def moves(module: str, *keys: str, now: datetime, owner: str = "") -> None:
    """A module publishes 2.0.0, which takes auth 2, and redeploys under these keys."""
    stated = {"owner": owner} if owner else {}
    take_in(
        version(module, "2.0.0", "auth@^2", published_at=now.isoformat(), **stated),
        *(deployment(key, module, "2.0.0", started_at=now.isoformat()) for key in keys),
        now=now,
    )


def start(
    *,
    actor: Actor | None = None,
    line: str = "1.x",
    days: float = 30,
    remind_every_days: int = 7,
    reason: str = "2.x has the new tokens",
    now: datetime = NOW,
) -> Campaign:
    """A campaign for auth, by default by a member of its team."""
    return start_campaign(
        Module.objects.get(name="auth"),
        Start(line, now + days * DAY, reason, remind_every_days),
        actor=actor or member("ida", "identity"),
        now=now,
    )


def drive(now: datetime) -> CampaignsDriven:
    """A round of the driver, and what it says delivered."""
    driven = drive_campaigns(now)
    deliver_due(now)
    return driven


__all__ = ["NOW", "ago", "drive", "moves", "platform_to_drain", "start"]
