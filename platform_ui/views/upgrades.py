"""Upgrades: what consumers run and what they must or may move to."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lineage.models import Team
from lineage.selectors.upgrades import STATUSES, UpgradeRow, upgrades
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import page_of, text_of
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
SIZE = 100


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
    every = upgrades(now=now, module=module, team=team, owners=owners)
    if q := text_of(params, "q").casefold():
        every = [row for row in every if _is_named(row, q)]
    wanted = (status,) if status in STATUSES else STATUSES[:-1]
    shown = [row for row in every if row.status in wanted]
    context = {
        "page": Paginator(shown, SIZE).get_page(page_of(params)),
        "counts": _counts(every),
        "urgent": sum(row.status in URGENT for row in every),
        "module": module,
        "team": team,
        "is_mine": owners is not None,
        "filters": _filters(every),
        "now": now,
    }
    return render_page(request, "upgrades/page.html", "upgrades/_rows.html", context)


def _is_named(row: UpgradeRow, q: str) -> bool:
    names = (row.consumer.module.name, row.dependency.name)
    return any(q in name.casefold() for name in names)


def _counts(rows: list[UpgradeRow]) -> dict[str, int]:
    return {status: sum(row.status == status for row in rows) for status in STATUSES}


def _filters(rows: list[UpgradeRow]) -> list[Filter]:
    counts = _counts(rows)
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
