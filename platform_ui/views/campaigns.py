"""Campaigns: what is being drained, who is left, and what people do about it."""

from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.burndown import Burndown
from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.selectors.campaigns import (
    STATES,
    CampaignDetail,
    campaign_detail,
    campaign_list,
)
from lifecycle.selectors.upgrade_requests import RequestFilter, request_states
from lifecycle.services.campaigns import cancel_campaign, remind_owners, start_campaign
from lifecycle.services.campaigns.control import Start
from lifecycle.tasks import deliver_notices
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.charts import burndown_figure
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, day_of, number_of, page_of, size_of, text_of
from platform_ui.views.modules import named_or_404, owner_choices

REASON_LENGTH = 2_000
MOST_ROWS = 14
WORDS = {"overdue": "past their deadline", "done": "done", "cancelled": "cancelled", "all": "all"}


def campaigns(request: HttpRequest) -> HttpResponse:
    """The campaigns that are on, those that end first at the top."""
    params, now = request.GET, timezone.now()
    context = {
        "rows": campaign_list(
            state=choice_of(params, "state", STATES),
            owner=text_of(params, "owner"),
            now=now,
            page=page_of(params),
            size=size_of(params),
        ),
        "filters": [
            Filter(
                "state",
                "State",
                choices=[Choice(state, WORDS[state]) for state in STATES[1:]],
                any_label="on",
            ),
            Filter("owner", "Owner", choices=owner_choices()[1:], any_label="Anyone"),
        ],
        "now": now,
    }
    return render_page(request, "campaigns/page.html", "campaigns/_rows.html", context)


def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: how it runs down and who is left, by name."""
    now = timezone.now()
    try:
        detail = campaign_detail(pk, now=now, page=page_of(request.GET), size=size_of(request.GET))
    except UnknownThing as error:
        raise Http404(str(error)) from error
    module = detail.campaign.module
    context = {
        "detail": detail,
        "campaign": detail.campaign,
        "run": detail.burndown,
        "figure": burndown_figure(detail.burndown),
        "summary": _summary(detail),
        "table": _table(detail.burndown),
        "asked": request_states(RequestFilter(campaign=pk)),
        "may": actor_of(request).may_sunset(module.owner_id),
        "now": now,
    }
    return render_page(request, "campaigns/campaign.html", "campaigns/_left.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin to drain a line, from its removal page."""
    stated, now = request.POST, timezone.now()
    module = named_or_404(text_of(stated, "ecosystem"), text_of(stated, "module"))
    deadline = day_of(stated, "deadline")
    wanted = Start(
        line=text_of(stated, "line"),
        deadline=deadline or now,
        reason=_reason(request),
        remind_every_days=number_of(stated, "remind", 7),
    )
    try:
        made = start_campaign(module, wanted, actor=actor_of(request), now=now)
    except LifecycleError as error:
        messages.error(request, str(error))
        return redirect(_back(module.ecosystem, module.name, wanted.line))
    jobs.start(deliver_notices)
    messages.success(request, f"The campaign for {made} is on. Whoever is left is told.")
    return redirect("campaign", made.pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a campaign up."""
    reason = _reason(request)

    def act(now: datetime) -> str:
        done = cancel_campaign(pk, actor=actor_of(request), reason=reason, now=now)
        return f"The campaign for {done} is cancelled. Nothing is sunset."

    return _acted(request, pk, act)


@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the owners of whoever is left, now."""

    def act(now: datetime) -> str:
        owners = remind_owners(pk, actor=actor_of(request), now=now)
        return f"{owners:,} owner{'' if owners == 1 else 's'} reminded."

    return _acted(request, pk, act)


def _acted(request: HttpRequest, pk: int, act: Callable[[datetime], str]) -> HttpResponse:
    try:
        said = act(timezone.now())
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except LifecycleError as error:
        messages.error(request, str(error))
        return redirect("campaign", pk)
    jobs.start(deliver_notices)
    messages.success(request, said)
    return redirect("campaign", pk)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\x00", "")[:REASON_LENGTH]


def _back(ecosystem: str, name: str, line: str) -> str:
    query = urlencode({"tab": "removal", "range": line})
    return f"{reverse('module', args=[ecosystem, name])}?{query}"


def _table(run: Burndown) -> list[tuple[date, int, int]]:
    """The last day and days before it at equal steps, at most MOST_ROWS."""
    step = max(1, -(-len(run.days) // MOST_ROWS))
    return [
        (run.days[i], run.consumers[i], run.deployments[i])
        for i in range(len(run.days) - 1, -1, -step)
    ]


def _summary(detail: CampaignDetail) -> str:
    """The chart in a sentence."""
    run = detail.burndown
    if not run.days:
        return "not read yet"
    left = f"{run.consumers[-1]:,} of {max(run.consumers):,} consumers left"
    if run.projection.zero_on is None:
        return left
    late = ", after the deadline" if run.is_late else ""
    return f"{left}; at this pace none on {run.projection.zero_on:%-d %b %Y}{late}"
