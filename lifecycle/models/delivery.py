"""The outbox of the channels: one row a message, what it lists, and every attempt at it."""

from uuid import uuid4

from django.conf import settings
from django.db import models

from lifecycle.models.event import Event
from lifecycle.models.notice import Notice
from lifecycle.models.webhook import Webhook
from lineage.models import Team


def new_message_id() -> str:
    """The idempotency key of a message."""
    return f"msg_{uuid4().hex}"


class Delivery(models.Model):
    """One message on its way to one recipient over one channel.

    ``dedupe_key`` makes it one per recipient, channel and digest. ``payload`` is fixed when
    it is first composed, so every attempt says the same under the same ``message_id``.
    Work is claimed by a conditional update that sets ``lease`` and ``leased_until``.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        DELIVERED = "delivered"
        PARKED = "parked"
        DROPPED = "dropped"

    channel = models.CharField(max_length=32)
    recipient = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(
        Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="deliveries")
    target = models.CharField(max_length=500, blank=True)
    dedupe_key = models.CharField(max_length=300)
    message_id = models.CharField(max_length=64, default=new_message_id)
    title = models.CharField(max_length=300, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    composed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], name="delivery_dedupe_unique"),
            models.UniqueConstraint(fields=["message_id"], name="delivery_message_unique"),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="delivery_due",
                condition=models.Q(state__in=["waiting", "sending"]),
            ),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_log"),
            models.Index(fields=["recipient", "-created_at", "-id"], name="delivery_of"),
        ]

    def __str__(self) -> str:
        return self.title or self.dedupe_key


class DeliveryItem(models.Model):
    """That a message carries a notice; no recipient gets one twice over a channel."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=64)
    channel = models.CharField(max_length=32)

    class Meta:
        ordering = ["delivery_id", "notice_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "channel", "notice"], name="delivery_item_once"
            )
        ]
        indexes = [models.Index(fields=["delivery", "notice"], name="delivery_item_listed")]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.notice_id}"


class DeliveryAttempt(models.Model):
    """One try at a message and what came of it."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="tries", db_index=False
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    is_success = models.BooleanField(default=False)
    answered = models.PositiveIntegerField(null=True)
    response = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["delivery_id", "number", "id"]
        indexes = [models.Index(fields=["delivery", "number"], name="delivery_attempt_log")]

    def __str__(self) -> str:
        return f"{self.delivery_id} attempt {self.number}"
