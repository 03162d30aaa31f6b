"""Sunsets: the list, one on its way, and what people do to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.models import Sunset
from lifecycle.selectors.sunsets import sunset_detail, sunset_list
from lifecycle.services.plans import PlanBlocker
from lifecycle.services.sunsets import (
    Force,
    cancel_sunset,
    execute_sunset,
    restore_sunset,
)
from lifecycle.services.sunsets.terms import terms_from_json
from lifecycle.states import ItemState, SunsetState
from lifecycle.tasks import deliver_notices
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, ids_of, page_of, size_of, text_of
from platform_ui.states import look_of
from platform_ui.sunset_steps import doable, is_moving, steps_of

REASON_LENGTH = 2_000
KINDS = {
    Sunset.Kind.ASKED: "somebody asked",
    Sunset.Kind.AUTOMATIC: "a policy did",
    Sunset.Kind.CAMPAIGN: "a campaign ended",
}


def sunsets(request: HttpRequest) -> HttpResponse:
    """What goes, went and came back, newest first."""
    params, now = request.GET, timezone.now()
    state = choice_of(params, "state", ("", *SunsetState))
    context = {
        "rows": sunset_list(state=state, page=page_of(params), size=size_of(params)),
        "filters": [
            Filter("state", "State", choices=[Choice(s, look_of(s).word) for s in SunsetState])
        ],
        "now": now,
    }
    return render_page(request, "sunsets/page.html", "sunsets/_rows.html", context)


def sunset(request: HttpRequest, pk: int) -> HttpResponse:
    """One sunset, item by item."""
    context = _context(request, pk)
    return render_page(request, "sunsets/sunset.html", "sunsets/_items.html", context)


def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, for a page that looks again; the whole page once it has arrived."""
    context = _context(request, pk)
    if request.headers.get("HX-Request") and context["sunset"].state != request.GET.get("was"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "sunsets/_progress.html", context)


def _context(request: HttpRequest, pk: int) -> dict[str, Any]:
    params, now = request.GET, timezone.now()
    item_state = choice_of(params, "items", ("", *ItemState))
    place = {"page": page_of(params), "size": size_of(params)}
    try:
        detail = sunset_detail(pk, now=now, item_state=item_state, **place)
    except UnknownThing as error:
        raise Http404(str(error)) from error
    actor = actor_of(request)
    return {
        "detail": detail,
        "sunset": detail.sunset,
        "steps": steps_of(detail.sunset, detail.states, now),
        "blockers": [PlanBlocker(**blocker) for blocker in detail.sunset.blockers],
        "terms": terms_from_json(detail.sunset.terms),
        "origin": KINDS[Sunset.Kind(detail.sunset.kind)],
        "can": doable(detail, actor),
        "item_state": item_state,
        "is_moving": is_moving(detail.sunset),
        "now": now,
    }


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a sunset back, the whole batch or the items ticked."""
    chosen = ids_of(request.POST.getlist("item")) or None
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]

    def act() -> str:
        done = restore_sunset(
            pk, actor=actor_of(request), reason=reason, now=timezone.now(), item_ids=chosen
        )
        if chosen is None:
            return f"{done.title} is back, every item as it was."
        return f"{len(chosen):,} of {done.title} restored."

    return _act(request, pk, act)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what has not gone yet stay."""
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]

    def act() -> str:
        done = cancel_sunset(pk, actor=actor_of(request), reason=reason, now=timezone.now())
        return f"{done.title} is cancelled: what had not gone stays."

    return _act(request, pk, act)


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a sunset go on now, or force it."""
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    typed = request.POST.get("typed_name")
    force = None if typed is None else Force(reason, typed)

    def act() -> str:
        done = execute_sunset(
            pk, actor=actor_of(request), reason=reason, now=timezone.now(), force=force
        )
        return f"{done.title} went on: it is {look_of(done.state).word.lower()}."

    return _act(request, pk, act)


def _act(request: HttpRequest, pk: int, act: Callable[[], str]) -> HttpResponse:
    """Do it and say what came of it, on the sunset's page."""
    try:
        messages.success(request, act())
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        jobs.start(deliver_notices)
    return redirect("sunset", pk)
