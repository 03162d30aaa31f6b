"""The page of feeds: which addresses there are, and the tokens that open them."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lifecycle.selectors.badges import BADGES
from lineage.models import Module, Team
from platform_ui.accounts.feed_tokens import issue_feed_token, revoke_feed_token
from platform_ui.accounts.models import FeedToken
from platform_ui.params import text_of
from platform_ui.views.modules import named_or_404

MOST_NAME = 100
BADGE_WORDS = {
    "dependencies": "Are its dependencies up to date",
    "uptake": "Share of live deployments on the newest major",
    "dying": "What of it dies next",
}


@dataclass(frozen=True, slots=True)
class Address:
    """One feed: what it says, and its absolute address."""

    word: str
    url: str
    is_badge: bool = False


@never_cache
@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """The feeds of a module, a team or all; a POST issues a token and shows it this once."""
    person = _person(request)
    module, team = _asked(request)
    secret, error = "", ""
    if request.method == "POST":
        name = text_of(request.POST, "name").strip()
        if name and len(name) <= MOST_NAME and name.isprintable():
            now = timezone.now()
            _, secret = issue_feed_token(person, name, now, module=module, team=team)
        else:
            error = f"Say in 1 to {MOST_NAME} characters what it is for."
    context = {
        "module": module,
        "team": team,
        "teams": Team.objects.filter(memberships__user=person).order_by("name"),
        "addresses": _addresses(request, module, team, secret),
        "secret": secret,
        "error": error,
        "tokens": person.feed_tokens.select_related("module", "team"),
        "now": timezone.now(),
    }
    return render(request, "feeds/page.html", context, status=400 if error else 200)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of the person's own feed tokens."""
    token = get_object_or_404(FeedToken, pk=pk, user=_person(request))
    revoke_feed_token(token, timezone.now())
    messages.success(request, f"{token.name} is revoked. What used it reads nothing now.")
    return redirect("feeds")


def _person(request: HttpRequest) -> User:
    # The login middleware let the request through, so there is a person.
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _asked(request: HttpRequest) -> tuple[Module | None, Team | None]:
    """The module or the team the address names; raises Http404 where there is none."""
    params = request.GET
    if name := text_of(params, "module"):
        return named_or_404(text_of(params, "ecosystem") or "platform", name), None
    if name := text_of(params, "team"):
        team = Team.objects.filter(name=name).first()
        if team is None:
            raise Http404(f"There is no team {name}.")
        return None, team
    return None, None


def _addresses(
    request: HttpRequest, module: Module | None, team: Team | None, secret: str
) -> list[Address]:
    query = f"?{urlencode({'token': secret})}" if secret else ""

    def address(word: str, route: str, *args: str, is_badge: bool = False) -> Address:
        url = request.build_absolute_uri(reverse(route, args=args))
        return Address(word, f"{url}{query}", is_badge)

    if module is not None:
        identity = (module.ecosystem, module.name)
        return [
            address("What happens to it, Atom", "module_atom", *identity),
            address("Its dates, iCalendar", "module_calendar", *identity),
            *(
                address(BADGE_WORDS[kind], "feed_badge", *identity, kind, is_badge=True)
                for kind in BADGES
            ),
        ]
    if team is not None:
        return [
            address("What happens to its modules, Atom", "team_atom", team.name),
            address("Its dates, iCalendar", "team_calendar", team.name),
        ]
    return [address("Every date, iCalendar", "feed_calendar")]
