"""From what was written to who hears it: events to webhooks and watchers, notices to channels.

One transaction that also notes what it has taken over, so a kill loses and doubles nothing;
a second worker waits its turn.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lifecycle.directory import directory
from lifecycle.events import Urgency, kind_named
from lifecycle.models import Delivery, DeliveryItem, Event, Notice, Webhook
from lifecycle.notice_kinds import is_within, urgency_of
from lifecycle.schedule import Mode, next_delivery
from lifecycle.services.recipients import Address, Recipients
from lifecycle.services.watchers import Watches
from lineage.ingest.bulk import exclusive
from lineage.ingest.known import batches

FAN_OUT_LOCK = 0x46414E  # "FAN"
OPERATORS = 0  # in an audience
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as far as it matters to whom it goes."""

    id: int
    team_id: int | None
    user_id: int | None
    urgency: Urgency


@dataclass(slots=True)
class Gathered:
    """What goes to one address together."""

    address: Address
    due_at: datetime
    notices: list[int] = field(default_factory=list)

    @property
    def key(self) -> str:
        """One message for each recipient, channel and instant."""
        base = f"{self.address.channel}:{self.address.recipient}"
        return f"{base}:{self.due_at.isoformat()}"


def fan_out(now: datetime) -> int:
    """Turn what waits into deliveries; returns how many there are anew."""
    with exclusive(FAN_OUT_LOCK):
        events = list(Event.objects.filter(fanned_out_at=None).order_by("id"))
        made = _to_webhooks(events, now)
        told = _waiting_notices() + _to_watchers(events, now)
        made += _to_channels(told, now)
        for batch in batches([event.pk for event in events]):
            Event.objects.filter(pk__in=batch).update(fanned_out_at=now)
        for batch in batches([notice.id for notice in told]):
            Notice.objects.filter(pk__in=batch).update(fanned_out_at=now)
    return made


def _waiting_notices() -> list[Told]:
    rows = Notice.objects.filter(fanned_out_at=None).order_by("id")
    return [
        Told(pk, team_id, user_id, urgency_of(kind))
        for pk, team_id, user_id, kind in rows.values_list("id", "team_id", "user_id", "kind")
    ]


