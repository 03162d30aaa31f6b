"""To whom a notice goes, over which channel and when: the preferences of teams and people."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from lifecycle.channels import CHANNELS
from lifecycle.directory import directory
from lifecycle.models import Preference
from lineage.ingest.known import batches
from lineage.models import Team

EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody as one channel reaches them."""

    recipient: str
    user_id: int | None
    team_id: int | None
    channel: str
    target: str
    preference: Preference


class Recipients:
    """Everybody a set of notices may concern, read in a bounded number of queries.

    Mail for a team goes to the team's own address if it chose so or has no members, else
    to its members: never both. A person without a preference gets a daily digest by mail.
    """

    def __init__(self, team_ids: Collection[int], user_ids: Collection[int]) -> None:
        people = directory()
        self._members = people.members(team_ids)
        self._operators = people.operators()
        users = set(user_ids) | self._operators | set().union(*self._members.values())
        self._mails = people.emails(users)
        self._of_users = _preferences("user_id", users)
        self._of_teams = _preferences("team_id", team_ids)
        self._teams = {
            team.pk: team
            for batch in batches(sorted(team_ids))
            for team in Team.objects.filter(pk__in=batch)
        }

    def of_team(self, team_id: int) -> list[Address]:
        """Where a notice for a team goes."""
        own = [
            found
            for preference in self._team_preferences(team_id)
            if (found := self._team_address(team_id, preference))
        ]
        has_mail = any(address.channel == EMAIL for address in own)
        members = sorted(self._members.get(team_id, ()))
        return own + [
            address
            for user_id in members
            for address in self.of_user(user_id)
            if not (has_mail and address.channel == EMAIL)
        ]

    def of_operators(self) -> list[Address]:
        """Where a notice for the operators goes."""
        return [one for user_id in sorted(self._operators) for one in self.of_user(user_id)]

    def of_user(self, user_id: int) -> list[Address]:
        """Where a notice for one person goes."""
        chosen = self._of_users.get(user_id, [])
        if all(preference.channel != EMAIL for preference in chosen):
            chosen = [*chosen, Preference(user_id=user_id, channel=EMAIL)]
        found = []
        for preference in chosen:
            target = preference.target or self._mails.get(user_id, "")
            if _is_reachable(preference, target):
                name = f"user:{user_id}"
                found.append(Address(name, user_id, None, preference.channel, target, preference))
        return found

    def _team_preferences(self, team_id: int) -> list[Preference]:
        chosen = self._of_teams.get(team_id, [])
        if all(p.channel != EMAIL for p in chosen) and not self._members.get(team_id):
            return [*chosen, Preference(team_id=team_id, channel=EMAIL)]
        return chosen

    def _team_address(self, team_id: int, preference: Preference) -> Address | None:
        target = preference.target or self._teams[team_id].email
        if not _is_reachable(preference, target):
            return None
        name = f"team:{team_id}"
        return Address(name, None, team_id, preference.channel, target, preference)


def _is_reachable(preference: Preference, target: str) -> bool:
    channel = CHANNELS.get(preference.channel)
    is_there = channel is not None and channel.is_personal and channel.is_available()
    return bool(preference.is_enabled and target and is_there)


def _preferences(field: str, ids: Collection[int]) -> dict[int, list[Preference]]:
    found: dict[int, list[Preference]] = defaultdict(list)
    for batch in batches(sorted(ids)):
        for row in Preference.objects.filter(**{f"{field}__in": batch}).order_by("id"):
            found[getattr(row, field)].append(row)
    return found
