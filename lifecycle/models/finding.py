"""Findings: what a rule flagged, on which evidence."""

from django.db import models

from lineage.models import Deployment, Module, Team


class Finding(models.Model):
    """One thing flagged by one rule; at most one open finding per rule and subject."""

    class Rule(models.TextChoices):
        UNUSED_RANGE = "unused-range"
        EXPIRED_DEPLOYMENT = "expired-deployment"

    class CloseReason(models.TextChoices):
        CLEARED = "cleared"
        SUNSET = "sunset"

    rule = models.CharField(max_length=32, choices=Rule.choices)
    subject = models.CharField(max_length=600)
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="findings")
    line = models.CharField(max_length=260, blank=True)
    deployment = models.ForeignKey(
        Deployment, null=True, on_delete=models.PROTECT, related_name="findings"
    )
    owner = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="findings")
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    size = models.PositiveIntegerField(default=1, help_text="how many things would go")
    since = models.DateTimeField(help_text="since when it has been so")
    epoch = models.PositiveBigIntegerField()
    first_seen_at = models.DateTimeField()
    last_confirmed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=8, choices=CloseReason.choices, blank=True)

    class Meta:
        ordering = ["rule", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"],
                condition=models.Q(closed_at__isnull=True),
                name="finding_one_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["rule", "since", "id"],
                name="finding_open_by_rule",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["rule", "-size", "since", "id"],
                name="finding_open_by_size",
                condition=models.Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def label(self) -> str:
        """What is flagged, by name."""
        return str(self.evidence.get("label", self.subject))
