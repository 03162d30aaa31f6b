"""What the database says, read plainly: rows, use walked edge by edge, who was told."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lifecycle.models import AuditEntry, Notice, Sunset, SunsetItem
from lineage.models import Dependency, Deployment, ObservedVersion, Requirement, Version

Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """Every row a sunset may touch, and those that speak of it."""

    versions: dict[int, Row]
    deployments: dict[int, Row]
    requirements: dict[int, Row]
    sunsets: dict[int, Row]
    items: dict[int, Row]
    used: frozenset[int]
    audited: int

    @property
    def platform(self) -> tuple[Any, ...]:
        """What a restore has to bring back, whole."""
        return self.versions, self.deployments, self.requirements


def read() -> Facts:
    """All of it, as it is now."""
    return Facts(
        versions=_rows(Version),
        deployments=_rows(Deployment),
        requirements=_rows(Requirement),
        sunsets=_rows(Sunset),
        items=_rows(SunsetItem),
        used=frozenset(used_versions()),
        audited=AuditEntry.objects.count(),
    )


def _rows(model: Any) -> dict[int, Row]:
    return {row["id"]: row for row in model.objects.order_by("id").values()}


def used_versions() -> set[int]:
    """Versions that a live deployment is or reaches, walked edge by edge."""
    edges: dict[int, set[tuple[int, int]]] = defaultdict(set)
    rows = Dependency.objects.filter(scope=Dependency.Scope.RUNTIME)
    for source, module, target in rows.values_list(
        "version_id", "requirement__module_id", "requirement__resolved_version_id"
    ):
        if target is not None:
            edges[source].add((module, target))
    observed: dict[int | None, dict[int, int]] = defaultdict(dict)
    for profile, module, target in ObservedVersion.objects.values_list(
        "profile_id", "version__module_id", "version_id"
    ):
        observed[profile][module] = target
    used: set[int] = set()
    for version, profile in Deployment.objects.filter(ended_at=None).values_list(
        "version_id", "profile_id"
    ):
        used |= _reached(version, observed.get(profile, {}), edges)
    return used


def _reached(
    version: int, stated: dict[int, int], edges: dict[int, set[tuple[int, int]]]
) -> set[int]:
    todo, seen = [version, *stated.values()], set()
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += [stated.get(module, target) for module, target in edges[here]]
    return seen


def told_at(item: Row, sunset: Row) -> tuple[datetime | None, datetime | None]:
    """When the owner of today was told of an item: by a finding's notice, by the announcement."""
    row = SunsetItem.objects.select_related("version__module", "deployment__version__module").get(
        pk=item["id"]
    )
    version = row.version or row.deployment.version
    kind = "version" if row.version_id else "deployment"
    names = {row.subject, f"{kind}:{row.version_id or row.deployment_id}"}
    delivered = Notice.objects.filter(team_id=version.module.owner_id, delivered_at__isnull=False)
    flagged, announced = [], []
    for notice in delivered:
        if names & {listed["subject"] for listed in notice.items}:
            if notice.kind == Notice.Kind.FINDINGS:
                flagged.append(notice.delivered_at)
            elif notice.kind == Notice.Kind.ANNOUNCED and notice.sunset_id == sunset["id"]:
                announced.append(notice.delivered_at)
    return min(flagged, default=None), min(announced, default=None)
