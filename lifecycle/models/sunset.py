"""Sunsets: plans on their way, and the items they listed."""

from django.db import models

from lifecycle.states import ItemState, SunsetState, choices_of
from lineage.models import Deployment, Version


class Sunset(models.Model):
    """A plan on its way: exactly what it listed, bound by its hash.

    ``terms`` are those of its policy when it was announced (``lifecycle.policies.terms``).
    ``next_step_at`` is when the driver looks at it again; empty when nothing is to come.
    """

    State = SunsetState

    class Kind(models.TextChoices):
        ASKED = "asked"  # somebody confirmed a plan
        AUTOMATIC = "automatic"  # a policy announced it
        CAMPAIGN = "campaign"  # a drain ended

    title = models.CharField(max_length=600)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ASKED)
    state = models.CharField(max_length=16, choices=choices_of(SunsetState))
    policy = models.ForeignKey(
        "lifecycle.Policy", null=True, on_delete=models.SET_NULL, related_name="sunsets"
    )
    terms = models.JSONField(default=dict)
    plan_hash = models.CharField(max_length=64)
    request = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=list)
    epoch = models.PositiveBigIntegerField()
    made_by = models.CharField(max_length=256)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, help_text="when its state last changed")
    next_step_at = models.DateTimeField(null=True)
    grace_until = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    blockers = models.JSONField(default=list, help_text="what stood in the way when last looked")
    is_forced = models.BooleanField(default=False)
    force_reason = models.TextField(blank=True)
    cancelled_by = models.CharField(max_length=256, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    restorable_until = models.DateTimeField()
    restored_by = models.CharField(max_length=256, blank=True)
    restored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            # A plan takes effect once, however often its confirmation is sent.
            models.UniqueConstraint(
                fields=["plan_hash"],
                condition=~models.Q(state__in=["restored", "cancelled"]),
                name="sunset_plan_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="sunset_newest_first"),
            models.Index(
                fields=["next_step_at"],
                name="sunset_due",
                condition=models.Q(next_step_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SunsetItem(models.Model):
    """One version or deployment of a sunset, with the state it is truly in.

    ``before`` is what restoring must bring back, taken when it went.
    """

    State = ItemState

    sunset = models.ForeignKey(Sunset, on_delete=models.PROTECT, related_name="items")
    version = models.ForeignKey(
        Version, null=True, on_delete=models.PROTECT, related_name="sunset_items"
    )
    deployment = models.ForeignKey(
        Deployment, null=True, on_delete=models.PROTECT, related_name="sunset_items"
    )
    label = models.CharField(max_length=600)
    subject = models.CharField(max_length=600, blank=True, help_text="of the finding it goes for")
    state = models.CharField(
        max_length=16,
        choices=choices_of(ItemState),
        default=ItemState.PLANNED.value,
    )
    changed_at = models.DateTimeField(null=True, help_text="when its state last changed")
    executed_at = models.DateTimeField(null=True)
    blockers = models.JSONField(default=list, help_text="why it was dropped, by name")
    error = models.TextField(blank=True)
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["sunset_id", "id"]
        indexes = [models.Index(fields=["sunset", "state"], name="sunset_item_by_state")]
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
