"""Sunsets: plans on their way, and the items they listed."""

from django.db import models

from lineage.models import Deployment, Version


class Sunset(models.Model):
    """A plan that was confirmed: exactly what it listed, bound by its hash."""

    class State(models.TextChoices):
        EXECUTING = "executing"
        DONE = "done"
        RESTORED = "restored"

    title = models.CharField(max_length=600)
    state = models.CharField(max_length=16, choices=State.choices)
    plan_hash = models.CharField(max_length=64)
    request = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    epoch = models.PositiveBigIntegerField()
    made_by = models.CharField(max_length=256)
    made_at = models.DateTimeField()
    executed_at = models.DateTimeField(null=True)
    restorable_until = models.DateTimeField()
    restored_by = models.CharField(max_length=256, blank=True)
    restored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            # A plan takes effect once, however often its confirmation is sent.
            models.UniqueConstraint(
                fields=["plan_hash"],
                condition=~models.Q(state="restored"),
                name="sunset_plan_once",
            ),
        ]
        indexes = [models.Index(fields=["-made_at", "-id"], name="sunset_newest_first")]

    def __str__(self) -> str:
        return self.title


class SunsetItem(models.Model):
    """One version or deployment of a sunset, with the state it is truly in."""

    class State(models.TextChoices):
        PLANNED = "planned"
        DONE = "done"
        RESTORED = "restored"
        REVIVED = "revived"

    sunset = models.ForeignKey(Sunset, on_delete=models.PROTECT, related_name="items")
    version = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="sunset_items"
    )
    deployment = models.ForeignKey(
        Deployment, null=True, on_delete=models.PROTECT, related_name="sunset_items"
    )
    label = models.CharField(max_length=600)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)

    class Meta:
        ordering = ["sunset_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version__isnull=False, deployment__isnull=True)
                | models.Q(version__isnull=True, deployment__isnull=False),
                name="sunset_item_is_one_thing",
            ),
            models.UniqueConstraint(fields=["sunset", "version"], name="sunset_item_version_once"),
            models.UniqueConstraint(
                fields=["sunset", "deployment"], name="sunset_item_deployment_once"
            ),
        ]

    def __str__(self) -> str:
        return self.label
