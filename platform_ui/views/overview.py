"""The overview: what needs somebody, and the fleet at a glance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from lifecycle.selectors.overview import needs_attention
from lifecycle.selectors.reclaimed import reclaimed_by_week
from lineage.models import Team
from lineage.selectors.overview import fleet, live_by_day
from platform_ui.accounts.actors import actor_of
from platform_ui.charts import live_figure


def overview(request: HttpRequest) -> HttpResponse:
    """What waits for this person, then how much there is."""
    now = timezone.now()
    actor = actor_of(request)
    live = live_by_day(now=now)
    weeks = range(len(live.days) - 1, -1, -7)
    context = {
        "attention": needs_attention(actor.team_ids, is_operator=actor.is_operator, now=now),
        "fleet": fleet(now=now),
        "figure": live_figure(live),
        "live_table": [(live.days[i], live.prod[i], live.preprod[i]) for i in weeks],
        "weeks": reclaimed_by_week(now=now),
        "teams": Team.objects.filter(pk__in=actor.team_ids),
        "actor": actor,
        "greeting": _greeting(now.hour),
        "now": now,
    }
    return render(request, "overview/page.html", context)


def _greeting(hour: int) -> str:
    if hour < 12:
        return "Good morning"
    return "Good afternoon" if hour < 18 else "Good evening"
