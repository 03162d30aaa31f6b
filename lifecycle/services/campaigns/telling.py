"""What owners are told of a campaign: who of theirs is left, until when, and how it ended."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lifecycle.models import Campaign, Notice
from lifecycle.selectors.drains import everyone_left
from lifecycle.services.notices import write_notices
from lineage.models import Team
from lineage.selectors.blockers import Blocker

MOST_LISTED = 1_000


def tell_who_is_left(campaign: Campaign, key: str, *, now: datetime) -> int:
    """Write one notice per owner who still has something in the way, listing it.

    ``key`` names the occasion: told twice of one, an owner has one notice. Returns how
    many owners there are.
    """
    groups = _by_owner(everyone_left(campaign.module, campaign.line, now=now, most=MOST_LISTED))
    verb = "was to be left by" if campaign.deadline <= now else "is to be left by"
    write_notices(
        [
            Notice(
                team_id=team_id,
                kind=Notice.Kind.CAMPAIGN,
                title=f"{campaign} {verb} {campaign.deadline:%-d %b %Y}: you still use it"[:300],
                body=f"{campaign.reason} {len(items):,} of yours in the way.".strip(),
                items=items,
                module=campaign.module,
                dedupe_key=f"campaign:{campaign.pk}:{key}:{team_id or 0}",
                created_at=now,
            )
            for team_id, items in groups.items()
        ]
    )
    return len(groups)


def is_provider_told(campaign: Campaign, key: str) -> bool:
    """Whether the owner of the module was told of this occasion."""
    return Notice.objects.filter(dedupe_key=_provider_key(campaign, key)).exists()


def _provider_key(campaign: Campaign, key: str) -> str:
    return f"campaign:{campaign.pk}:{key}:provider:{campaign.module.owner_id or 0}"


def tell_provider(campaign: Campaign, key: str, title: str, *, body: str, now: datetime) -> None:
    """Tell the owner of the module how its campaign stands, once per occasion."""
    owner_id = campaign.module.owner_id
    notice = Notice(
        team_id=owner_id,
        kind=Notice.Kind.CAMPAIGN,
        title=title[:300],
        body=body,
        items=[{"subject": f"campaign:{campaign.pk}", "label": str(campaign), "detail": body}],
        module=campaign.module,
        sunset=campaign.sunset,
        dedupe_key=_provider_key(campaign, key),
        created_at=now,
    )
    write_notices([notice])


def _by_owner(left: Iterable[Blocker]) -> dict[int | None, list[dict[str, Any]]]:
    """Who is left of each owner; of nobody's, for the operators."""
    named: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for blocker in left:
        named[blocker.owner].append(
            {
                "subject": f"{blocker.kind}:{blocker.name}",
                "label": blocker.name,
                "detail": blocker.detail,
            }
        )
    teams = dict(Team.objects.filter(name__in=named).values_list("name", "id"))
    return {teams.get(owner): items for owner, items in sorted(named.items())}
