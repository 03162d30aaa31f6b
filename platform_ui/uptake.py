"""The uptake part of a module's page: chart, table, projections and stragglers."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from lineage.exceptions import BadWindow
from lineage.models import Environment
from lineage.selectors.modules import ModuleSummary
from lineage.selectors.takers import UptakeFilter
from lineage.selectors.uptake import BY, Uptake, stragglers, uptake
from lineage.selectors.window import DAYS, MOST_DAYS, Window, days_before, window_of
from platform_ui.charts import uptake_figure
from platform_ui.filters import Choice, Filter
from platform_ui.params import choice_of, day_of, number_of, page_of, size_of, text_of

MOST_ROWS = 14
SHOW = ("count", "share")


def uptake_context(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    """What the template of the uptake part needs."""
    params, now = request.GET, timezone.now()
    window, window_error = _window(params, now)
    filter = UptakeFilter(
        choice_of(params, "tier", ("", *Environment.Tier.values)), text_of(params, "environment")
    )
    by, show = choice_of(params, "by", BY), choice_of(params, "show", SHOW)
    found = uptake(summary.module, now=now, window=window, filter=filter, by=by)
    line = text_of(params, "line")
    still = None
    if line:
        place = {"page": page_of(params), "size": size_of(params)}
        still = stragglers(summary.module, line, now=now, filter=filter, **place)
    return {
        "uptake": found,
        "figure": uptake_figure(found, is_share=show == "share"),
        "table": _table(found),
        "projections": [(name, found.counts[name][-1], p) for name, p in found.projections.items()],
        "filters": _filters(),
        "by": by,
        "show": show,
        "line": line,
        "stragglers": still,
        "window_error": window_error,
    }


def _window(params: QueryDict, now: datetime) -> tuple[Window, str]:
    """The window asked for; the usual one, and why, where that is none."""
    days = min(max(number_of(params, "days", DAYS), 1), MOST_DAYS)
    try:
        return window_of(_day(params, "from"), _day(params, "to"), days=days, now=now), ""
    except BadWindow as error:
        return days_before(now), str(error)


def _day(params: QueryDict, name: str) -> date | None:
    at = day_of(params, name)
    return None if at is None else at.date()


def _table(found: Uptake) -> list[tuple[date, list[int], int]]:
    """The last day and days before it at equal steps, at most MOST_ROWS."""
    step = max(1, -(-len(found.days) // MOST_ROWS))
    return [
        (found.days[i], [found.counts[line][i] for line in found.lines], found.totals[i])
        for i in range(len(found.days) - 1, -1, -step)
    ]


def _filters() -> list[Filter]:
    names = Environment.objects.order_by("name").values_list("name", flat=True)
    tiers = [Choice("prod", "production"), Choice("preprod", "preproduction")]
    return [
        Filter("environment", "Environment", choices=[Choice(name, name) for name in names]),
        Filter("tier", "Tier", choices=tiers),
        Filter("from", "From", "date"),
        Filter("to", "To", "date"),
    ]
