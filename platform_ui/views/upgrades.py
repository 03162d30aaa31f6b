"""Upgrades: what consumers run and what they must or may move to."""

from contextlib import suppress
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from lineage.exceptions import NoSuchDependency, UnknownDeployment
from lineage.models import Deployment, Team
from lineage.selectors.deployments import live_deployment
from lineage.selectors.upgrade_paths import PathAnswer, path_of
from lineage.selectors.upgrades import MOVES, STATUSES, UpgradeFilter, Upgrades, upgrade_list
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, page_of, size_of, text_of
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
    moves = choice_of(params, "moves", ("", *MOVES[:-1]))
    module = deployment = None
    if key := text_of(params, "deployment"):
        deployment = deployment_or_404(key)
    if name := text_of(params, "module"):
        module = named_or_404(text_of(params, "ecosystem") or "platform", name)
    team = Team.objects.filter(name=owner).first() if owner else None
    mine = actor_of(request).team_ids
    one = module is not None or deployment is not None or team is not None
    owners = mine if mine and not one and owner != "*" else None
    filter = UpgradeFilter(
        module=module,
        deployment=deployment,
        owners=[team.pk] if team else owners,
        q=text_of(params, "q"),
        statuses=(status,) if status in STATUSES else STATUSES,
        # What is up to date is shown only where it is asked for.
        moves=(moves,) if moves else MOVES if status in STATUSES else MOVES[:-1],
    )
    rows = upgrade_list(filter, now=now, page=page_of(params), size=size_of(params))
    counts = rows.counts
    context = {
        "rows": rows,
        "counts": counts,
        "urgent": sum(counts[status] for status in URGENT),
        "moving": rows.moving,
        "moves": moves,
        "open": text_of(params, "path"),
        "path": _path(rows, text_of(params, "path"), now),
        "deployment": deployment,
        "module": module,
        "team": team,
        "is_mine": owners is not None,
        "filters": _filters(counts),
        "now": now,
    }
    return render_page(request, "upgrades/page.html", "upgrades/_rows.html", context)


def deployment_or_404(key: str) -> Deployment:
    """The live deployment, or the page that says there is none."""
    try:
        return live_deployment(key)
    except UnknownDeployment as error:
        raise Http404(str(error)) from error


def _path(rows: Upgrades, wanted: str, now: datetime) -> PathAnswer | None:
    """How the unfolded row gets to the newest version; only that one is computed."""
    for row in rows.rows:
        if wanted == row.key:
            with suppress(NoSuchDependency):
                return path_of(row.consumer, row.dependency, now=now)
    return None


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
