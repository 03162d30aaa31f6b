"""What a person, or a token that acts for them, may do."""

from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser

READ = "read"
INGEST = "ingest"
LIFECYCLE = "lifecycle"
ADMIN = "admin"
SCOPES = (READ, INGEST, LIFECYCLE, ADMIN)

EVERYBODY = frozenset({READ, LIFECYCLE})
OPERATOR = frozenset(SCOPES)


def scopes_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[str]:
    """All that a signed-in person may do; nothing for anybody else."""
    if not isinstance(user, AbstractUser) or not user.is_active:
        return frozenset()
    return OPERATOR if user.is_staff else EVERYBODY
