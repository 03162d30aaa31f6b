"""Snoozes: upgrades that a team put aside for a while, with a reason."""

from django.db import models

from lineage.models import Module


class UpgradeSnooze(models.Model):
    """That a consumer's upgrade of a dependency need not be looked at until a day.

    ``status`` is how urgent the upgrade was: it comes back when it gets more urgent,
    whatever the day. One that was ended early says by whom.
    """

    consumer = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="+")
    dependency = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(max_length=16)
    reason = models.TextField()
    until = models.DateTimeField()
    made_by = models.CharField(max_length=256)
    made_at = models.DateTimeField()
    ended_by = models.CharField(max_length=256, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "dependency"],
                condition=models.Q(ended_at__isnull=True),
                name="upgrade_snooze_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("made_at")),
                name="upgrade_snooze_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consumer} on {self.dependency}"
