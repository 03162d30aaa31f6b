"""Stops a channel by the link in a message: looking changes nothing, a POST does."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lifecycle.channels import CHANNELS
from lifecycle.exceptions import UnknownThing
from lifecycle.services.unsubscribing import recipient_of
from lifecycle.services.unsubscribing import unsubscribe as stop


@csrf_exempt  # mail programs POST it by themselves (RFC 8058); the token is the proof
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before stopping; stop on POST, whoever sends it."""
    try:
        _, channel = recipient_of(token)
        is_done = request.method == "POST"
        if is_done:
            stop(token)
    except UnknownThing as error:
        raise Http404(str(error)) from error
    label = CHANNELS[channel].label if channel in CHANNELS else channel
    context = {"channel": label, "is_done": is_done}
    return render(request, "notices/unsubscribe.html", context)
