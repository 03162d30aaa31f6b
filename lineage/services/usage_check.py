"""Who uses these versions right now: asked again at the moment something is to go."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Q

from lineage.graph.reach import dependents_reach
from lineage.graph.snapshot import Snapshot
from lineage.models import Deployment, ObservedVersion, Version
from lineage.services.graph_rows import Lookup
from lineage.services.snapshot import refresh

MOST_NAMED = 1_000
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class LiveUser:
    """A live deployment that is or reaches one of the versions."""

    deployment_id: int
    key: str
    ecosystem: str
    module: str
    version: str
    environment: str
    owner: str


def live_users_now(version_ids: Collection[int], *, now: datetime) -> list[LiveUser]:
    """``live_users`` of this very moment: brings the snapshot up to date first.

    Called under the graph lock, the answer is that of the transaction.
    """
    return live_users(version_ids, snapshot=refresh(now))


def live_users(version_ids: Collection[int], *, snapshot: Snapshot) -> list[LiveUser]:
    """The live deployments that use any of the versions, production first, at most MOST_NAMED.

    Empty exactly when the snapshot knows no use.
    """
    graph = snapshot.graph
    nodes = Lookup(graph.version_ids)(np.array(list(version_ids), dtype=np.int64))
    nodes = nodes[nodes >= 0]
    used = nodes[snapshot.usage.version_live[nodes].sum(axis=1) > 0]
    if not len(used):
        return []
    reach = np.concatenate([used, dependents_reach(graph, used).versions])
    deployed = reach[snapshot.usage.version_own[reach].sum(axis=1) > 0]
    ids = [int(pk) for pk in graph.version_ids[deployed]]
    targets = [int(pk) for pk in graph.version_ids[used]]
    observing = set(
        ObservedVersion.objects.filter(version_id__in=targets).values_list("profile_id", flat=True)
    )
    elsewhere = _profiles_elsewhere(targets)
    found: list[LiveUser] = []
    for start in range(0, max(len(ids), 1), BATCH):
        matching = Q(version_id__in=ids[start : start + BATCH]) & ~Q(profile_id__in=elsewhere)
        if not start:
            matching |= Q(profile_id__in=observing)
        found += _named(matching)
    return found[:MOST_NAMED]


def _profiles_elsewhere(targets: Collection[int]) -> set[int]:
    """Profiles that state other versions of these modules: their deployments run those."""
    modules = Version.objects.filter(id__in=targets).values("module_id")
    stated = ObservedVersion.objects.filter(version__module_id__in=modules)
    here = set(stated.filter(version_id__in=targets).values_list("profile_id", flat=True))
    return set(stated.values_list("profile_id", flat=True)) - here


def _named(matching: Q) -> list[LiveUser]:
    deployments = (
        Deployment.objects.live()
        .filter(matching)
        .select_related("version__module__owner", "environment")
        .order_by("-environment__tier", "key")[:MOST_NAMED]
    )
    return [
        LiveUser(
            deployment_id=deployment.pk,
            key=deployment.key,
            ecosystem=deployment.version.module.ecosystem,
            module=deployment.version.module.name,
            version=deployment.version.version,
            environment=deployment.environment.name,
            owner=owner.name if (owner := deployment.version.module.owner) else "",
        )
        for deployment in deployments
    ]
