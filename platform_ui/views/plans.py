"""Plans: the dry run a page asks for, and its confirmation by hash."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from lifecycle.exceptions import LifecycleError, NothingToSunset, PermissionDenied
from lifecycle.models import Sunset
from lifecycle.services.plans import UNFORCEABLE, Plan, PlanRequest, plan_for
from lifecycle.services.sunsets import Force, announce_sunset
from lifecycle.states import SunsetState
from lifecycle.tasks import deliver_notices
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.formats import day
from platform_ui.params import ids_of, number_of, text_of
from platform_ui.views.findings import MOST_PLANNED
from platform_ui.views.sunsets import REASON_LENGTH

MOST_GRACE_DAYS = 365


def plan(request: HttpRequest) -> HttpResponse:
    """The dry run a GET asks for; a POST confirms it by its hash."""
    if request.method == "POST":
        return _confirm(request)
    return _show(request, _request_of(request), status=200, problem="")


def _request_of(request: HttpRequest) -> PlanRequest:
    params = request.POST if request.method == "POST" else request.GET
    ids = ids_of(params.get("findings", "").split(","))
    return PlanRequest(
        finding_ids=tuple(ids[:MOST_PLANNED]),
        module_id=number_of(params, "module", 0) or None,
        line=text_of(params, "line"),
    )


def _confirm(request: HttpRequest) -> HttpResponse:
    wanted, now = _request_of(request), timezone.now()
    typed, days = request.POST.get("typed_name"), number_of(request.POST, "grace_days", -1)
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    try:
        done = announce_sunset(
            wanted,
            hash=text_of(request.POST, "hash"),
            actor=actor_of(request),
            reason=reason,
            now=now,
            grace=timedelta(days=min(days, MOST_GRACE_DAYS)) if days >= 0 else None,
            force=None if typed is None else Force(reason, typed),
        )
    except PermissionDenied as error:
        return _show(request, wanted, status=403, problem=str(error))
    except LifecycleError as error:
        return _show(request, wanted, status=error.status, problem=str(error))
    jobs.start(deliver_notices)
    messages.success(request, _outcome(done))
    return redirect(reverse("sunset", args=[done.pk]))


def _outcome(done: Sunset) -> str:
    if done.state == SunsetState.DONE:
        return f"{done.title} is sunset. It can be restored in one click."
    if done.state == SunsetState.GRACE and done.grace_until is not None:
        return f"{done.title} is announced: it goes on {day(done.grace_until, timezone.now())}."
    return f"{done.title} is announced: it goes once its owners were told and had their time."


def _show(request: HttpRequest, wanted: PlanRequest, *, status: int, problem: str) -> HttpResponse:
    now = timezone.now()
    made: Plan | None
    try:
        made = plan_for(wanted, now=now)
    except NothingToSunset as error:
        made, problem, status = None, problem or str(error), max(status, 404)
    except LifecycleError as error:
        made, problem, status = None, problem or str(error), max(status, error.status)
    actor = actor_of(request)
    can_force = (
        made is not None
        and bool(made.items and made.blockers)
        and actor.is_operator
        and "admin" in actor.scopes
        and not any(blocker.kind in UNFORCEABLE for blocker in made.blockers)
    )
    context = {
        "plan": made,
        "terms": made.terms if made is not None else None,
        "problem": problem,
        "findings": ",".join(map(str, wanted.finding_ids)),
        "request_module": wanted.module_id or "",
        "request_line": wanted.line,
        "may": made is not None and all(actor.may_sunset(i.owner_id) for i in made.items),
        "can_force": can_force,
        "most_grace_days": MOST_GRACE_DAYS,
        "now": now,
    }
    return render(request, "sunsets/plan.html", context, status=status)
