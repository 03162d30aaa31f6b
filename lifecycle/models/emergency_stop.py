"""The emergency stop: while one is on, nothing is announced, executed or purged."""

from django.db import models


class EmergencyStop(models.Model):
    """One stop of everything, from ``started_at`` to ``ended_at``."""

    reason = models.TextField()
    started_by = models.CharField(max_length=256)
    started_at = models.DateTimeField()
    ended_by = models.CharField(max_length=256, blank=True)
    ended_at = models.DateTimeField(null=True)
    # Null once it is over: at most one row holds True.
    is_on = models.BooleanField(null=True, default=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["is_on"], name="emergency_stop_one_on")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.reason}"
