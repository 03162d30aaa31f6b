"""Full inventories of a source: which deployments it lists, and what became of it."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lineage.models import Deployment, Inventory
from lineage.services.ingest import IngestSummary, ingest_document
from tests.factories.platform import NOW, STARTED, Record, lines_of


def running(key: str, **stated: Any) -> Record:
    """A deployment record of the module app."""
    record = {
        "type": "deployment", "id": key, "module": "app", "version": "1.0.0",
        "environment": "prod", "started_at": STARTED,
    }  # fmt: skip
    return record | stated


def keys(count: int, first: int = 0) -> list[str]:
    """That many deployment keys."""
    return [f"app/{number}" for number in range(first, first + count)]


def listed(
    names: Iterable[str], *more: Record, source: str = "ci", now: datetime = NOW, **header: Any
) -> IngestSummary:
    """Take in a full inventory that lists these deployments; ``more`` are records as they are."""
    records = [{"type": "inventory", **header}, *map(running, names), *more]
    return ingest_document(io.BytesIO(lines_of(records)), source=source, now=now)


def live() -> set[str]:
    """The keys of what runs."""
    return set(Deployment.objects.live().values_list("key", flat=True))


def inventory(summary: IngestSummary) -> Inventory:
    """The inventory a run took in."""
    return Inventory.objects.get(run_id=summary.run)


def hold() -> Inventory:
    """The one that is held."""
    return Inventory.objects.get(state=Inventory.State.HELD)
