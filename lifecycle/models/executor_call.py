"""Executor calls: what must be said to an executor, in the database before it is said."""

from uuid import uuid4

from django.db import models

from lifecycle.models.sunset import SunsetItem


class ExecutorCall(models.Model):
    """One operation on one item; written in the transaction that records the operation.

    ``key`` is its idempotency key: whoever carries it out does so once, however often
    it is sent. Sent is what the executor took but has not acknowledged yet; withdrawn is
    what a restore overtook. One that was given up and has ``acknowledged_at`` was carried
    out too late. While ``leased_until`` lies ahead some worker may be sending it.
    """

    class Operation(models.TextChoices):
        SUNSET = "sunset"
        RESTORE = "restore"
        PURGE = "purge"

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        ACKNOWLEDGED = "acknowledged"
        GIVEN_UP = "given_up", "given up"
        WITHDRAWN = "withdrawn"

    OPEN = (State.PENDING, State.SENT)

    item = models.ForeignKey(SunsetItem, on_delete=models.PROTECT, related_name="calls")
    operation = models.CharField(max_length=8, choices=Operation.choices)
    executor = models.CharField(max_length=140, help_text="its name in the sunset's terms")
    key = models.UUIDField(default=uuid4)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_attempt_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="executor_call_key_unique"),
            models.UniqueConstraint(fields=["item", "operation"], name="executor_call_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="executor_call_due",
                condition=models.Q(state__in=["pending", "sent"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.item}"
