"""A person's own page: tokens, teams and theme."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from platform_ui.accounts.forms import TokenForm
from platform_ui.accounts.models import ApiToken
from platform_ui.accounts.scopes import scopes_of
from platform_ui.accounts.services import issue_token, revoke_token
from platform_ui.context import THEMES

YEAR = 365 * 24 * 3600


def _person(request: HttpRequest) -> User:
    # The login middleware let the request through, so there is a person.
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """List the person's tokens; a POST issues one and shows its secret this once."""
    person = _person(request)
    now = timezone.now()
    form = TokenForm(request.POST if request.method == "POST" else None, user=person)
    secret = ""
    if form.is_bound and form.is_valid():
        _, secret = issue_token(
            person,
            form.cleaned_data["name"],
            form.cleaned_data["scopes"],
            now,
            expires_at=form.expires_at(now),
        )
        form = TokenForm(user=person)
    context = {
        "form": form,
        "secret": secret,
        "tokens": person.api_tokens.all(),
        "memberships": person.memberships.select_related("team"),
        "scopes": sorted(scopes_of(person)),
        "now": now,
    }
    return render(request, "account/page.html", context, status=400 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of the person's own tokens."""
    token = get_object_or_404(ApiToken, pk=pk, user=_person(request))
    revoke_token(token, timezone.now())
    messages.success(request, f"{token.name} is revoked. What used it is signed out now.")
    return redirect("account")


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie and go back; empty follows the system."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
