"""What resolved to what in the past, from the instants versions carry."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from lineage.models import Module, Requirement, Retirement, Version
from lineage.resolution.newest import ModuleVersions
from lineage.services.resolve import stored_version
from lineage.versioning import ParsedVersion, range_in

HISTORY = timedelta(days=90)  # superseded resolutions older than this are forgotten


def past_resolutions(
    now: datetime, among: Collection[int] | None = None
) -> dict[tuple[int, int], int]:
    """(requirement, version) -> until when, unix seconds, it resolved so; within HISTORY.

    The state just before each publication, yank, sunset and restore is resolved
    anew; where several apply the latest counts. ``among`` are the ids of the modules
    asked about, None for all.
    """
    since = now - HISTORY
    module_ids = changed_after(since, among)
    declared: dict[int, list[tuple[int, str, int | None]]] = defaultdict(list)
    requirements = Requirement.objects.filter(module_id__in=module_ids, is_locked=False)
    for module_id, pk, text, current in requirements.order_by().values_list(
        "module_id", "id", "range", "resolved_version_id"
    ):
        declared[module_id].append((pk, text, current))
    found: dict[tuple[int, int], int] = {}
    for module_id, history in _histories(module_ids).items():
        history.resolve(declared[module_id], since, now, found)
    return found


def changed_after(since: datetime, among: Collection[int] | None = None) -> set[int]:
    """The modules of which some version came, went or came back after an instant."""
    recent = Version.objects.filter(
        Q(published_at__gt=since) | Q(yanked_at__gt=since) | Q(sunset_at__gt=since)
    )
    restored = Retirement.objects.filter(restored_at__gt=since)
    if among is not None:
        recent = recent.filter(module_id__in=among)
        restored = restored.filter(version__module_id__in=among)
    module_ids = set(recent.values_list("module_id", flat=True).order_by().distinct())
    return module_ids.union(restored.values_list("version__module_id", flat=True).order_by())


Row = tuple[int, ParsedVersion, datetime | None, datetime | None]  # id, version, published, yanked


class History:
    """The versions of one module with the instants at which each came and went."""

    def __init__(self, ecosystem: str) -> None:
        self.ecosystem = ecosystem
        self.rows: list[Row] = []
        self.retired: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)

    def instants(self, since: datetime, now: datetime) -> list[datetime]:
        """The instants in (since, now] at which the module changed."""
        stated: set[datetime | None] = set()
        for pk, _, published, yanked in self.rows:
            stated |= {published, yanked}
            for pair in self.retired.get(pk, ()):
                stated |= set(pair)
        return sorted(at for at in stated if at is not None and since < at <= now)

    def resolve(
        self,
        requirements: Sequence[tuple[int, str, int | None]],
        since: datetime,
        now: datetime,
        found: dict[tuple[int, int], int],
    ) -> None:
        """Add what each requirement resolved to just before each instant, if not now."""
        compiled = [
            (pk, range_in(self.ecosystem, text), now_id) for pk, text, now_id in requirements
        ]
        for at in self.instants(since, now):
            there, versions = self._versions_before(at)
            for pk, range, current in compiled:
                newest = versions.newest(range)
                if newest is not None and there[newest][0] != current:
                    found[pk, there[newest][0]] = int(at.timestamp())

    def resolved_at(self, at: datetime, ranges: dict[int, str]) -> dict[int, int | None]:
        """Requirement -> id of the version its range resolved to at an instant."""
        there, versions = self._versions_before(at + timedelta(microseconds=1))
        resolved: dict[int, int | None] = {}
        for pk, text in ranges.items():
            newest = versions.newest(range_in(self.ecosystem, text))
            resolved[pk] = None if newest is None else there[newest][0]
        return resolved

    def _versions_before(self, at: datetime) -> tuple[list[Row], ModuleVersions]:
        there = [row for row in self.rows if row[2] is None or row[2] < at]
        withdrawn = [self._was_withdrawn(row, at) for row in there]
        return there, ModuleVersions([row[1] for row in there], withdrawn)

    def _was_withdrawn(self, row: Row, at: datetime) -> bool:
        if row[3] is not None and row[3] < at:
            return True
        return any(
            start < at and (end is None or end >= at) for start, end in self.retired.get(row[0], ())
        )


def history_of(module: Module) -> History:
    """The history of one module."""
    return _histories({module.pk})[module.pk]


def _histories(module_ids: set[int]) -> dict[int, History]:
    ecosystems = dict(Module.objects.filter(id__in=module_ids).values_list("id", "ecosystem"))
    histories = {pk: History(ecosystem) for pk, ecosystem in ecosystems.items()}
    module_of: dict[int, int] = {}
    rows = Version.objects.filter(module_id__in=module_ids).order_by("module_id", "sort_key")
    for pk, module_id, text, key, is_pre, published, yanked in rows.values_list(
        "id", "module_id", "version", "sort_key", "is_prerelease", "published_at", "yanked_at"
    ):
        stored = stored_version(ecosystems[module_id], (pk, text, key, is_pre, False))
        histories[module_id].rows.append((pk, stored.parsed, published, yanked))
        module_of[pk] = module_id
    for version_id, start, end in Retirement.objects.filter(
        version__module_id__in=module_ids
    ).values_list("version_id", "sunset_at", "restored_at"):
        histories[module_of[version_id]].retired[version_id].append((start, end))
    return histories
