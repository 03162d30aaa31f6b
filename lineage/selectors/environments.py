"""Environments: what they are called, where they are found, and whether they still are."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from lineage.models import Deployment, Environment, EnvironmentDeletion
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """An environment, its live deployments, and since when it is gone, if it is."""

    environment: Environment
    live: int
    deleted_at: datetime | None


def environment_list(*, page: int = 1, size: int = DEFAULT_SIZE) -> Slice[EnvironmentRow]:
    """Every environment by name.

    One is gone since its last deletion, unless it was described later or something
    runs in it.
    """
    start, stop = bounds(page, size)
    live = Deployment.objects.live().filter(environment=OuterRef("pk")).order_by()
    deletions = EnvironmentDeletion.objects.filter(environment=OuterRef("pk")).order_by("-at")
    environments = Environment.objects.order_by("name").annotate(
        live=Coalesce(Subquery(live.values("environment").annotate(n=Count("pk")).values("n")), 0),
        deleted_at=Subquery(deletions.values("at")[:1]),
    )
    rows = [
        EnvironmentRow(found, found.live, _gone_since(found.live, found.deleted_at, found))
        for found in environments[start:stop]
    ]
    return Slice(rows, Environment.objects.count(), max(page, 1), stop - start)


def _gone_since(
    live: int, deleted_at: datetime | None, environment: Environment
) -> datetime | None:
    described_at = environment.described_at
    if live or (deleted_at and described_at and described_at > deleted_at):
        return None
    return deleted_at
