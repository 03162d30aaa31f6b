"""The actor behind a request, as services want to know it."""

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest
from rest_framework.request import Request

from lifecycle.permissions import Actor
from platform_ui.accounts.models import Membership
from platform_ui.accounts.permissions import granted_scopes
from platform_ui.accounts.scopes import scopes_of


def team_ids_of(user: AbstractUser | AnonymousUser) -> frozenset[int]:
    """The teams a person is a member of; asked of the database once a request."""
    if not isinstance(user, AbstractUser):
        return frozenset()
    known: frozenset[int] | None = getattr(user, "_known_team_ids", None)
    if known is None:
        teams = Membership.objects.filter(user_id=user.pk).values_list("team_id", flat=True)
        known = frozenset(teams)
        # A request has one object for who makes it, and the page's frame asks again.
        setattr(user, "_known_team_ids", known)  # noqa: B010 - not a field of the model
    return known


def actor_of(request: HttpRequest | Request, scopes: frozenset[str] | None = None) -> Actor:
    """Who acts; ``scopes`` is what a token allows, by default all the person may do."""
    user = request.user
    if not isinstance(user, AbstractUser):
        return Actor("")
    return Actor(
        name=user.get_username(),
        is_operator=user.is_staff,
        team_ids=team_ids_of(user),
        scopes=scopes_of(user) if scopes is None else scopes,
        user_id=user.pk,
    )


def caller_of(request: Request) -> Actor:
    """Who calls the API: a person as far as their token, or their session, goes."""
    return actor_of(request, granted_scopes(request))
