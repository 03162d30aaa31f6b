"""How long things wait, from the settings."""

from datetime import timedelta

from django.conf import settings


def ownerless_wait() -> timedelta:
    """How long what nobody owns waits after the operators were told."""
    return timedelta(days=settings.OWNERLESS_WAIT_DAYS)


def restorable_for() -> timedelta:
    """How long a sunset can be taken back."""
    return timedelta(days=settings.RESTORE_FOR_DAYS)
