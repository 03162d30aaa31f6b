"""Deployments: what runs where."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lifecycle.selectors.exemptions import exempt_deployments
from lifecycle.selectors.extensions import extensions_for
from lineage.selectors.deployments import SORTS, STATES, DeploymentFilter, deployment_list
from lineage.selectors.past import past_note
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, day_of, page_of, past_of, size_of, text_of
from platform_ui.views.modules import environment_choices, owner_choices

TIERS = [Choice("prod", "production"), Choice("preprod", "preproduction")]
WORDS = {"live": "live", "expired": "expired", "ended": "ended", "all": "live and ended"}


def deployments(request: HttpRequest) -> HttpResponse:
    """Deployments, those that run unless the address asks otherwise."""
    params, now = request.GET, timezone.now()
    past = past_of(params, now)
    expiry = day_of(params, "expires_on")
    filter = DeploymentFilter(
        q=text_of(params, "q"),
        ecosystem=text_of(params, "ecosystem"),
        module=text_of(params, "module"),
        version=text_of(params, "version"),
        environment=text_of(params, "environment"),
        tier=choice_of(params, "tier", ("", "prod", "preprod")),
        state=choice_of(params, "state", STATES),
        owner=text_of(params, "owner"),
        as_of=past,
        expires_on=expiry.date() if expiry else None,
        sort=choice_of(params, "sort", tuple(SORTS)),
    )
    rows = deployment_list(filter, now=now, page=page_of(params), size=size_of(params))
    allowed = {} if past else extensions_for(rows.rows, actor=actor_of(request), now=now)
    context = {
        "rows": rows,
        "exempt": {} if past else exempt_deployments(rows.rows, now=now),
        "extensions": {pk: one for pk, one in allowed.items() if one.until},
        "filter": filter,
        "past": past_note(past),
        "filters": [
            Filter("q", "Id", "search"),
            Filter("environment", "Environment", choices=environment_choices()),
            Filter("tier", "Tier", choices=TIERS),
            Filter(
                "state",
                "State",
                choices=[Choice(state, WORDS[state]) for state in STATES[1:]],
                any_label="live",
            ),
            Filter("owner", "Owner", choices=owner_choices()[1:], any_label="Anyone"),
            Filter("expires_on", "Expires on", "date"),
            Filter("as_of", "As of", "date"),
        ],
        "sort": filter.sort,
        "now": now,
    }
    return render_page(request, "deployments/page.html", "deployments/_rows.html", context)