def _to_webhooks(events: Sequence[Event], now: datetime) -> int:
    hooks = list(Webhook.objects.filter(is_enabled=True, purpose=Webhook.Purpose.NOTICES))
    rows = [
        Delivery(
            channel="webhook",
            recipient=f"webhook:{hook.pk}",
            webhook=hook,
            event=event,
            title=event.title,
            dedupe_key=f"webhook:{hook.pk}:event:{event.pk}",
            due_at=now,
            created_at=now,
        )
        for event in events
        for hook in hooks
        if _wants(hook, event)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def _wants(hook: Webhook, event: Event) -> bool:
    if hook.team_id is not None and hook.team_id not in (event.team_id, *event.audience):
        return False
    return not hook.events or any(is_within(event.kind, kind) for kind in hook.events)


def _to_watchers(events: Sequence[Event], now: datetime) -> list[Told]:
    """A notice for each person who watches and is not told by way of a team, by urgency."""
    watches = Watches()
    groups: dict[tuple[int, Urgency], list[Event]] = defaultdict(list)
    members = directory().members({team for event in events for team in event.audience if team})
    operators = directory().operators()
    for event in events:
        watching = watches.watching(event)
        if watching:
            told = [
                operators if team == OPERATORS else members.get(team) for team in event.audience
            ]
            for user_id in watching.difference(*(users or () for users in told)):
                groups[user_id, kind_named(event.kind).urgency].append(event)
    notices = [_watched(user_id, group, now) for (user_id, _), group in groups.items()]
    Notice.objects.bulk_create(notices, batch_size=500)
    return [
        Told(notice.pk, None, user_id, urgency)
        for notice, (user_id, urgency) in zip(notices, groups, strict=True)
    ]


def _watched(user_id: int, events: Sequence[Event], now: datetime) -> Notice:
    modules = {event.module_id for event in events}
    return Notice(
        user_id=user_id,
        kind=Notice.Kind.WATCHED,
        title=events[0].title if len(events) == 1 else f"{len(events):,} things you watch",
        body="You watch it.",
        items=[
            {
                "subject": f"event:{event.pk}",
                "label": event.title,
                "detail": kind_named(event.kind).title.lower(),
                "module": event.module_id,
                "environment": event.environment,
                "event": event.kind,
            }
            for event in events
        ],
        module_id=modules.pop() if len(modules) == 1 else None,
        dedupe_key=f"watched:{user_id}:{events[0].pk}:{events[-1].pk}:{len(events)}",
        created_at=now,
    )


def _to_channels(told: Sequence[Told], now: datetime) -> int:
    recipients = Recipients(
        {notice.team_id for notice in told if notice.team_id is not None},
        {notice.user_id for notice in told if notice.user_id is not None},
    )
    gathered: dict[tuple[str, str], Gathered] = {}
    known: dict[tuple[int | None, int | None], list[Address]] = {}
    for notice in told:
        whose = (notice.team_id, notice.user_id)
        if whose not in known:
            known[whose] = _addresses(recipients, notice)
        for address in known[whose]:
            preference = address.preference
            if notice.urgency < preference.minimum_urgency:
                continue
            place = (address.channel, address.recipient)
            if place not in gathered:
                due = next_delivery(now, preference.schedule)
                gathered[place] = Gathered(address, due)
            gathered[place].notices.append(notice.id)
    return _gather(list(gathered.values()), now)


def _addresses(recipients: Recipients, notice: Told) -> list[Address]:
    if notice.user_id is not None:
        return recipients.of_user(notice.user_id)
    if notice.team_id is not None:
        return recipients.of_team(notice.team_id)
    return recipients.of_operators()


def _gather(waiting: Sequence[Gathered], now: datetime) -> int:
    """Put each group into its message; one that is on its way already takes nothing more."""
    made = 0
    left: Iterable[Gathered] = waiting
    while groups := list(left):
        rows = [_delivery(group, now) for group in groups]
        open_ids: dict[str, int] = {}
        for batch in batches([group.key for group in groups]):
            made += len(batch) - Delivery.objects.filter(dedupe_key__in=batch).count()
        Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        for batch in batches([group.key for group in groups]):
            # The lock holds off whoever would send it until what is put in is committed.
            found = Delivery.objects.select_for_update().filter(
                dedupe_key__in=batch, state=Delivery.State.WAITING, composed_at=None
            )
            open_ids.update(found.order_by("id").values_list("dedupe_key", "id"))
        _list([group for group in groups if group.key in open_ids], open_ids)
        left = [_later(group) for group in groups if group.key not in open_ids]
    return made


def _delivery(group: Gathered, now: datetime) -> Delivery:
    address = group.address
    return Delivery(
        channel=address.channel,
        recipient=address.recipient,
        user_id=address.user_id,
        team_id=address.team_id,
        target=address.target,
        dedupe_key=group.key,
        due_at=group.due_at,
        created_at=now,
    )


def _list(groups: Sequence[Gathered], ids: dict[str, int]) -> None:
    rows = (
        DeliveryItem(
            delivery_id=ids[group.key],
            notice_id=notice_id,
            recipient=group.address.recipient,
            channel=group.address.channel,
        )
        for group in groups
        for notice_id in group.notices
    )
    for batch in batches(rows):
        DeliveryItem.objects.bulk_create(batch, ignore_conflicts=True)


def _later(group: Gathered) -> Gathered:
    schedule = group.address.preference.schedule
    due = next_delivery(group.due_at, schedule)
    if schedule.mode == Mode.IMMEDIATE and due <= group.due_at:
        due = group.due_at + ONE_SECOND
    return Gathered(group.address, due, group.notices)
