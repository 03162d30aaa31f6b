"""Who may read a feed: somebody signed in, an API token, or a feed's own token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from lineage.exceptions import UnknownModule
from lineage.models import Module, Team
from lineage.selectors.modules import module_named
from platform_ui.accounts.authentication import KEYWORD
from platform_ui.accounts.feed_tokens import find_feed_token, note_feed_use
from platform_ui.accounts.models import FeedToken
from platform_ui.accounts.scopes import READ, scopes_of
from platform_ui.accounts.services import find_token, note_use

PARAMETER = "token"
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may read feeds; ``token`` where the address carried one."""

    now: datetime
    token: FeedToken | None = None

    def module(self, ecosystem: str, name: str) -> Module:
        """The module, if there is one and this reader may see it; raises Http404."""
        try:
            found = module_named(ecosystem, name)
        except UnknownModule as error:
            raise Http404(str(error)) from error
        token = self.token
        if token and (token.team_id or token.module_id not in (None, found.pk)):
            raise Http404(str(UnknownModule(ecosystem, name)))
        return found

    def team(self, name: str) -> Team:
        """The team, if there is one and this reader may see it; raises Http404."""
        found = Team.objects.filter(name=name).first()
        token = self.token
        if found is None or (token and (token.module_id or token.team_id not in (None, found.pk))):
            raise Http404(f"There is no team {name}.")
        return found

    def everything(self) -> None:
        """Raise Http404 where the token is for one thing only."""
        if self.token and (self.token.module_id or self.token.team_id):
            raise Http404("This token is for the feeds of one thing.")


def reader_of(request: HttpRequest, now: datetime) -> Reader | None:
    """Who asks, None for nobody; a wrong token is nobody, whoever is signed in."""
    if PARAMETER in request.GET:
        feed_token = find_feed_token(request.GET[PARAMETER])
        if feed_token is None or READ not in scopes_of(feed_token.user):
            return None
        note_feed_use(feed_token, now)
        return Reader(now, feed_token)
    keyword, _, plain = request.headers.get("Authorization", "").partition(" ")
    if keyword.lower() == KEYWORD.lower():
        token = find_token(plain.strip(), now)
        if token is None or READ not in scopes_of(token.user) & frozenset(token.scopes):
            return None
        note_use(token, now)
        return Reader(now)
    return Reader(now) if READ in scopes_of(request.user) else None


def for_readers(
    view: Callable[Concatenate[HttpRequest, Reader, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a feed's view be read by those who may, and by nobody else."""

    @login_not_required
    @require_safe
    @wraps(view)
    def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        reader = reader_of(request, timezone.now())
        if reader is None:
            words = "Feeds are read signed in, with an API token or with a feed's own token.\n"
            response = HttpResponse(words, status=401, content_type="text/plain; charset=utf-8")
            response.headers["WWW-Authenticate"] = KEYWORD
            response.headers["Cache-Control"] = "no-store"
            return response
        return view(request, reader, *args, **kwargs)

    return door
