"""Uptake: how a module's live consumers spread over its lines, day by day."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lineage.graph.arrays import RUNTIME
from lineage.models import Deployment, Module, ObservedVersion, Requirement, Version
from lineage.selectors.dependents import edges_into
from lineage.selectors.view import current_view
from lineage.services.history import history_of

UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class Uptake:
    """``counts[line][i]``: deployments live at the end of ``days[i]`` that take that line."""

    days: list[date]
    lines: list[str]
    counts: dict[str, list[int]]
    epoch: int


def uptake(module: Module, *, now: datetime, days: int = 90, tier: str = "") -> Uptake:
    """Live deployments of direct consumers, by the major line they take, for each past day.

    Derived from the instants: a deployment counts on the days it was live, on the line
    its requirement resolved to on that day, or the line observed at run time where one
    was. Of several requirements on the module the newest line counts.
    """
    ends = [now - timedelta(days=ago) for ago in range(days, -1, -1)]
    view = current_view(now)
    edges = edges_into(view, module)
    edges = edges.where((edges.scope == RUNTIME) & (view.usage.last_used[edges.consumer] > 0))
    declared: dict[int, list[int]] = defaultdict(list)
    for consumer, requirement in zip(edges.consumer, edges.requirement, strict=True):
        if requirement >= 0:
            pk = int(view.graph.requirement_ids[requirement])
            declared[int(view.graph.version_ids[consumer])].append(pk)
    line_of = dict(Version.objects.filter(module=module).values_list("id", "major_line"))
    taken = _lines_by_day(module, {pk for pks in declared.values() for pk in pks}, ends, line_of)
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(ends))
    observed = _observed_lines(module)
    for version_id, profile_id, started_at, ended_at in _deployments(declared, ends[0], tier):
        first = bisect_left(ends, started_at)
        last = len(ends) if ended_at is None else bisect_left(ends, ended_at)
        for day in range(first, last):
            line = observed.get(profile_id) or _newest_line(
                taken[pk][day] for pk in declared[version_id]
            )
            counts[line][day] += 1
    order = _line_order(module)
    lines = sorted(counts, key=lambda line: order.get(line, -1), reverse=True)
    return Uptake([at.date() for at in ends], lines, dict(counts), view.snapshot.epoch)


def _deployments(
    declared: dict[int, list[int]], since: datetime, tier: str
) -> list[tuple[int, int | None, datetime, datetime | None]]:
    found: list[tuple[int, int | None, datetime, datetime | None]] = []
    ids = sorted(declared)
    for start in range(0, len(ids), 10_000):
        rows = Deployment.objects.filter(version_id__in=ids[start : start + 10_000])
        rows = rows.filter(ended_at=None) | rows.filter(ended_at__gt=since)
        if tier:
            rows = rows.filter(environment__tier=tier)
        found += rows.order_by().values_list("version_id", "profile_id", "started_at", "ended_at")
    return found


def _observed_lines(module: Module) -> dict[int | None, str]:
    rows = ObservedVersion.objects.filter(version__module=module)
    return dict(rows.values_list("profile_id", "version__major_line"))


def _lines_by_day(
    module: Module, requirement_ids: set[int], ends: list[datetime], line_of: dict[int, str]
) -> dict[int, list[str]]:
    """Requirement -> the line it resolved to at each instant."""
    ranges = dict(
        Requirement.objects.filter(module=module, is_locked=False).values_list("id", "range")
    )
    history = history_of(module)
    taken: dict[int, list[str]] = {pk: [] for pk in requirement_ids}
    changes = [*history.instants(ends[0], ends[-1]), ends[-1] + timedelta(days=1)]
    resolved: dict[int, int | None] = {}
    known_until: datetime | None = None
    for at in ends:
        if known_until is None or at >= known_until:
            resolved = history.resolved_at(at, {pk: ranges[pk] for pk in requirement_ids})
            known_until = next((change for change in changes if change > at), None)
        for pk, version_id in resolved.items():
            taken[pk].append(line_of.get(version_id or 0, UNRESOLVED))
    return taken


def _newest_line(lines: Iterable[str]) -> str:
    return max(lines, key=_major)


def _major(line: str) -> int:
    head = line.split(".")[0]
    return int(head) if head.isdecimal() else -1


def _line_order(module: Module) -> dict[str, int]:
    rows = Version.objects.filter(module=module).order_by("sort_key")
    return {line: place for place, line in enumerate(rows.values_list("major_line", flat=True))}
