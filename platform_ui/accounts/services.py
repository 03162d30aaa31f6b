"""Issues, finds and revokes API tokens."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q

from platform_ui.accounts.exceptions import ScopeNotHeld
from platform_ui.accounts.models import ApiToken
from platform_ui.accounts.scopes import scopes_of

MARK = "sun_"
PREFIX_LENGTH = 12
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def new_secret(mark: str) -> str:
    """A secret nobody guesses, recognisable by its mark."""
    return mark + secrets.token_urlsafe(32)


def digest_of(plain: str) -> str:
    """What is kept of a secret."""
    # The secret is 256 random bits, so a fast hash without salt is enough.
    return hashlib.sha256(plain.encode()).hexdigest()


def issue_token(
    user: User,
    name: str,
    scopes: Collection[str],
    now: datetime,
    *,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for this person; the plain secret is returned once and never kept.

    Raises ScopeNotHeld if a scope is unknown or more than the person has.
    """
    wanted = frozenset(scopes)
    if missing := wanted - scopes_of(user):
        raise ScopeNotHeld(missing)
    plain = new_secret(MARK)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(plain),
        prefix=plain[:PREFIX_LENGTH],
        scopes=sorted(wanted),
        created_at=now,
        expires_at=expires_at,
    )
    return token, plain


def find_token(plain: str, now: datetime) -> ApiToken | None:
    """The token with this secret, if it is valid now and its owner is active."""
    return (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(plain), revoked_at=None, user__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )


def note_use(token: ApiToken, now: datetime) -> None:
    """Remember when the token was last used, written at most once a minute."""
    seen = token.last_used_at
    if seen is not None and now - seen < USE_IS_NOTED_EVERY:
        return
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    token.last_used_at = now


def revoke_token(token: ApiToken, now: datetime) -> None:
    """End a token for good; a second time changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    token.refresh_from_db(fields=["revoked_at"])
