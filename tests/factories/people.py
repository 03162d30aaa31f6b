"""People who sign in and the tokens that act for them."""

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from lineage.models import Team
from platform_ui.accounts.models import Membership
from platform_ui.accounts.services import issue_token


def person(name: str, *teams: str, is_staff: bool = False) -> User:
    """Somebody who may sign in, a member of these teams."""
    user = User.objects.create_user(name, password="a quiet evening", is_staff=is_staff)
    for team in teams:
        Membership.objects.create(user=user, team=Team.objects.get_or_create(name=team)[0])
    return user


def api_client(user: User, *scopes: str) -> APIClient:
    """A client with a token of this person; without scopes named, one that may read."""
    _, secret = issue_token(user, "test", scopes or ("read",), timezone.now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def signed_in(user: User, *, enforce_csrf_checks: bool = False) -> Client:
    """A browser in which the person is signed in."""
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(user)
    return client
