"""Backtests: policies replayed over recorded days, and what would have gone."""

from django.db import models

from lifecycle.models.policy import Policy
from lineage.models import Deployment, Module, Team


class Backtest(models.Model):
    """One replay that was asked for, with its progress and what came of it.

    ``draft`` is the policy as it was then, saved or not; empty for all that are in
    force. A worker claims it until ``claimed_until`` and prolongs that as it goes on;
    what a dead one left is claimed anew and done from the start.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    policy = models.ForeignKey(
        Policy, null=True, on_delete=models.SET_NULL, related_name="backtests"
    )
    name = models.CharField(max_length=128, help_text="of the policy; empty for all in force")
    draft = models.JSONField(default=dict)
    days = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    asked_by = models.CharField(max_length=256)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    claims = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(help_text="looks it takes")
    epoch = models.PositiveBigIntegerField(null=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="backtest_unfinished",
                condition=models.Q(state__in=["queued", "running"]),
            ),
            models.Index(fields=["-asked_at", "-id"], name="backtest_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.name or 'all policies'} over {self.days} days"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in {self.State.DONE, self.State.FAILED}


class BacktestItem(models.Model):
    """One thing that would have gone, and what was made of it afterwards.

    ``used_again`` names the first uses, each with when, by which deployment and of
    which version; ``uses`` counts what was used again.
    """

    backtest = models.ForeignKey(Backtest, on_delete=models.CASCADE, related_name="items")
    rule = models.CharField(max_length=32)
    policy_name = models.CharField(max_length=128)
    is_automatic = models.BooleanField(default=False)
    label = models.CharField(max_length=600)
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    deployment = models.ForeignKey(
        Deployment, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    versions = models.PositiveIntegerField(default=0)
    flagged_at = models.DateTimeField()
    gone_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="by itself, as recorded")
    deployment_days = models.FloatField(default=0)
    used_again_at = models.DateTimeField(null=True)
    used_again = models.JSONField(default=list)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["gone_at", "id"]
        indexes = [
            models.Index(fields=["backtest", "gone_at", "id"], name="backtest_item_by_time"),
            models.Index(
                fields=["backtest", "used_again_at", "id"],
                name="backtest_item_used_again",
                condition=models.Q(used_again_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label
