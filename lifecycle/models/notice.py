"""Notices: what was said to whom, and the proof that it reached them."""

from django.conf import settings
from django.db import models

from lineage.models import Module, Team


class Notice(models.Model):
    """An outbox row and, once delivered, an entry of the in-app inbox.

    Written in the transaction of its cause. Without a team it is for the operators, unless
    it is for one person who watches. ``fanned_out_at`` is when the channels took it over.
    ``items`` lists what it speaks of, subject by subject: the proof of notice.
    """

    class Kind(models.TextChoices):
        FINDINGS = "findings", "flagged"
        ANNOUNCED = "announced", "to be sunset"
        SUNSET = "sunset", "sunset"
        RESTORED = "restored", "restored"
        CANCELLED = "cancelled", "will stay"
        DEPRECATED = "deprecated", "deprecated"
        DYING = "dying", "about to be sunset"
        PUBLISHED = "published", "newer version"
        FIX = "fix", "fix available"
        YANKED = "yanked", "yanked"
        BLOCKING = "blocking", "you block a sunset"
        EXPIRING = "expiring", "about to expire"
        QUIET = "quiet", "source gone quiet"
        UPTAKE = "uptake", "uptake"
        WATCHED = "watched", "watched"
        EXTENDED = "extended", "given more time"
        CAMPAIGN = "campaign", "to be left"
        EXEMPTION = "exemption", "exemption"
        UPGRADE_REQUESTED = "asked", "upgrade asked for"

    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    items = models.JSONField(default=list)
    module = models.ForeignKey(Module, null=True, on_delete=models.PROTECT, related_name="+")
    sunset = models.ForeignKey(
        "lifecycle.Sunset", null=True, on_delete=models.PROTECT, related_name="notices"
    )
    dedupe_key = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    fanned_out_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="notice_dedupe_unique")]
        indexes = [
            models.Index(fields=["team", "-created_at"], name="notice_inbox"),
            models.Index(
                fields=["id"],
                name="notice_waiting",
                condition=models.Q(fanned_out_at__isnull=True),
            ),
            models.Index(
                fields=["id"],
                name="notice_undelivered",
                condition=models.Q(delivered_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NoticeMark(models.Model):
    """How far the consumers' notices have read the facts; one row per kind of fact."""

    name = models.CharField(max_length=32)
    last_id = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="notice_mark_unique")]

    def __str__(self) -> str:
        return f"{self.name} {self.last_id}"
