"""How people and teams want to hear: their own to say, a team's for its members."""

from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

from lifecycle.channels import CHANNELS, InvalidTarget
from lifecycle.events import Urgency
from lifecycle.exceptions import LifecycleError, PermissionDenied, UnknownThing
from lifecycle.models import Preference
from lifecycle.permissions import Actor
from lifecycle.schedule import Mode, time_zones
from lifecycle.services.audit import record
from lineage.models import Team


class InvalidPreference(LifecycleError):
    """A wish that cannot be kept; ``field`` names what is wrong."""

    code = "invalid_preference"

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How somebody wants to hear over one channel."""

    channel: str
    target: str = ""
    is_enabled: bool = True
    mode: str = Mode.DIGEST.value
    hour: int = 9
    weekday: int | None = None
    time_zone: str = "UTC"
    quiet_from: time | None = None
    quiet_until: time | None = None
    minimum_urgency: int = Urgency.LOW.value


def prefer(user_id: int, wish: Wish) -> Preference:
    """Keep a person's own wish; raises InvalidPreference, InvalidTarget."""
    return _keep({"user_id": user_id}, wish)


def prefer_for_team(team: Team, wish: Wish, *, actor: Actor, now: datetime) -> Preference:
    """Keep a team's wish, said by a member or an operator, and note who said it.

    Raises PermissionDenied, InvalidPreference, InvalidTarget.
    """
    require_team(actor, team.pk, f"say how {team.name} hears")
    kept = _keep({"team_id": team.pk}, wish)
    said = {name: str(value) for name, value in asdict(wish).items() if name != "target"}
    record(actor, "choose channel", f"{team.name} {wish.channel}", at=now, after=said)
    return kept


def forget_preference(pk: int, *, user_id: int, actor: Actor) -> None:
    """Go back to the default; raises UnknownThing unless it is theirs or their team's."""
    row = Preference.objects.filter(pk=pk).first()
    is_mine = row is not None and row.user_id == user_id
    is_ours = row is not None and row.team_id is not None and _may(actor, row.team_id)
    if row is None or not (is_mine or is_ours):
        raise UnknownThing("preference")
    row.delete()


def require_team(actor: Actor, team_id: int, what: str) -> None:
    """Raise PermissionDenied unless the actor is a member of the team or an operator."""
    if not _may(actor, team_id):
        raise PermissionDenied(actor.name, what)


def _may(actor: Actor, team_id: int) -> bool:
    return "lifecycle" in actor.scopes and (actor.is_operator or team_id in actor.team_ids)


def _keep(whose: dict[str, Any], wish: Wish) -> Preference:
    channel = CHANNELS.get(wish.channel)
    if channel is None or not channel.is_personal:
        raise InvalidPreference("channel", f"There is no channel called {wish.channel[:32]}.")
    _check(wish)
    target = channel.checked_target(wish.target)
    if wish.channel != "email" and not target:
        raise InvalidTarget(channel.label, "name where to send")
    values = asdict(wish) | {"target": target}
    del values["channel"]
    row, _ = Preference.objects.update_or_create(**whose, channel=wish.channel, defaults=values)
    return row


def _check(wish: Wish) -> None:
    checks = (
        ("mode", wish.mode in set(Mode), "Immediate or digest."),
        ("hour", 0 <= wish.hour <= 23, "An hour is 0 to 23."),
        ("weekday", wish.weekday is None or 0 <= wish.weekday <= 6, "A weekday is 0 to 6."),
        ("time_zone", wish.time_zone in time_zones(), "There is no such time zone."),
        ("minimum_urgency", wish.minimum_urgency in set(Urgency), "Low, normal or high."),
        (
            "quiet_until",
            (wish.quiet_from is None) == (wish.quiet_until is None),
            "Quiet hours have a beginning and an end.",
        ),
    )
    for field, is_good, reason in checks:
        if not is_good:
            raise InvalidPreference(field, reason)
