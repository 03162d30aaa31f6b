"""The readings of a campaign: who is left, once a day."""

from datetime import UTC, datetime

from lifecycle.models import Campaign, CampaignReading
from lifecycle.selectors.drains import Drain


def read(campaign: Campaign, drain: Drain, *, now: datetime) -> bool:
    """Note who is left, unless that was noted today; returns whether it was noted.

    The end of a drain is noted whenever it comes. The caller holds the graph lock.
    """
    last = CampaignReading.objects.filter(campaign=campaign).order_by("-at").first()
    if last is not None and not _is_news(last, drain, now):
        return False
    CampaignReading.objects.create(
        campaign=campaign, at=now, consumers=drain.consumers, deployments=drain.deployments
    )
    return True


def _is_news(last: CampaignReading, drain: Drain, now: datetime) -> bool:
    if last.at >= now:
        return False
    is_end = drain.consumers == 0 and last.consumers > 0
    return is_end or last.at.astimezone(UTC).date() < now.astimezone(UTC).date()
