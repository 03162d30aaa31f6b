"""Who belongs to which team, and the secrets that pipelines and feed readers come with."""

from django.conf import settings
from django.db import models

from lineage.models import Module, Team


class Membership(models.Model):
    """That a person belongs to a team and may act for it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        ordering = ["team__name", "user_id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="membership_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class ApiToken(models.Model):
    """A secret that acts for a person within scopes; only its digest is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_token_digest_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class FeedToken(models.Model):
    """A secret in the address of a feed: it reads feeds as a person and does nothing else.

    Only its digest is kept. One that names a module or a team opens their feeds alone,
    so it can stand in a file that more people read.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feed_tokens"
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16)
    module = models.ForeignKey(
        Module, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="feed_token_digest_unique"),
            models.CheckConstraint(
                condition=models.Q(module__isnull=True) | models.Q(team__isnull=True),
                name="feed_token_names_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
