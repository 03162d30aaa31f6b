"""Sunsets: the plan, its confirmation, what went and how it comes back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError, NothingToSunset, PermissionDenied, UnknownThing
from lifecycle.models import Sunset
from lifecycle.selectors.sunsets import sunset_detail, sunset_list
from lifecycle.services.plans import Plan, PlanRequest, plan_for
from lifecycle.services.sunsets import execute_plan, restore_sunset
from lifecycle.tasks import deliver_notices
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, ids_of, number_of, page_of, size_of, text_of
from platform_ui.views.findings import MOST_PLANNED

REASON_LENGTH = 2_000


def sunsets(request: HttpRequest) -> HttpResponse:
    """What was sunset, newest first."""
    params, now = request.GET, timezone.now()
    state = choice_of(params, "state", ("", *Sunset.State))
    context = {
        "rows": sunset_list(state=state, page=page_of(params), size=size_of(params)),
        "filters": [
            Filter(
                "state",
                "State",
                choices=[Choice("done", "sunset"), Choice("restored", "restored")],
            )
        ],
        "now": now,
    }
    return render_page(request, "sunsets/page.html", "sunsets/_rows.html", context)


def sunset(request: HttpRequest, pk: int) -> HttpResponse:
    """One sunset, item by item."""
    now = timezone.now()
    try:
        detail = sunset_detail(pk, now=now, page=page_of(request.GET), size=size_of(request.GET))
    except UnknownThing as error:
        raise Http404(str(error)) from error
    actor = actor_of(request)
    may = all(actor.may_sunset(owner_id) for owner_id in detail.owner_ids)
    context = {"detail": detail, "sunset": detail.sunset, "may": may, "now": now}
    return render_page(request, "sunsets/sunset.html", "sunsets/_items.html", context)


def plan(request: HttpRequest) -> HttpResponse:
    """The dry run a GET asks for; a POST confirms it by its hash."""
    if request.method == "POST":
        return _confirm(request)
    return _show(request, _request_of(request), status=200, problem="")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a sunset back, the whole batch."""
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    try:
        done = restore_sunset(pk, actor=actor_of(request), reason=reason, now=timezone.now())
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except LifecycleError as error:
        messages.error(request, str(error))
        return redirect("sunset", pk)
    jobs.start(deliver_notices)
    messages.success(request, f"{done.title} is back, every item as it was.")
    return redirect("sunset", pk)


def _request_of(request: HttpRequest) -> PlanRequest:
    params = request.POST if request.method == "POST" else request.GET
    ids = ids_of(params.get("findings", "").split(","))
    return PlanRequest(
        finding_ids=tuple(ids[:MOST_PLANNED]),
        module_id=number_of(params, "module", 0) or None,
        line=text_of(params, "line"),
    )


def _confirm(request: HttpRequest) -> HttpResponse:
    wanted = _request_of(request)
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    try:
        done = execute_plan(
            wanted,
            hash=text_of(request.POST, "hash"),
            actor=actor_of(request),
            reason=reason,
            now=timezone.now(),
        )
    except PermissionDenied as error:
        return _show(request, wanted, status=403, problem=str(error))
    except LifecycleError as error:
        return _show(request, wanted, status=409, problem=str(error))
    jobs.start(deliver_notices)
    messages.success(request, f"{done.title} is sunset. It can be restored in one click.")
    return redirect(reverse("sunset", args=[done.pk]))


def _show(request: HttpRequest, wanted: PlanRequest, *, status: int, problem: str) -> HttpResponse:
    now = timezone.now()
    made: Plan | None
    try:
        made = plan_for(wanted, now=now)
    except NothingToSunset as error:
        made, problem, status = None, problem or str(error), max(status, 404)
    actor = actor_of(request)
    context = {
        "plan": made,
        "problem": problem,
        "findings": ",".join(map(str, wanted.finding_ids)),
        "request_module": wanted.module_id or "",
        "request_line": wanted.line,
        "may": made is not None and all(actor.may_sunset(i.owner_id) for i in made.items),
        "now": now,
    }
    return render(request, "sunsets/plan.html", context, status=status)
