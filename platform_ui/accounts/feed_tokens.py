"""Issues, finds and revokes the secrets that stand in the addresses of feeds."""

from datetime import datetime

from django.contrib.auth.models import User

from lineage.models import Module, Team
from platform_ui.accounts.models import FeedToken
from platform_ui.accounts.services import PREFIX_LENGTH, USE_IS_NOTED_EVERY, digest_of, new_secret

MARK = "sunf_"


def issue_feed_token(
    user: User, name: str, now: datetime, *, module: Module | None = None, team: Team | None = None
) -> tuple[FeedToken, str]:
    """Make a token for this person's feeds, or for those of one module or one team.

    The plain secret is returned once and never kept.
    """
    plain = new_secret(MARK)
    token = FeedToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(plain),
        prefix=plain[:PREFIX_LENGTH],
        module=module,
        team=team,
        created_at=now,
    )
    return token, plain


def find_feed_token(plain: str) -> FeedToken | None:
    """The token with this secret, if it is not revoked and its owner is active."""
    tokens = FeedToken.objects.select_related("user", "module", "team")
    return tokens.filter(digest=digest_of(plain), revoked_at=None, user__is_active=True).first()


def note_feed_use(token: FeedToken, now: datetime) -> None:
    """Remember when the token was last used, written at most once a minute."""
    seen = token.last_used_at
    if seen is None or now - seen >= USE_IS_NOTED_EVERY:
        FeedToken.objects.filter(pk=token.pk).update(last_used_at=now)


def revoke_feed_token(token: FeedToken, now: datetime) -> None:
    """End a token for good; a second time changes nothing."""
    FeedToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
