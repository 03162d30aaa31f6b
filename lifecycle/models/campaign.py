"""Campaigns: the sunset of a range still in use, run as a drain with a deadline."""

from django.db import models

from lifecycle.models.sunset import Sunset
from lineage.models import Module


class Campaign(models.Model):
    """One range to be drained; ends in the sunset by itself when the last blocker goes."""

    class State(models.TextChoices):
        DRAINING = "draining"
        SUNSETTING = "sunsetting"
        DONE = "done"
        CANCELLED = "cancelled"

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="campaigns")
    line = models.CharField(max_length=260)
    reason = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAINING)
    deadline = models.DateTimeField()
    remind_every_days = models.PositiveIntegerField(default=7)
    started_by = models.CharField(max_length=256)
    started_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=256, blank=True)
    sunset = models.OneToOneField(
        Sunset, null=True, on_delete=models.PROTECT, related_name="campaign"
    )

    class Meta:
        ordering = ["deadline", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["module", "line"],
                condition=models.Q(state__in=["draining", "sunsetting"]),
                name="campaign_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.module.name} {self.line}"


class CampaignReading(models.Model):
    """Who was left when it was read: one point of the burndown."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()
    consumers = models.PositiveIntegerField()
    deployments = models.PositiveIntegerField()

    class Meta:
        ordering = ["campaign_id", "at"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "at"], name="campaign_reading_unique")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.at:%Y-%m-%d}: {self.consumers}"
