"""The audit: append only, who did what, when, why and on which evidence, chained."""

from typing import Any, NoReturn

from django.db import models


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove an audit entry."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries can be added and read."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("audit entries are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("audit entries are never removed")


class AuditEntry(models.Model):
    """One step somebody took.

    The chain is written once, right after the entry is committed: until then ``sequence``
    is empty and ``seal`` is that of the content alone (``lifecycle.chain``).
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=256)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=600)
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # The sunset it is about, as the evidence names it; for filters.
    about_sunset = models.PositiveBigIntegerField(null=True)
    sequence = models.PositiveBigIntegerField(null=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=96, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["sequence"], name="audit_sequence_unique"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["about_sunset", "-at"], name="audit_by_sunset"),
            models.Index(
                fields=["id"],
                name="audit_not_chained",
                condition=models.Q(sequence__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new entry; raises AppendOnly on one that exists."""
        if self.pk is not None:
            raise AppendOnly("audit entries are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnly("audit entries are never removed")


class AuditHead(models.Model):
    """Up to where the chain goes: one row, sealed, so that a cut off end shows."""

    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=96)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"
