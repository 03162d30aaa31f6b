"""Upgrade requests: that a consumer move to a range, asked, tracked and closed by the data."""

from django.db import models

from lifecycle.models.campaign import Campaign
from lineage.models import Module, Version


class UpgradeRequest(models.Model):
    """One consumer asked to take ``wanted_range`` of one dependency; one open per pair.

    It closes by itself once the consumer's newest version takes the range, or requires the
    dependency no longer, and nothing live runs an older one (``lifecycle.upgrade_progress``).
    ``scm_repo`` and ``scm_commit`` are where that newest version came from when it was asked.
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        ACKNOWLEDGED = "acknowledged"
        PUBLISHED = "published"  # a version takes it, but an older one still runs
        DONE = "done"
        CANCELLED = "cancelled"

    consumer = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="upgrades_asked_of")
    dependency = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="upgrades_asked_for"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    declared = models.CharField(max_length=1024, blank=True, help_text="when it was asked")
    wanted_range = models.CharField(max_length=1024)
    scm_repo = models.CharField(max_length=1024, blank=True)
    scm_commit = models.CharField(max_length=128, blank=True)
    reason = models.TextField()
    deadline = models.DateTimeField(null=True)
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="upgrade_requests"
    )
    requested_by = models.CharField(max_length=256)
    requested_at = models.DateTimeField()
    acknowledged_by = models.CharField(max_length=256, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=1024, blank=True, help_text="such as a pull request")
    published_version = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_by = models.CharField(max_length=256, blank=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "dependency"],
                condition=models.Q(closed_at__isnull=True),
                name="upgrade_request_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="upgrade_request_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.consumer.name} takes {self.dependency.name} {self.wanted_range}"
