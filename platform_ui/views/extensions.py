"""The button that gives deployments more time, one or many."""

from collections.abc import Collection

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError
from lifecycle.models import Finding
from lifecycle.services.extensions import Extensions, extend_deployments
from lifecycle.tasks import deliver_notices
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.formats import exact
from platform_ui.params import ids_of

MOST = 500
MOST_NAMED = 5


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """Extend the deployments named, those of one finding, or those of the ticked ones."""
    keys = request.POST.getlist("deployment") or _flagged(request)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "deployments"
    if not keys:
        messages.error(request, "None of these is a deployment.")
        return redirect(target)
    try:
        done = extend_deployments(
            keys[:MOST], actor=actor_of(request), reason="", now=timezone.now()
        )
    except LifecycleError as error:
        messages.error(request, str(error))
        return redirect(target)
    jobs.start(deliver_notices)
    messages.success(request, _said(done))
    if done.refused:
        messages.warning(request, _left(done))
    return redirect(target)


def _flagged(request: HttpRequest) -> list[str]:
    one = request.POST.getlist("only")
    ids: Collection[int] = ids_of(one or request.POST.getlist("finding"))
    rows = Finding.objects.filter(id__in=ids, deployment__isnull=False, closed_at=None)
    return sorted(rows.values_list("deployment__key", flat=True))


def _said(done: Extensions) -> str:
    first = done.extended[0]
    if len(done.extended) == 1:
        return f"{first.key} runs until {exact(first.expires_at)}."
    return f"{len(done.extended):,} deployments got more time."


def _left(done: Extensions) -> str:
    named = "; ".join(f"{one.key} {one.reason}" for one in done.refused[:MOST_NAMED])
    more = len(done.refused) - MOST_NAMED
    return f"Not extended: {named}" + (f"; and {more:,} more." if more > 0 else ".")
