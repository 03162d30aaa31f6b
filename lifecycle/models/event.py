"""Events: what happened, once each, and the conditions that were already told."""

from django.db import models

from lineage.models import Module, Team


class Event(models.Model):
    """Something of the catalogue that happened; written with its cause or read off the facts.

    ``key`` makes it one, however often it is looked for. ``audience`` are the ids of the
    teams that a notice told of it. Without ``fanned_out_at`` nobody else has heard yet.
    """

    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    module = models.ForeignKey(Module, null=True, on_delete=models.PROTECT, related_name="events")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="events")
    environment = models.CharField(max_length=128, blank=True)
    data = models.JSONField(default=dict)
    audience = models.JSONField(default=list)
    at = models.DateTimeField()
    fanned_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="event_key_unique")]
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest_first"),
            models.Index(fields=["module", "-at"], name="event_by_module"),
            models.Index(
                fields=["id"], name="event_waiting", condition=models.Q(fanned_out_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class StandingCondition(models.Model):
    """Something that is so and was told; it is told again only after it was not so."""

    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="standing_condition_unique")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
