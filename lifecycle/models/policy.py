"""Policies: a rule's settings for a selection, and what may happen to what it flags."""

from django.db import models

from lifecycle.rules.registry import rule_choices
from lineage.models import Environment, Team


class Policy(models.Model):
    """Settings of one rule for a selection; empty selection fields select everything.

    Where several select one thing, ``keep`` beats the others, then the more specific
    selection, then the later policy. What no policy selects is under the built-in
    defaults. ``settings`` are the rule's own, checked when saved.
    """

    class Effect(models.TextChoices):
        KEEP = "keep", "keep: never flag"
        ASK = "ask", "ask: flag, somebody decides"
        AUTOMATIC = "automatic", "automatic: announce, then sunset after grace"

    name = models.CharField(max_length=128)
    description = models.TextField(blank=True)
    rule = models.CharField(max_length=32, choices=rule_choices)
    effect = models.CharField(max_length=16, choices=Effect.choices, default=Effect.ASK)
    is_enabled = models.BooleanField(default=True)

    ecosystem = models.CharField(max_length=32, blank=True)
    owner = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="policies"
    )
    module_pattern = models.CharField(max_length=512, blank=True, help_text="a name with * and ?")
    environment = models.CharField(max_length=128, blank=True)
    tier = models.CharField(max_length=8, choices=Environment.Tier.choices, blank=True)
    region = models.CharField(max_length=64, blank=True)

    settings = models.JSONField(default=dict, blank=True)
    grace_days = models.PositiveIntegerField(default=0)
    ownerless_wait_days = models.PositiveIntegerField(default=7)
    restorable_days = models.PositiveIntegerField(default=30)
    window = models.JSONField(default=dict, blank=True, help_text="weekdays, opens, closes, zone")
    batch_size = models.PositiveIntegerField(default=500)
    daily_cap = models.PositiveIntegerField(default=5_000, help_text="items a day; 0: no cap")
    executor = models.CharField(max_length=64, default="record")

    created_by = models.CharField(max_length=256)
    created_at = models.DateTimeField()
    updated_by = models.CharField(max_length=256)
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, help_text="an edit of an older one fails")

    class Meta:
        ordering = ["rule", "name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="policy_name_unique")]

    def __str__(self) -> str:
        return self.name
