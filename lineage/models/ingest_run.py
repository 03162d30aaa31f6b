"""Ingest runs, and the lines they could not take."""

from django.db import models

from lineage.models.source import Source


class IngestRun(models.Model):
    """One document taken in: counts of records, and the epoch it led to."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    format = models.CharField(max_length=32, blank=True)
    document = models.CharField(max_length=512, blank=True)
    started_by = models.CharField(max_length=256, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    accepted = models.PositiveBigIntegerField(default=0)
    created = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    unchanged = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)
    conflicts = models.PositiveBigIntegerField(default=0)
    revived = models.PositiveBigIntegerField(default=0)
    epoch = models.PositiveBigIntegerField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["-started_at", "-id"], name="ingest_run_newest_first")]

    def __str__(self) -> str:
        return f"ingest run {self.pk}"


class IngestIssue(models.Model):
    """A record that was rejected, conflicts with what is known, or revived something sunset."""

    class Kind(models.TextChoices):
        REJECTED = "rejected"
        CONFLICT = "conflict"
        REVIVED = "revived"

    run = models.ForeignKey(
        IngestRun, on_delete=models.CASCADE, related_name="issues", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    line = models.PositiveBigIntegerField(null=True)
    field = models.CharField(max_length=256, blank=True)
    reason = models.TextField()
    excerpt = models.CharField(max_length=512, blank=True)

    class Meta:
        ordering = ["run_id", "line", "id"]
        indexes = [models.Index(fields=["run", "line", "id"], name="ingest_issue_by_line")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
