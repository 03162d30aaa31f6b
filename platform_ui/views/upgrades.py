"""Upgrades: what consumers run and what they must or may move to."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lineage.models import Team
from lineage.selectors.upgrades import STATUSES, UpgradeFilter, upgrade_list
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import page_of, size_of, text_of
from platform_ui.views.modules import named_or_404, owner_choices

URGENT = ("dying", "deprecated", "withdrawn")
WORDS = {
    "dying": "Dying",
    "deprecated": "Deprecated",
    "withdrawn": "Nothing satisfies it",
    "fix": "Fix available",
    "behind": "Behind",
    "current": "Up to date",
}


def upgrades_page(request: HttpRequest) -> HttpResponse:
    """What a module, a team or one's own teams run; everything where one has no team."""
    params, now = request.GET, timezone.now()
    owner, status = text_of(params, "owner"), text_of(params, "status")
    module = None
    if name := text_of(params, "module"):
        module = named_or_404(text_of(params, "ecosystem") or "platform", name)
    team = Team.objects.filter(name=owner).first() if owner else None
    mine = actor_of(request).team_ids
    owners = mine if mine and module is None and team is None and owner != "*" else None
    filter = UpgradeFilter(
        module=module,
        owners=[team.pk] if team else owners,
        q=text_of(params, "q"),
        statuses=(status,) if status in STATUSES else STATUSES[:-1],
    )
    rows = upgrade_list(filter, now=now, page=page_of(params), size=size_of(params))
    counts = rows.counts
    context = {
        "rows": rows,
        "counts": counts,
        "urgent": sum(counts[status] for status in URGENT),
        "module": module,
        "team": team,
        "is_mine": owners is not None,
        "filters": _filters(counts),
        "now": now,
    }
    return render_page(request, "upgrades/page.html", "upgrades/_rows.html", context)


def _filters(counts: dict[str, int]) -> list[Filter]:
    return [
        Filter("q", "Module or dependency", "search"),
        Filter(
            "owner",
            "Owner",
            choices=[Choice("*", "everybody"), *owner_choices()[1:]],
            any_label="My teams",
        ),
        Filter(
            "status",
            "Status",
            choices=[Choice(status, WORDS[status], counts[status]) for status in STATUSES],
            any_label="All that can move",
        ),
    ]
