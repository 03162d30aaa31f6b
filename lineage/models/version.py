"""Versions: immutable published artifacts of a module."""

from datetime import datetime

from django.db import models

from lineage.models.module import Module
from lineage.models.team import Team
from lineage.purls import purl_of


class Deprecation(models.Model):
    """A provider's word that the versions in a range should be left, and by when.

    It covers versions that arrive later too. Two statements about one range are
    settled by the later ``deprecated_at``, then by the greater content.
    """

    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="deprecations", db_index=False
    )
    range = models.CharField(max_length=1024)
    message = models.TextField(blank=True)
    replacement = models.CharField(max_length=1024, blank=True)
    deprecated_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    sunset_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["module_id", "range"]
        constraints = [
            models.UniqueConstraint(fields=["module", "range"], name="deprecation_range_unique")
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.range}"

    @property
    def since(self) -> datetime:
        """Since when it holds: as stated, else since it was heard of."""
        return self.deprecated_at or self.received_at


class Version(models.Model):
    """One version of a module.

    ``sort_key`` orders the versions of a module bytewise, on every database
    (``lineage.versioning``). ``is_placeholder`` says that the version was only
    named by a deployment, an observation, a yank or an SBOM edge.
    """

    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    version = models.CharField(max_length=256)
    sort_key = models.BinaryField()
    major_line = models.CharField(max_length=260)
    minor_line = models.CharField(max_length=260)
    is_prerelease = models.BooleanField(default=False)
    is_placeholder = models.BooleanField(default=False)

    kind = models.CharField(max_length=16, choices=Module.Kind.choices, blank=True)
    owner = models.ForeignKey(
        Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    published_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    digest = models.CharField(max_length=256, blank=True)
    runtime = models.JSONField(default=dict)
    ttl = models.PositiveBigIntegerField(null=True, help_text="seconds")
    scm_repo = models.CharField(max_length=1024, blank=True)
    scm_commit = models.CharField(max_length=128, blank=True)
    metadata = models.JSONField(default=dict)
    # Hash of what makes two records of one version the same: digest and dependencies.
    fingerprint = models.CharField(max_length=32, blank=True)
    # Hash of the whole record as last written: an equal one is skipped.
    content_hash = models.CharField(max_length=32, blank=True)
    # Hash of the tree an SBOM of this version stated: an equal one is skipped.
    tree_hash = models.CharField(max_length=32, blank=True)

    deprecation = models.ForeignKey(
        Deprecation, null=True, on_delete=models.SET_NULL, related_name="versions"
    )
    yanked_at = models.DateTimeField(null=True)
    yank_reason = models.TextField(blank=True)
    sunset_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["module_id", "sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["module", "version"], name="version_identity_unique")
        ]
        indexes = [
            models.Index(fields=["published_at"], name="version_by_publication"),
            models.Index(
                fields=["yanked_at"],
                name="version_yanked",
                condition=models.Q(yanked_at__isnull=False),
            ),
            models.Index(
                fields=["sunset_at"],
                name="version_sunset",
                condition=models.Q(sunset_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.version}"

    @property
    def purl(self) -> str:
        """The package URL of the version."""
        return purl_of(self.module.ecosystem, self.module.name, self.version)

    @property
    def is_withdrawn(self) -> bool:
        """Whether resolution passes the version over."""
        return self.yanked_at is not None or self.sunset_at is not None


class Retirement(models.Model):
    """One span for which a version was sunset; open while ``restored_at`` is empty."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="retirements")
    sunset_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["version_id", "sunset_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(restored_at__isnull=True),
                name="retirement_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(restored_at__isnull=True)
                | models.Q(restored_at__gte=models.F("sunset_at")),
                name="retirement_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.sunset_at:%Y-%m-%d}"
