"""Findings: the queue of what can go, and the button that plans it."""

from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.rules.registry import ACTIONABLE, RULES
from lifecycle.selectors.extensions import extensions_for
from lifecycle.selectors.findings import (
    FindingFilter,
    finding_counts,
    finding_list,
    findings_matching,
)
from lineage.models import JobRun
from lineage.selectors.sources import source_standings
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, ids_of, page_of, size_of, text_of
from platform_ui.views.modules import owner_choices

MOST_PLANNED = 500
YES_OR_NO = ("", "yes", "no")
KEPT = ("rule", "owner", "q", "tier", "policy", "frozen", "exempt", "actionable")


def findings(request: HttpRequest) -> HttpResponse:
    """What the rules flagged, with why."""
    params, now = request.GET, timezone.now()
    filter = _filter_of(params)
    rows = finding_list(filter, page=page_of(params), size=size_of(params))
    counts = finding_counts()
    actor = actor_of(request)
    running = [row.deployment for row in rows.rows if row.deployment and not row.closed_at]
    allowed = extensions_for(running, actor=actor, now=now)
    context = {
        "rows": rows,
        "extensions": {pk: one for pk, one in allowed.items() if one.until},
        "rules": [(rule, counts[rule.name]) for rule in RULES.values() if counts[rule.name]],
        "kept": [(name, getattr(filter, name)) for name in KEPT],
        "actionable_count": sum(counts[name] for name in ACTIONABLE),
        "open_count": sum(counts.values()),
        "filter": filter,
        "filters": _filters(counts),
        "actor": actor,
        "unused_for": settings.UNUSED_FOR_DAYS,
        "last_sweep": JobRun.objects.filter(name="sweep", status=JobRun.Status.DONE).first(),
        "troubled": [row for row in source_standings(now) if row.is_troubled],
        "most_planned": MOST_PLANNED,
        "now": now,
    }
    return render_page(request, "findings/page.html", "findings/_rows.html", context)


def _filter_of(params: QueryDict) -> FindingFilter:
    """What a page's address, or a form on it, asks for."""
    return FindingFilter(
        rule=choice_of(params, "rule", ("", *RULES)),
        owner=text_of(params, "owner"),
        q=text_of(params, "q"),
        tier=choice_of(params, "tier", ("", "prod", "preprod")),
        state=choice_of(params, "state", ("open", "closed", "all")),
        policy=text_of(params, "policy"),
        frozen=choice_of(params, "frozen", YES_OR_NO),
        exempt=choice_of(params, "exempt", YES_OR_NO),
        actionable=choice_of(params, "actionable", YES_OR_NO),
    )


def _filters(counts: dict[str, int]) -> list[Filter]:
    return [
        Filter("q", "Module", "search"),
        Filter(
            "rule",
            "Rule",
            choices=[Choice(rule.name, rule.word, counts[rule.name]) for rule in RULES.values()],
        ),
        Filter(
            "tier",
            "Tier",
            choices=[Choice("prod", "production"), Choice("preprod", "preproduction")],
        ),
        Filter("owner", "Owner", choices=owner_choices(), any_label="Anyone"),
        Filter("frozen", "Frozen", choices=[Choice("yes", "frozen"), Choice("no", "not frozen")]),
        Filter("exempt", "Exempt", choices=[Choice("yes", "exempt"), Choice("no", "not exempt")]),
        Filter("actionable", "What", choices=[Choice("yes", "can go"), Choice("no", "to know")]),
        Filter(
            "state",
            "State",
            choices=[Choice("closed", "closed"), Choice("all", "all")],
            any_label="open",
        ),
    ]


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """From the findings ticked, or all that a filter lets through, to their plan."""
    ids = ids_of(request.POST.getlist("finding"))
    if request.POST.get("all"):
        filter = replace(_filter_of(request.POST), state="open", actionable="yes")
        ids = list(findings_matching(filter).values_list("id", flat=True)[:MOST_PLANNED])
    if not ids:
        return redirect("findings")
    query = urlencode({"findings": ",".join(map(str, ids[:MOST_PLANNED]))})
    return redirect(f"{reverse('plan')}?{query}")
