"""Webhooks: addresses that other programs listen at, and how they fare."""

from datetime import datetime

from django.db import models

from lineage.models import Team


class Webhook(models.Model):
    """A receiver of signed messages; one without a team belongs to the operators.

    While a secret is being rotated both sign, until ``previous_until``. ``failures`` counts
    those in a row; while ``open_until`` lies ahead the breaker keeps messages back.
    """

    class Purpose(models.TextChoices):
        NOTICES = "notices"
        EXECUTOR = "executor"

    name = models.CharField(max_length=128)
    url = models.CharField(max_length=2048)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.NOTICES)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="webhooks")
    secret = models.CharField(max_length=128)
    previous_secret = models.CharField(max_length=128, blank=True)
    previous_until = models.DateTimeField(null=True)
    events = models.JSONField(default=list, help_text="kinds of events; empty for all")
    is_enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=256)
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="webhook_name_unique")]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, now: datetime) -> list[str]:
        """What signs now, the newest first."""
        is_rotating = self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous_secret] if is_rotating else [self.secret]

    def is_open(self, now: datetime) -> bool:
        """Whether the breaker keeps messages back."""
        return self.open_until is not None and now < self.open_until
