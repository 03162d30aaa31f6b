"""How somebody hears: preferences, subscriptions, webhooks and the log of deliveries."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

from lifecycle.channels import CHANNELS, Channel
from lifecycle.models import Delivery, Preference, Subscription, Webhook
from lifecycle.permissions import Actor
from lineage.models import Team
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


@dataclass(frozen=True, slots=True)
class Hearing:
    """One channel as a person or team has it; ``is_default`` where nobody chose anything."""

    channel: Channel
    preference: Preference
    is_default: bool

    @property
    def is_available(self) -> bool:
        return self.channel.is_available()


def hearing_of(*, user_id: int | None = None, team: Team | None = None) -> list[Hearing]:
    """Every channel people may choose, as this person or team has it.

    Without a choice a person is mailed daily, and a team's address only while the team has
    no members.
    """
    whose = {"user_id": user_id} if team is None else {"team_id": team.pk}
    chosen = {row.channel: row for row in Preference.objects.filter(**whose)}
    found = []
    for channel in CHANNELS.values():
        if channel.is_personal:
            is_on = channel.name == "email" and team is None
            usual = Preference(**whose, channel=channel.name, is_enabled=is_on)
            row = chosen.get(channel.name)
            found.append(Hearing(channel, row or usual, row is None))
    return sorted(found, key=lambda one: one.channel.name != "email")


def preference_list(actor: Actor) -> list[Preference]:
    """What the person and their teams chose."""
    mine = Q(user_id=actor.user_id) | Q(team_id__in=actor.team_ids)
    rows = Preference.objects.filter(mine).select_related("team")
    return list(rows.order_by("team__name", "channel", "id"))


def subscription_list(
    user_id: int, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Subscription]:
    """What a person watches and mutes, newest first."""
    start, stop = bounds(page, size)
    rows = Subscription.objects.filter(user_id=user_id).select_related("module", "team")
    part = rows.order_by("-created_at", "-id")[start:stop]
    return Slice(list(part), rows.count(), max(page, 1), stop - start)


def webhooks_of(actor: Actor) -> "QuerySet[Webhook]":
    """The webhooks an actor may keep, with how many deliveries wait and are parked."""
    rows = Webhook.objects.select_related("team")
    if not actor.is_operator or "lifecycle" not in actor.scopes:
        may = actor.team_ids if "lifecycle" in actor.scopes else ()
        rows = rows.filter(team_id__in=may).exclude(purpose=Webhook.Purpose.EXECUTOR)
    elif "admin" not in actor.scopes:
        rows = rows.filter(team__isnull=False).exclude(purpose=Webhook.Purpose.EXECUTOR)
    return rows.order_by("name")


def webhook_list(actor: Actor, *, page: int = 1, size: int = DEFAULT_SIZE) -> Slice[Webhook]:
    """A page of them."""
    start, stop = bounds(page, size)
    rows = webhooks_of(actor)
    return Slice(list(rows[start:stop]), rows.count(), max(page, 1), stop - start)


@dataclass(frozen=True, slots=True)
class Queue:
    """How a webhook's deliveries stand."""

    waiting: int
    parked: int
    delivered: int
    last_at: object


def queue_of(webhook_id: int) -> Queue:
    """Counts of one webhook's deliveries, and when the last ended."""
    states = Delivery.State
    counts = Delivery.objects.filter(webhook_id=webhook_id).aggregate(
        waiting=Count("pk", filter=Q(state__in=[states.WAITING, states.SENDING])),
        parked=Count("pk", filter=Q(state=states.PARKED)),
        delivered=Count("pk", filter=Q(state=states.DELIVERED)),
        last_at=Max("finished_at"),
    )
    return Queue(**counts)


def delivery_list(
    *,
    webhook_id: int | None = None,
    actor: Actor | None = None,
    states: Collection[str] = (),
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[Delivery]:
    """The log of a webhook, or of what was sent to a person and their teams, newest first."""
    start, stop = bounds(page, size)
    rows = Delivery.objects.select_related("event", "team", "webhook")
    if webhook_id is not None:
        rows = rows.filter(webhook_id=webhook_id)
    elif actor is not None:
        names = [f"user:{actor.user_id}", *(f"team:{pk}" for pk in sorted(actor.team_ids))]
        rows = rows.filter(recipient__in=names)
    if states:
        rows = rows.filter(state__in=states)
    part = rows.order_by("-created_at", "-id")[start:stop]
    return Slice(list(part), rows.count(), max(page, 1), stop - start)


def shown_target(row: Delivery) -> str:
    """Where it goes, without the secrets that the address of a chat carries."""
    service, mark, _ = row.target.partition("://")
    return f"{service}://…" if mark else row.target
