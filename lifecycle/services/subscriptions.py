"""What a person watches or mutes: theirs alone to say."""

from datetime import datetime

from lifecycle.events import KINDS
from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.models import Subscription
from lineage.models import Module, Team

MOST = 1_000  # of one person


class NothingToWatch(LifecycleError):
    """A subscription that names nothing, or a kind that does not exist."""

    code = "nothing_to_watch"


class TooManySubscriptions(LifecycleError):
    """One person cannot have more."""

    code = "too_many_subscriptions"
    status = 409

    def __init__(self) -> None:
        super().__init__(f"One person has at most {MOST:,} subscriptions.")


def subscribe(
    user_id: int,
    *,
    now: datetime,
    module: Module | None = None,
    team: Team | None = None,
    environment: str = "",
    kind: str = "",
    is_muted: bool = False,
) -> Subscription:
    """Watch, or mute, what matches all that is named; said twice it stands once.

    ``kind`` is one of the catalogue or the beginning of some, such as ``version.published``.
    Raises NothingToWatch, TooManySubscriptions.
    """
    if module is None and team is None and not environment and not kind:
        raise NothingToWatch("Name a module, a team, an environment or a kind of event.")
    if kind and not any(k.name == kind or k.name.startswith(f"{kind}.") for k in KINDS):
        raise NothingToWatch(f"There is no kind of event called {kind[:64]}.")
    key = f"m{module.pk if module else 0}:t{team.pk if team else 0}:e{environment}:k{kind}"
    mine = Subscription.objects.filter(user_id=user_id)
    if not mine.filter(key=key).exists() and mine.count() >= MOST:
        raise TooManySubscriptions
    row, _ = Subscription.objects.update_or_create(
        user_id=user_id,
        key=key,
        defaults={"is_muted": is_muted},
        create_defaults={
            "module": module,
            "team": team,
            "environment": environment,
            "kind": kind,
            "is_muted": is_muted,
            "created_at": now,
        },
    )
    return row


def end_subscription(user_id: int, pk: int) -> None:
    """Watch or mute it no more; raises UnknownThing unless it is this person's."""
    if not Subscription.objects.filter(pk=pk, user_id=user_id).delete()[0]:
        raise UnknownThing("subscription")
