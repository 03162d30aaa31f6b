"""What consumers take of a dependency: by their newest version, and by everything that runs."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.upgrade_progress import Taken
from lineage.ingest.known import batches
from lineage.models import Dependency, Deployment, ObservedVersion, Version
from lineage.selectors.view import current_view

Pair = tuple[int, int]  # consumer module, dependency module


@dataclass(slots=True)
class Takes:
    """Of one pair; ``declared`` are the ranges of the newest version."""

    version: Version | None = None
    declared: list[str] = field(default_factory=list)
    newest: list[Taken] = field(default_factory=list)
    running: list[Taken] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Required:
    """A version's requirement on a module: declared range and what it resolves to."""

    range: str
    version: str | None


def takes_of(pairs: Collection[Pair], *, now: datetime) -> dict[Pair, Takes]:
    """Every pair with what is taken; a constant number of queries per few hundred pairs."""
    consumers = {consumer for consumer, _ in pairs}
    newest = _newest(consumers, now)
    runs = _runs(consumers)
    versions = {version.pk for version in newest.values()}
    versions |= {version_id for groups in runs.values() for version_id, _ in groups}
    required = _required(versions, {dependency for _, dependency in pairs})
    observed = _observed({profile for groups in runs.values() for _, profile in groups if profile})
    found: dict[Pair, Takes] = {}
    for consumer, dependency in pairs:
        takes = found[consumer, dependency] = Takes(newest.get(consumer))
        if takes.version is not None:
            rows = required.get((takes.version.pk, dependency), [])
            takes.declared = [row.range for row in rows]
            takes.newest = _taken(rows)
        for version_id, profile in runs.get(consumer, ()):
            stated = observed.get((profile, dependency)) if profile else None
            rows = required.get((version_id, dependency), [])
            takes.running += [Taken(True, stated)] if stated else _taken(rows)
    return found


def _taken(rows: Collection[Required]) -> list[Taken]:
    return [Taken(True, row.version) for row in rows] or [Taken(False)]


def _newest(consumers: Collection[int], now: datetime) -> dict[int, Version]:
    view = current_view(now)
    ids = sorted(consumers)
    nodes = [int(view.newest[index]) for index in view.module_indexes(ids).tolist() if index >= 0]
    versions = [int(view.graph.version_ids[node]) for node in nodes if node >= 0]
    found: dict[int, Version] = {}
    for batch in batches(versions):
        for version in Version.objects.filter(pk__in=batch).select_related("module"):
            found[version.module_id] = version
    return found


def _runs(consumers: Collection[int]) -> dict[int, set[tuple[int, int | None]]]:
    """Consumer -> what of it is live, as (version, observed profile)."""
    found: dict[int, set[tuple[int, int | None]]] = defaultdict(set)
    for batch in batches(sorted(consumers)):
        rows = Deployment.objects.live().filter(version__module_id__in=batch).order_by()
        for module_id, version_id, profile_id in rows.values_list(
            "version__module_id", "version_id", "profile_id"
        ).distinct():
            found[module_id].add((version_id, profile_id))
    return found


def _required(versions: Collection[int], modules: Collection[int]) -> dict[Pair, list[Required]]:
    """(version, dependency) -> its runtime requirements, declared or locked for itself."""
    found: dict[Pair, list[Required]] = defaultdict(list)
    for batch in batches(sorted(versions)):
        rows = Dependency.objects.filter(
            version_id__in=batch,
            requirement__module_id__in=modules,
            scope=Dependency.Scope.RUNTIME,
        ).order_by("id")
        for version_id, root_id, module_id, text, resolved in rows.values_list(
            "version_id",
            "lock_root_id",
            "requirement__module_id",
            "requirement__range",
            "requirement__resolved_version__version",
        ):
            if root_id is None or root_id == version_id:
                found[version_id, module_id].append(Required(text, resolved))
    return found


def _observed(profiles: Collection[int]) -> dict[Pair, str]:
    """(profile, module) -> the version observed of it."""
    found: dict[Pair, str] = {}
    for batch in batches(sorted(profiles)):
        rows = ObservedVersion.objects.filter(profile_id__in=batch).order_by()
        for profile_id, module_id, text in rows.values_list(
            "profile_id", "version__module_id", "version__version"
        ):
            found[profile_id, module_id] = text
    return found
