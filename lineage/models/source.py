"""Sources: where records come from and what they vouch for."""

from django.db import models


class Source(models.Model):
    """A named origin of records, with the cadence it is expected to keep, in seconds."""

    name = models.CharField(max_length=128)
    cadence = models.PositiveBigIntegerField(null=True, help_text="seconds")
    # What an operator chose outranks what the source says of itself.
    chosen_cadence = models.PositiveBigIntegerField(null=True, help_text="seconds")
    is_simulated = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    # Said by the source itself; otherwise coverage starts with its earliest deployment.
    vouches_since = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="source_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def expected_every(self) -> int | None:
        """The cadence it is held to, in seconds."""
        return self.cadence if self.chosen_cadence is None else self.chosen_cadence


class Coverage(models.Model):
    """That a source reports the deployments of an ecosystem, and since when."""

    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="coverages", db_index=False
    )
    ecosystem = models.CharField(max_length=32)
    since = models.DateTimeField()

    class Meta:
        ordering = ["ecosystem", "source_id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "ecosystem"], name="coverage_unique")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.ecosystem}"
