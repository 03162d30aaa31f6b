"""Executor ``record``: a sunset is an instant in our own records, nothing more."""

from collections.abc import Collection
from datetime import datetime

from lineage.services.deployments import end_deployments, restore_deployments
from lineage.services.retirement import restore_versions, sunset_versions


class RecordExecutor:
    """Versions leave resolution, deployments end; nothing is deleted."""

    name = "record"

    def sunset(
        self, *, version_ids: Collection[int], deployment_ids: Collection[int], at: datetime
    ) -> None:
        """Mark them sunset at an instant."""
        sunset_versions(version_ids, at=at)
        end_deployments(deployment_ids, at=at)

    def restore(
        self, *, version_ids: Collection[int], deployment_ids: Collection[int], at: datetime
    ) -> None:
        """Bring back what is still sunset."""
        restore_versions(version_ids, at=at)
        restore_deployments(deployment_ids, at=at)
