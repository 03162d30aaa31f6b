"""Campaigns: the list, one of them with who is left, and those that concern a consumer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from lifecycle.burndown import Burndown, Point, burndown
from lifecycle.exceptions import UnknownThing
from lifecycle.models import Campaign, CampaignReading
from lifecycle.selectors.drains import Drain, drain_of, waits_for
from lineage.models import Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

OPEN = (Campaign.State.DRAINING, Campaign.State.SUNSETTING)
STATES = ("open", "overdue", "done", "cancelled", "all")


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as a list shows it, with who was left when it was last read."""

    campaign: Campaign
    consumers: int
    deployments: int
    began_with: int
    is_overdue: bool

    @property
    def gone(self) -> int:
        """Consumers that have left since it began."""
        return max(self.began_with - self.consumers, 0)


@dataclass(frozen=True, slots=True)
class CampaignDetail:
    """One campaign: who is left now, page by page, how it ran down, what its end waits for."""

    row: CampaignRow
    drain: Drain | None
    burndown: Burndown
    waits_for: str

    @property
    def campaign(self) -> Campaign:
        return self.row.campaign


def campaign_list(
    *,
    state: str = "open",
    owner: str = "",
    module: str = "",
    now: datetime,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[CampaignRow]:
    """A page of campaigns, those that end first at the top; ``owner`` owns what is drained."""
    start, stop = bounds(page, size)
    found = _in_state(state, now)
    if owner:
        found = found.filter(module__owner__name=owner)
    if module:
        found = found.filter(module__name=module)
    rows = _with_readings(found).order_by("deadline", "id")
    return Slice(
        [_row(row, now) for row in rows[start:stop]], found.count(), max(page, 1), stop - start
    )


def campaign_detail(
    pk: int, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> CampaignDetail:
    """One campaign; raises UnknownThing. What is over has nobody left to name."""
    campaign = _with_readings(Campaign.objects.filter(pk=pk)).first()
    if campaign is None:
        raise UnknownThing("campaign")
    points = [
        Point(at, consumers, deployments)
        for at, consumers, deployments in CampaignReading.objects.filter(campaign=campaign)
        .order_by("at")
        .values_list("at", "consumers", "deployments")
    ]
    drain, waits = None, ""
    if campaign.state == Campaign.State.DRAINING:
        drain = drain_of(campaign.module, campaign.line, now=now, page=page, size=size)
        points.append(Point(now, drain.consumers, drain.deployments))
        waits = waits_for(campaign.module, campaign.line, now=now)
    return CampaignDetail(
        _row(campaign, now, points[-1] if points else None),
        drain,
        burndown(points, deadline=campaign.deadline),
        waits,
    )


def campaign_of_line(module_id: int, line: str) -> Campaign | None:
    """The open campaign of a line."""
    return Campaign.objects.filter(module_id=module_id, line=line, state__in=OPEN).first()


def campaigns_over(versions: Collection[Version]) -> dict[int, Campaign]:
    """Version -> the open campaign that drains the line it is of, the first to end."""
    ids = {version.module_id for version in versions}
    found = Campaign.objects.filter(module_id__in=ids, state__in=OPEN).select_related("module")
    by_line: dict[tuple[int, str], Campaign] = {}
    for campaign in found.order_by("deadline", "id"):
        by_line.setdefault((campaign.module_id, campaign.line), campaign)
    over: dict[int, Campaign] = {}
    for version in versions if by_line else ():
        for line in (version.minor_line, version.major_line):
            drained_by = by_line.get((version.module_id, line))
            if drained_by is not None:
                over.setdefault(version.pk, drained_by)
    return over


def _in_state(state: str, now: datetime) -> "QuerySet[Campaign]":
    campaigns = Campaign.objects.select_related("module__owner", "sunset")
    match state:
        case "open":
            return campaigns.filter(state__in=OPEN)
        case "overdue":
            return campaigns.filter(state=Campaign.State.DRAINING, deadline__lte=now)
        case "done" | "cancelled":
            return campaigns.filter(state=state)
        case _:
            return campaigns


def _with_readings(campaigns: "QuerySet[Campaign]") -> "QuerySet[Campaign]":
    readings = CampaignReading.objects.filter(campaign=OuterRef("pk"))
    last, first = readings.order_by("-at"), readings.order_by("at")
    return campaigns.select_related("module__owner", "sunset").annotate(
        left=Subquery(last.values("consumers")[:1]),
        live=Subquery(last.values("deployments")[:1]),
        began_with=Subquery(first.values("consumers")[:1]),
    )


def _row(campaign: Campaign, now: datetime, last: Point | None = None) -> CampaignRow:
    left, live, began = (
        getattr(campaign, name, None) or 0 for name in ("left", "live", "began_with")
    )
    is_draining = campaign.state == Campaign.State.DRAINING
    return CampaignRow(
        campaign=campaign,
        consumers=last.consumers if last else left,
        deployments=last.deployments if last else live,
        began_with=began,
        is_overdue=is_draining and campaign.deadline <= now,
    )
