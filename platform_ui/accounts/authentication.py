"""Signs API requests in by bearer token."""

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from platform_ui.accounts.models import ApiToken
from platform_ui.accounts.services import find_token, note_use

KEYWORD = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``; other schemes are left to other authentications."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        keyword, _, plain = request.headers.get("Authorization", "").partition(" ")
        if keyword.lower() != KEYWORD.lower():
            return None
        now = timezone.now()
        token = find_token(plain.strip(), now)
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        note_use(token, now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD
