"""Upgrade requests: who was asked to take what, the answers, and the asking itself."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.models import UpgradeRequest
from lifecycle.permissions import Actor
from lifecycle.selectors.upgrade_requests import RequestFilter, request_list, request_states
from lifecycle.services.upgrade_requests import (
    Ask,
    acknowledge_upgrade,
    cancel_upgrade,
    request_upgrades,
)
from lifecycle.tasks import deliver_notices
from lineage.models import Module
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, day_of, ids_of, number_of, page_of, size_of, text_of
from platform_ui.views.modules import named_or_404, owner_choices

STATES = ("open", "closed", "all", *UpgradeRequest.State.values)
REASON_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """A request, and what the reader may answer."""

    request: UpgradeRequest
    may_acknowledge: bool
    may_cancel: bool


def upgrade_requests(request: HttpRequest) -> HttpResponse:
    """What was asked, open requests unless the address asks otherwise."""
    params, now = request.GET, timezone.now()
    state = choice_of(params, "state", STATES)
    filter = RequestFilter(
        state="" if state == "all" else state,
        consumer=text_of(params, "consumer"),
        dependency=text_of(params, "dependency"),
        owner=text_of(params, "owner"),
        campaign=number_of(params, "campaign", 0) or None,
    )
    every = replace(filter, state="")
    rows = request_list(filter, page=page_of(params), size=size_of(params))
    actor = actor_of(request)
    context = {
        "rows": rows,
        "shown": [_row(row, actor) for row in rows.rows],
        "states": request_states(every),
        "filters": [
            Filter("dependency", "Dependency", "search"),
            Filter("consumer", "Consumer", "search"),
            Filter("owner", "Asked of", choices=owner_choices()[1:], any_label="Anyone"),
            Filter(
                "state",
                "State",
                choices=[Choice(name, name) for name in STATES[1:]],
                any_label="open",
            ),
        ],
        "now": now,
    }
    return render_page(request, "upgrades/requests.html", "upgrades/_requests.html", context)


def _row(row: UpgradeRequest, actor: Actor) -> Row:
    is_open = row.closed_at is None
    return Row(
        row,
        is_open
        and row.state == UpgradeRequest.State.REQUESTED
        and actor.may_sunset(row.consumer.owner_id),
        is_open and actor.may_sunset(row.dependency.owner_id),
    )


@require_POST
def ask(request: HttpRequest, ecosystem: str, name: str) -> HttpResponse:
    """Ask the ticked consumers of a module to take a range of it."""
    dependency = named_or_404(ecosystem, name)
    consumers = Module.objects.filter(pk__in=ids_of(request.POST.getlist("consumer")))
    asked = Ask(
        wanted_range=text_of(request.POST, "wanted_range"),
        reason=text_of(request.POST, "reason")[:REASON_LENGTH],
        deadline=day_of(request.POST, "deadline"),
        line=text_of(request.POST, "line"),
    )
    try:
        made = request_upgrades(
            dependency,
            list(consumers.select_related("owner").order_by("name", "id")),
            asked,
            actor=actor_of(request),
            now=timezone.now(),
        )
    except LifecycleError as error:
        messages.error(request, str(error))
        return redirect("module", ecosystem, name)
    jobs.start(deliver_notices)
    told = f"{len(made.created)} asked; their owners are told."
    stood = f" {len(made.standing)} had been asked before." if made.standing else ""
    messages.success(request, told + stood)
    return redirect(f"{reverse('upgrade_requests')}?dependency={dependency.name}")


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a request, or take it back where ``cancel`` is sent."""
    actor, now = actor_of(request), timezone.now()
    try:
        if "cancel" in request.POST:
            reason = text_of(request.POST, "reason")
            done = cancel_upgrade(pk, reason=reason, actor=actor, now=now)
            messages.success(request, f"{done} is no longer asked for.")
        else:
            reference = text_of(request.POST, "reference")
            done = acknowledge_upgrade(pk, reference=reference, actor=actor, now=now)
            messages.success(request, f"Acknowledged: {done}.")
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except LifecycleError as error:
        messages.error(request, str(error))
    return redirect("upgrade_requests")
