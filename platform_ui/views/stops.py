"""The emergency stop: operators halt everything, and let it go on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError
from lifecycle.services.stops import end_stop, start_stop
from platform_ui.accounts.actors import actor_of
from platform_ui.params import text_of

REASON_LENGTH = 2_000


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Stop everything, or where ``end`` is sent let it go on."""
    actor, now = actor_of(request), timezone.now()
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    try:
        if "end" in request.POST:
            end_stop(actor=actor, reason=reason, now=now)
            messages.success(request, "Sunsets go on.")
        else:
            start_stop(actor=actor, reason=reason, now=now)
            messages.success(request, "Everything is stopped: nothing is announced or sunset.")
    except LifecycleError as error:
        messages.error(request, str(error))
    return redirect("sunsets")
