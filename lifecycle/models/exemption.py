"""Exemptions: an opt-out with reason, approver and expiry."""

from django.db import models

from lifecycle.rules.registry import rule_choices
from lineage.models import Module


class Exemption(models.Model):
    """Keeps a module, a line of it or the deployments of one key from going, for a time.

    It bites once approved, until it expires or is ended. Without a rule it bites
    for all rules.
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        DECLINED = "declined"
        ENDED = "ended"

    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    rule = models.CharField(max_length=32, choices=rule_choices, blank=True)
    module = models.ForeignKey(
        Module, null=True, on_delete=models.PROTECT, related_name="exemptions"
    )
    line = models.CharField(max_length=260, blank=True)
    deployment_key = models.CharField(max_length=512, blank=True)
    reason = models.TextField()
    requested_by = models.CharField(max_length=256)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=256, blank=True)
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    ended_by = models.CharField(max_length=256, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["expires_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(module__isnull=False, deployment_key="")
                | models.Q(module__isnull=True, line="") & ~models.Q(deployment_key=""),
                name="exemption_is_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="exemption_by_expiry")]

    def __str__(self) -> str:
        return self.deployment_key or f"{self.module} {self.line}".strip()
