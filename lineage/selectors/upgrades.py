"""Upgrades: what consumers run, what they could reach, and what is dying under them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from lineage.models import Dependency, Deprecation, Module, Team, Version
from lineage.selectors.view import View, current_view, version_rows

BATCH = 10_000
STATUSES = ("dying", "deprecated", "withdrawn", "fix", "behind", "current")
STATED = frozenset({"dying", "deprecated"})  # by a deprecation, so the database can tell


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """One dependency of one consumer version.

    ``current`` is what its range resolves to, ``newest`` the dependency's newest
    version. ``status``: dying (a sunset date is set), deprecated, withdrawn (yanked
    or sunset), fix (a newer patch of the same minor lies outside the range), behind,
    current. ``needs_change``: nothing moves until the consumer changes its range.
    """

    consumer: Version
    dependency: Module
    declared: str
    current: Version | None
    newest: Version | None
    status: str
    deprecation: Deprecation | None
    live_prod: int
    live_preprod: int
    needs_change: bool


def upgrades(
    *,
    now: datetime,
    module: Module | None = None,
    team: Team | None = None,
    owners: Collection[int] | None = None,
    statuses: Collection[str] = STATUSES,
) -> list[UpgradeRow]:
    """The dependencies of what a module or a team runs, most urgent first.

    Consumers are the versions that run; of a module of which none runs, its newest.
    """
    view = current_view(now)
    nodes = _consumers(view, module, team, owners)
    ids = [int(view.graph.version_ids[node]) for node in nodes]
    rows: list[UpgradeRow] = []
    for start in range(0, len(ids), BATCH):
        rows += _rows(view, ids[start : start + BATCH], statuses)
    return sorted(rows, key=_urgency)


def _consumers(
    view: View, module: Module | None, team: Team | None, owners: Collection[int] | None
) -> list[int]:
    modules = Module.objects.order_by()
    if module is not None:
        modules = modules.filter(pk=module.pk)
    if team is not None:
        modules = modules.filter(owner=team)
    if owners is not None:
        modules = modules.filter(owner_id__in=owners)
    found: list[int] = []
    for index in view.module_indexes(list(modules.values_list("id", flat=True))):
        if index < 0:
            continue
        nodes = range(view.graph.module_start[index], view.graph.module_start[index + 1])
        running = [node for node in nodes if view.usage.version_own[node].any()]
        newest = int(view.newest[index])
        found += running or ([newest] if newest >= 0 else [])
    return found


def _rows(view: View, ids: Collection[int], statuses: Collection[str]) -> Iterable[UpgradeRow]:
    wanted = Dependency.objects.filter(
        version_id__in=ids, lock_root=None, scope=Dependency.Scope.RUNTIME
    )
    if STATED.issuperset(statuses):
        wanted = wanted.filter(requirement__resolved_version__deprecation__isnull=False)
    edges = list(
        wanted.select_related("version__module__owner", "requirement__module")
        .select_related("requirement__resolved_version__deprecation")
        .defer("version__metadata", "requirement__resolved_version__metadata")
        .order_by("version__module__name", "requirement__module__name")
    )
    indexes = view.module_indexes([edge.requirement.module_id for edge in edges])
    nodes = [int(view.newest[index]) if index >= 0 else -1 for index in indexes]
    newest = version_rows(view, nodes)
    own = view.node_of(edge.version_id for edge in edges)
    for edge, node, consumer in zip(edges, nodes, map(int, own), strict=True):
        requirement = edge.requirement
        current, latest = requirement.resolved_version, newest.get(node)
        status = status_of(current, latest)
        if status not in statuses:
            continue
        live = view.usage.version_own[consumer] if consumer >= 0 else (0, 0)
        yield UpgradeRow(
            consumer=edge.version,
            dependency=requirement.module,
            declared=requirement.range,
            current=current,
            newest=latest,
            status=status,
            deprecation=current.deprecation if current else None,
            live_prod=int(live[0]),
            live_preprod=int(live[1]),
            needs_change=status != "current",
        )


def status_of(current: Version | None, newest: Version | None) -> str:
    """How urgent it is to leave ``current``; none resolved counts as withdrawn."""
    if current is None or current.is_withdrawn:
        return "withdrawn"
    if current.deprecation is not None:
        return "dying" if current.deprecation.sunset_at else "deprecated"
    if (
        newest is None
        or newest.pk == current.pk
        or bytes(newest.sort_key) <= bytes(current.sort_key)
    ):
        return "current"
    return "fix" if newest.minor_line == current.minor_line else "behind"


def _urgency(row: UpgradeRow) -> tuple[object, ...]:
    dies_at = row.deprecation.sunset_at if row.deprecation else None
    return (
        STATUSES.index(row.status),
        dies_at.timestamp() if dies_at else 0.0,
        -row.live_prod,
        row.consumer.module.name,
        row.dependency.name,
    )
