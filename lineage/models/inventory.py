"""Full inventories: what a source listed, what it no longer lists, and who else vouches."""

from django.db import models

from lineage.blindness import Blindness
from lineage.models.deployment import Deployment
from lineage.models.ingest_run import IngestRun
from lineage.models.source import Source


class Inventory(models.Model):
    """A full inventory of a source, or of one environment as far as the source knows it.

    Of the ``vouched`` deployments ``missing`` are listed no more; nobody else vouches for
    ``ending`` of them. ``ended`` is how many were ended; held, none is.
    """

    class State(models.TextChoices):
        TAKEN = "taken"
        HELD = "held"
        LATE = "late"  # a later one had been taken already: it ends nothing
        SUPERSEDED = "superseded"  # held, and so is the one after it
        CLEARED = "cleared"  # held until a complete one came
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"

    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="inventories", db_index=False
    )
    run = models.OneToOneField(IngestRun, on_delete=models.PROTECT, related_name="inventory")
    environment = models.CharField(max_length=128, blank=True)
    at = models.DateTimeField()
    listed = models.PositiveBigIntegerField()
    vouched = models.PositiveBigIntegerField()
    missing = models.PositiveBigIntegerField()
    ending = models.PositiveBigIntegerField()
    ended = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices)
    reason = models.CharField(
        max_length=16, blank=True, choices=[(why.value, why.value) for why in Blindness]
    )
    held_since = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=256, blank=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "environment"],
                name="inventory_one_hold",
                condition=models.Q(state="held"),
            )
        ]
        indexes = [models.Index(fields=["source", "-at", "-id"], name="inventory_of_source")]

    def __str__(self) -> str:
        return f"inventory {self.pk}"


class UnlistedDeployment(models.Model):
    """A deployment that a held inventory no longer lists."""

    inventory = models.ForeignKey(
        Inventory, on_delete=models.CASCADE, related_name="unlisted", db_index=False
    )
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["inventory_id", "deployment_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["inventory", "deployment"], name="unlisted_deployment_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.inventory_id}: {self.deployment_id}"


class Witness(models.Model):
    """A further source that reports a deployment, beside the one its row names."""

    deployment = models.ForeignKey(
        Deployment, on_delete=models.CASCADE, related_name="witnesses", db_index=False
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["deployment_id", "source_id"]
        constraints = [
            models.UniqueConstraint(fields=["deployment", "source"], name="witness_unique")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.deployment_id}"
