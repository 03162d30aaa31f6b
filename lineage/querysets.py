"""Reusable filters on lineage rows."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from lineage.models import Deployment  # noqa: F401


class DeploymentQuerySet(models.QuerySet["Deployment"]):
    """Filters on deployments by where they stand at an instant."""

    def live(self) -> Self:
        """Started, not ended; expired ones included until they are ended."""
        return self.filter(ended_at__isnull=True)

    def live_at(self, at: datetime) -> Self:
        """Live at a past instant."""
        return self.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), started_at__lte=at)

    def expired(self, now: datetime) -> Self:
        """Live though past their expiry."""
        return self.live().filter(expires_at__lte=now)
