"""Facts of live deployments: for each need the few that some policy might flag."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from lifecycle.policies.precedence import Policies
from lifecycle.rules.facts import DeploymentFacts, Need
from lifecycle.selectors.facts.scope import Scope
from lineage.ingest.known import batches
from lineage.models import Deployment
from lineage.querysets import DeploymentQuerySet
from lineage.selectors.deployments import usage_reported_since

COLUMNS = (
    "id", "key", "version_id", "version__version", "version__module_id", "environment__name",
    "environment__tier", "region", "started_at", "expires_at", "last_used_at", "environment_id",
    "source_id", "version__sunset_at",
)  # fmt: skip
NOBODY: Mapping[int, datetime] = {}
Combination = tuple[int, int, str]  # version, environment, region


def deployments_for(need: Need, scope: Scope, policies: Policies) -> list[DeploymentFacts]:
    """The deployments in scope that the need names."""
    if not policies.ranked:
        return []
    return READERS[need](scope, policies)


def _expired(scope: Scope, policies: Policies) -> list[DeploymentFacts]:
    return _facts(scope, (q.filter(expires_at__lte=scope.now) for q in _live(scope)))


def _sunset(scope: Scope, policies: Policies) -> list[DeploymentFacts]:
    return _facts(scope, (q.filter(version__sunset_at__lte=scope.now) for q in _live(scope)))


def _unused(scope: Scope, policies: Policies) -> list[DeploymentFacts]:
    least = policies.least("idle_for_days")
    if least is None:
        return []
    before = scope.now - timedelta(days=least)
    reported = usage_reported_since()
    witnessed = Deployment.objects.filter(witnesses__source_id__in=reported).values("id")
    is_known = Q(last_used_at__isnull=False) | Q(source_id__in=reported) | Q(id__in=witnessed)
    quiet = (
        query.alias(seen=Coalesce("last_used_at", "started_at")).filter(is_known, seen__lte=before)
        for query in _live(scope)
    )
    return _facts(scope, quiet, reported)


def _side_by_side(scope: Scope, policies: Policies) -> list[DeploymentFacts]:
    """Those of modules of which one environment and region runs several versions."""
    view = scope.view
    rows = Deployment.objects.live().order_by()
    if scope.module_ids is not None:
        rows = rows.filter(version__module_id__in=scope.module_ids)
    combinations: list[Combination] = list(
        rows.values_list("version_id", "environment_id", "region").distinct()
    )
    places: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    nodes = view.node_of(version for version, _, _ in combinations).tolist()
    for node, (_, environment, region) in zip(nodes, combinations, strict=True):
        if node >= 0:
            places[int(view.graph.version_module[node]), environment, region].add(node)
    beside = {
        (version, environment, region)
        for node, (version, environment, region) in zip(nodes, combinations, strict=True)
        if node >= 0 and len(places[int(view.graph.version_module[node]), environment, region]) > 1
    }
    versions = sorted({version for version, _, _ in beside})
    queries = (rows.filter(version_id__in=batch) for batch in batches(versions))
    return [
        facts
        for facts, environment in _rows(scope, queries)
        if (facts.version_id, environment, facts.region) in beside
    ]


def _live(scope: Scope) -> Iterator[DeploymentQuerySet]:
    """What is live in scope, in as many queries as it takes."""
    live = Deployment.objects.live().order_by()
    if scope.deployment_ids is None:
        yield live
        return
    for batch in batches(sorted(scope.deployment_ids)):
        yield live.filter(id__in=batch)


def _facts(
    scope: Scope, queries: Iterable[DeploymentQuerySet], reported: Mapping[int, datetime] = NOBODY
) -> list[DeploymentFacts]:
    return [facts for facts, _ in _rows(scope, queries, reported)]


def _rows(
    scope: Scope, queries: Iterable[DeploymentQuerySet], reported: Mapping[int, datetime] = NOBODY
) -> Iterator[tuple[DeploymentFacts, int]]:
    """Facts of what the queries find, each with its environment."""
    rows = [row for query in queries for row in query.values_list(*COLUMNS).iterator(10_000)]
    ranks = scope.view.node_of(row[2] for row in rows).tolist()
    further = scope.witnesses
    for row, rank in zip(rows, ranks, strict=True):
        module = scope.modules.get(row[4])
        if module is None:
            continue
        sources = [pk for pk in (row[12], *further.get(row[0], ())) if pk is not None]
        since = min((reported[one] for one in sources if one in reported), default=None)
        facts = DeploymentFacts(
            id=row[0],
            key=row[1],
            ecosystem=module.ecosystem,
            module_id=module.id,
            module=module.name,
            owner_id=module.owner_id,
            version_id=row[2],
            version=row[3],
            environment=row[5],
            tier=row[6],
            region=row[7],
            started_at=row[8],
            expires_at=row[9],
            last_used_at=row[10],
            # Who reported that it was used has reported its use since then at the latest.
            usage_since=_earlier(since, row[10]),
            sunset_at=row[13],
            rank=rank,
            source_ids=tuple(sources),
        )
        yield facts, row[11]


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [at for at in (one, other) if at is not None]
    return min(known, default=None)


READERS: dict[Need, Callable[[Scope, Policies], list[DeploymentFacts]]] = {
    Need.EXPIRED: _expired,
    Need.UNUSED: _unused,
    Need.SIDE_BY_SIDE: _side_by_side,
    Need.SUNSET: _sunset,
}
