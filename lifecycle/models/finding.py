"""Findings: what a rule flagged, on which evidence."""

from django.db import models

from lifecycle.rules.base import Rule
from lifecycle.rules.registry import ACTIONABLE, RULES, rule_choices
from lineage.models import Deployment, Module, Team


class Finding(models.Model):
    """One thing flagged by one rule; at most one open finding per rule and subject.

    One that is exempt stays open and says so; it can not be sunset while that lasts.
    """

    class CloseReason(models.TextChoices):
        CLEARED = "cleared"
        SUNSET = "sunset"
        EXEMPT = "exempt"

    rule = models.CharField(max_length=32, choices=rule_choices)
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
    # The policy it was judged under; empty for the built-in default of that name.
    policy = models.ForeignKey(
        "lifecycle.Policy", null=True, on_delete=models.SET_NULL, related_name="findings"
    )
    policy_name = models.CharField(max_length=128, blank=True)
    is_automatic = models.BooleanField(default=False)
    exemption = models.ForeignKey(
        "lifecycle.Exemption", null=True, on_delete=models.SET_NULL, related_name="findings"
    )
    # While a source that vouches for it is quiet or held, nothing may rest on it.
    frozen_at = models.DateTimeField(null=True)
    frozen_because = models.TextField(blank=True)
    freshness = models.JSONField(default=list, help_text="the sources it rests on")

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
    def ruled_by(self) -> Rule:
        """The rule that flagged it, with its words."""
        return RULES[self.rule]

    @property
    def is_actionable(self) -> bool:
        """Whether it can be sunset; else it only advises."""
        return self.rule in ACTIONABLE

    @property
    def label(self) -> str:
        """What is flagged, by name."""
        return str(self.evidence.get("label", self.subject))
