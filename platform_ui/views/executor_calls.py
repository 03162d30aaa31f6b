"""Executor calls: what is told outside, what failed, and the buttons to try again or give up."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError
from lifecycle.models import ExecutorCall
from lifecycle.selectors.executor_calls import (
    CallFilter,
    call_figures,
    call_list,
    matching_ids,
)
from lifecycle.services.executor_answers import retry_calls, stop_calls
from lifecycle.tasks import send_executor_calls
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, ids_of, number_of, page_of, size_of, text_of

MOST_AT_ONCE = 500
REASON_LENGTH = 2_000
State = ExecutorCall.State
# The words of the page: how an operator thinks of the states.
WORDS = {
    State.GIVEN_UP: "given up",
    State.PENDING: "waiting",
    State.SENT: "accepted, not acknowledged",
    State.ACKNOWLEDGED: "acknowledged",
    State.WITHDRAWN: "withdrawn",
}


def executor_calls(request: HttpRequest) -> HttpResponse:
    """What executors are told, newest first, for operators."""
    if not actor_of(request).is_operator:
        raise PermissionDenied("Only operators see what executors are told.")
    now = timezone.now()
    wanted = _wanted(request)
    figures = call_figures(now)
    context = {
        "rows": call_list(wanted, page=page_of(request.GET), size=size_of(request.GET)),
        "wanted": wanted,
        "figures": figures,
        "open_count": sum(figures.states[state] for state in ExecutorCall.OPEN),
        "given_up": figures.states[State.GIVEN_UP],
        "most": MOST_AT_ONCE,
        "filters": [
            Filter("q", "Item", "search"),
            Filter(
                "state",
                "State",
                choices=[Choice(s, word, figures.states[s]) for s, word in WORDS.items()],
            ),
            Filter(
                "operation",
                "Operation",
                choices=[Choice(value, value) for value in ExecutorCall.Operation.values],
            ),
        ],
        "now": now,
    }
    return render_page(request, "executor_calls/page.html", "executor_calls/_rows.html", context)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Try the calls that are ticked, or all that are listed, again; or give them up."""
    actor = actor_of(request)
    if not actor.is_operator:
        raise PermissionDenied("Only operators decide on what executors are told.")
    is_retry = choice_of(request.POST, "decision", ("retry", "give-up")) == "retry"
    ids = ids_of(request.POST.getlist("call"))[:MOST_AT_ONCE]
    if request.POST.get("all"):
        ids = matching_ids(_wanted(request), most=MOST_AT_ONCE)
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    act = retry_calls if is_retry else stop_calls
    try:
        count = act(ids, actor=actor, reason=reason, now=timezone.now())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        _say(request, count, is_retry)
    return redirect(reverse("executor_calls"))


def _say(request: HttpRequest, count: int, is_retry: bool) -> None:
    if is_retry:
        jobs.start(send_executor_calls)
    calls = f"{count:,} call{'' if count == 1 else 's'}"
    words = f"{calls} sent again." if is_retry else f"{calls} given up; what was to go stays live."
    messages.success(request, words) if count else messages.warning(
        request, "None of these calls is in a state for that."
    )


def _wanted(request: HttpRequest) -> CallFilter:
    params = request.POST if request.method == "POST" else request.GET
    return CallFilter(
        state=choice_of(params, "state", ("", *State.values)),
        operation=choice_of(params, "operation", ("", *ExecutorCall.Operation.values)),
        sunset=number_of(params, "sunset", 0) or None,
        q=text_of(params, "q"),
    )
