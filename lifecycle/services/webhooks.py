"""Webhooks as people keep them: made, changed, rotated, tested, and their log sent again."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from lifecycle.events import KINDS
from lifecycle.events.data import Ping
from lifecycle.exceptions import LifecycleError, PermissionDenied, UnknownThing
from lifecycle.models import Delivery, Webhook
from lifecycle.outbound import UnknownHost, checked_addresses, new_secret
from lifecycle.permissions import Actor
from lifecycle.services.audit import record
from lifecycle.services.events import event
from lifecycle.services.webhook_calls import allowed_private
from lineage.models import Team

OLD_SECRET_FOR = timedelta(days=1)


class InvalidWebhook(LifecycleError):
    """A webhook that cannot be kept; ``field`` names what is wrong."""

    code = "invalid_webhook"

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWish:
    """What somebody wants of a webhook."""

    name: str
    url: str
    events: Sequence[str] = ()
    purpose: str = Webhook.Purpose.NOTICES.value
    is_enabled: bool = True


def may_keep(actor: Actor, webhook: Webhook) -> bool:
    """A team's by its members; the platform's, and all executors, by operators."""
    return _may(actor, webhook.team_id, webhook.purpose)


def create_webhook(
    wish: WebhookWish, *, team: Team | None, actor: Actor, now: datetime
) -> tuple[Webhook, str]:
    """Make a webhook; its secret is returned here and shown nowhere again.

    Raises PermissionDenied, InvalidWebhook, ForbiddenTarget.
    """
    if not _may(actor, team.pk if team else None, wish.purpose):
        raise PermissionDenied(actor.name, "make this webhook")
    _check(wish)
    secret = new_secret()
    with transaction.atomic():
        if Webhook.objects.filter(name=wish.name).exists():
            raise InvalidWebhook("name", "There is a webhook of that name.")
        row = Webhook.objects.create(
            name=wish.name, url=wish.url, events=list(wish.events), purpose=wish.purpose,
            is_enabled=wish.is_enabled, team=team, secret=secret,
            created_by=actor.name[:256], created_at=now,
        )  # fmt: skip
        record(actor, "make webhook", row.name, at=now, after=_said(row))
    return row, secret


def change_webhook(pk: int, wish: WebhookWish, *, actor: Actor, now: datetime) -> Webhook:
    """Change a webhook; enabling it closes its breaker. Raises as ``create_webhook``, UnknownThing.

    The purpose stays what it was made for.
    """
    row = webhook_for(pk, actor)
    _check(wish)
    if Webhook.objects.filter(name=wish.name).exclude(pk=pk).exists():
        raise InvalidWebhook("name", "There is a webhook of that name.")
    before = _said(row)
    with transaction.atomic():
        row.name, row.url, row.events = wish.name, wish.url, list(wish.events)
        if wish.is_enabled and not row.is_enabled:
            row.disabled_reason, row.failures, row.open_until = "", 0, None
        if row.is_enabled and not wish.is_enabled:
            row.disabled_reason = f"{actor.name} disabled it."[:300]
        row.is_enabled = wish.is_enabled
        row.save()
        record(actor, "change webhook", row.name, at=now, before=before, after=_said(row))
    return row


def rotate_secret(pk: int, *, actor: Actor, now: datetime) -> str:
    """Make a new secret and return it, once; both sign for a day. Raises UnknownThing."""
    with transaction.atomic():
        row = webhook_for(pk, actor)
        row.previous_secret, row.previous_until = row.secret, now + OLD_SECRET_FOR
        row.secret = new_secret()
        row.save(update_fields=["secret", "previous_secret", "previous_until"])
        record(actor, "rotate secret", row.name, at=now)
    return row.secret


def remove_webhook(pk: int, *, actor: Actor, now: datetime) -> None:
    """Remove a webhook and its log; raises UnknownThing."""
    with transaction.atomic():
        row = webhook_for(pk, actor)
        record(actor, "remove webhook", row.name, at=now, before=_said(row))
        row.delete()


def ping(pk: int, *, actor: Actor, now: datetime) -> Delivery:
    """Queue a test event for one webhook, whatever it listens to; raises UnknownThing."""
    with transaction.atomic():
        row = webhook_for(pk, actor)
        said = event(
            "webhook.ping", Ping(webhook=row.name, asked_by=actor.name),
            key=f"{row.pk}:{now.isoformat()}", title="A test", now=now,
        )  # fmt: skip
        said.fanned_out_at = now  # for this one webhook and nobody else
        said.save()
        return Delivery.objects.create(
            channel="webhook", recipient=f"webhook:{row.pk}", webhook=row, event=said,
            title=said.title, dedupe_key=f"webhook:{row.pk}:event:{said.pk}", due_at=now,
            created_at=now,
        )  # fmt: skip


def webhook_for(pk: int, actor: Actor) -> Webhook:
    """A webhook the actor may keep; raises UnknownThing for any other: its name is private."""
    row = Webhook.objects.select_related("team").filter(pk=pk).first()
    if row is None or not may_keep(actor, row):
        raise UnknownThing("webhook")
    return row


def _may(actor: Actor, team_id: int | None, purpose: str) -> bool:
    if "lifecycle" not in actor.scopes:
        return False
    if team_id is None or purpose == Webhook.Purpose.EXECUTOR:
        return actor.is_operator and "admin" in actor.scopes
    return actor.is_operator or team_id in actor.team_ids


def _check(wish: WebhookWish) -> None:
    if not wish.name.strip():
        raise InvalidWebhook("name", "A webhook has a name.")
    unknown = _unknown_kinds(wish.events)
    if unknown:
        raise InvalidWebhook("events", f"There is no kind of event called {unknown[0][:64]}.")
    # Its name may get an address later; each attempt looks again.
    with suppress(UnknownHost):
        checked_addresses(wish.url, allowed=allowed_private())


def _unknown_kinds(kinds: Collection[str]) -> list[str]:
    return [
        kind
        for kind in kinds
        if not any(k.name == kind or k.name.startswith(f"{kind}.") for k in KINDS)
    ]


def _said(row: Webhook) -> dict[str, object]:
    return {
        "url": row.url,
        "events": row.events,
        "purpose": row.purpose,
        "is_enabled": row.is_enabled,
        "team": row.team.name if row.team else None,
    }
