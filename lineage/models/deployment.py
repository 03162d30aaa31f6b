"""Environments and deployments: what runs where, from when to when."""

from django.db import models

from lineage.models.source import Source
from lineage.models.version import Version
from lineage.querysets import DeploymentQuerySet


class Environment(models.Model):
    """A place to run, such as ``test`` or ``prod``, with a tier and a default TTL in seconds."""

    class Tier(models.TextChoices):
        PREPROD = "preprod"
        PROD = "prod"

    name = models.CharField(max_length=128)
    tier = models.CharField(max_length=8, choices=Tier.choices, default=Tier.PREPROD)
    # A tier stated by an environment record outranks one stated by a deployment.
    is_declared = models.BooleanField(default=False)
    ttl = models.PositiveBigIntegerField(null=True, help_text="seconds")
    # What the latest event that describes it calls it, and where it is found.
    label = models.CharField(max_length=256, blank=True)
    url = models.CharField(max_length=1024, blank=True)
    described_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="environment_name_unique")]

    def __str__(self) -> str:
        return self.name


class EnvironmentDeletion(models.Model):
    """That an environment was deleted at an instant: nothing that ran there outlived it."""

    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="deletions", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["environment_id", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "at"], name="environment_deletion_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.environment_id} {self.at:%Y-%m-%d}"


class ObservedProfile(models.Model):
    """A distinct set of exact versions observed at run time, interned by digest."""

    digest = models.CharField(max_length=32)
    versions = models.ManyToManyField(Version, through="ObservedVersion", related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["digest"], name="profile_digest_unique")]

    def __str__(self) -> str:
        return self.digest


class ObservedVersion(models.Model):
    """One version of an observed profile."""

    profile = models.ForeignKey(ObservedProfile, on_delete=models.PROTECT, db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["profile_id", "version_id"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "version"], name="observed_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.version_id}"


class Deployment(models.Model):
    """A version running under a key from ``started_at`` to ``ended_at``.

    The key is the record's ``id``. One key names a series: each deployment of it
    ends at the latest when the next one starts. ``ended_at``, ``last_used_at``
    and ``published_at`` are derived from the series and its marks
    (``lineage.services.deployments``).
    """

    class EndReason(models.TextChoices):
        REPORTED = "reported"
        REPLACED = "replaced"
        UNLISTED = "unlisted"  # a full inventory of its source no longer listed it
        SUNSET = "sunset"

    key = models.CharField(max_length=512)
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="deployments", db_index=False
    )
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="deployments", db_index=False
    )
    region = models.CharField(max_length=64, blank=True)
    route = models.CharField(max_length=1024, blank=True)
    deployed_by = models.CharField(max_length=256, blank=True)
    source = models.ForeignKey(
        Source, null=True, on_delete=models.PROTECT, related_name="deployments", db_index=False
    )
    profile = models.ForeignKey(
        ObservedProfile, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ttl = models.PositiveBigIntegerField(null=True, help_text="seconds")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=8, choices=EndReason.choices, blank=True)
    expires_at = models.DateTimeField(null=True)
    # Somebody gave it time beyond its TTL; no record changes this.
    extended_until = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    requests = models.PositiveBigIntegerField(default=0)
    metadata = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=32, blank=True)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "started_at"], name="deployment_identity_unique")
        ]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="deployment_newest_first"),
            # Covers what a snapshot counts.
            models.Index(
                fields=["version", "profile", "environment", "ended_at"],
                name="deployment_by_version",
            ),
            models.Index(
                fields=["expires_at"],
                name="deployment_live_by_expiry",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(
                fields=["environment", "-started_at"],
                name="deployment_live_by_place",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(
                fields=["ended_at"],
                name="deployment_by_end",
                condition=models.Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class DeploymentMark(models.Model):
    """Something said about a deployment key at an instant; kept even before the deployment is.

    Marks make the order of arrival irrelevant: the loader derives a deployment's
    end and use from all marks of its key.
    """

    class Kind(models.TextChoices):
        USED = "used"
        ENDED = "ended"
        PUBLISHED = "published"
        SUNSET = "sunset"
        RESTORED = "restored"
        UNLISTED = "unlisted"
        LISTED = "listed"

    key = models.CharField(max_length=512)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    at = models.DateTimeField()
    requests = models.PositiveBigIntegerField(default=0)
    source = models.ForeignKey(
        Source, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["key", "at", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["key", "kind", "at"], name="mark_identity_unique")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"
