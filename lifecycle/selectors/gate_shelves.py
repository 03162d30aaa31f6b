"""The versions of modules as the gate needs them: in order, with what is wrong with each."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from lifecycle.gate import Facts
from lifecycle.gate_fixes import Candidate
from lineage.ingest.manifest import Asked
from lineage.models import Deprecation, Module, Version
from lineage.purls import module_name
from lineage.resolution.newest import ModuleVersions
from lineage.selectors.view import current_view
from lineage.services.resolve import stored_version
from lineage.versioning import parse_range, scheme_for, spellings, version_in

Name = tuple[str, str]


class Row(NamedTuple):
    """The columns of a version that are read."""

    id: int
    version: str
    sort_key: bytes
    is_prerelease: bool
    yanked_at: datetime | None
    sunset_at: datetime | None
    yank_reason: str
    deprecation_id: int | None
    published_at: datetime | None
    major_line: str
    minor_line: str


@dataclass
class Shelf:
    """The versions of one module, oldest first; ``newest`` is that of every page."""

    module: Module
    rows: Sequence[Row]
    newest: Row | None
    deprecations: Mapping[int, Deprecation]

    def facts(self, asked: Asked) -> Facts:
        """What is known of one thing wanted of this module; raises InvalidRange."""
        place = self._place(asked)
        if place is None:
            return Facts(asked, is_version_known=not asked.version)
        row = self.rows[place]
        deprecation = self._deprecation(row)
        return Facts(
            asked,
            taken=self.candidate(place),
            newest=self.newest.version if self.newest else "",
            yanked_because=row.yank_reason,
            message=deprecation.message if deprecation else "",
            replacement=deprecation.replacement if deprecation else "",
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """Every version, oldest first."""
        return tuple(map(self.candidate, range(len(self.rows))))

    def candidate(self, place: int) -> Candidate:
        """One of the versions as the gate sees it."""
        row = self.rows[place]
        deprecation = self._deprecation(row)
        return Candidate(
            version=row.version,
            place=place,
            major_line=row.major_line,
            minor_line=row.minor_line,
            is_prerelease=row.is_prerelease,
            is_yanked=row.yanked_at is not None,
            is_sunset=row.sunset_at is not None,
            is_deprecated=deprecation is not None,
            dies_at=deprecation.sunset_at if deprecation else None,
            majors=self._majors_behind(row),
            days=self._days_behind(row),
        )

    def takes(self, range: str) -> str | None:
        """The version a range takes, None for none; raises InvalidRange."""
        place = self._newest_in(range)
        return None if place is None else self.rows[place].version

    def _newest_in(self, range: str) -> int | None:
        scheme = scheme_for(self.module.ecosystem).name
        return self._ready.newest(parse_range(range, scheme=scheme))

    def _place(self, asked: Asked) -> int | None:
        if not asked.version:
            return self._newest_in(asked.range)
        places = {row.version: place for place, row in enumerate(self.rows)}
        texts = spellings(self.module.ecosystem, asked.version)
        return next((places[text] for text in texts if text in places), None)

    @cached_property
    def _ready(self) -> ModuleVersions:
        stored = [
            stored_version(
                self.module.ecosystem,
                (*row[:4], row.yanked_at is not None or row.sunset_at is not None),
            )
            for row in self.rows
        ]
        return ModuleVersions([one.parsed for one in stored], [one.is_withdrawn for one in stored])

    def _deprecation(self, row: Row) -> Deprecation | None:
        return self.deprecations.get(row.deprecation_id) if row.deprecation_id else None

    def _majors_behind(self, row: Row) -> int:
        if self.newest is None or row.major_line == self.newest.major_line:
            return 0
        ours, theirs = self._release(row), self._release(self.newest)
        return max(theirs[0] - ours[0], 0) if ours and theirs else 0

    def _release(self, row: Row) -> tuple[int, ...]:
        return version_in(self.module.ecosystem, row.version).release

    def _days_behind(self, row: Row) -> int:
        if self.newest is None or not (self.newest.published_at and row.published_at):
            return 0
        return max((self.newest.published_at - row.published_at).days, 0)


def shelves_of(names: Collection[Name], *, now: datetime) -> dict[Name, Shelf]:
    """The modules that are known and have versions, by the name they were asked for.

    Three queries, whatever the number of names.
    """
    spelt = {name: (name[0], module_name(*name)) for name in names}
    rows = Module.objects.filter(name__in={text for _, text in (*spelt, *spelt.values())})
    modules = {(row.ecosystem, row.name): row for row in rows.order_by()}
    known = {name: modules.get(name) or modules.get(other) for name, other in spelt.items()}
    ids = sorted({module.pk for module in known.values() if module})
    versions = _versions(ids)
    deprecations = {row.pk: row for row in Deprecation.objects.filter(module_id__in=ids).order_by()}
    newest = _newest(ids, now)
    found = {}
    for name, module in known.items():
        if module and module.pk in versions:
            mine = versions[module.pk]
            best = next((row for row in reversed(mine) if row.id == newest.get(module.pk)), None)
            found[name] = Shelf(module, mine, best, deprecations)
    return found


def _versions(module_ids: list[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    rows = Version.objects.filter(module_id__in=module_ids).order_by("module_id", "sort_key")
    for module_id, *columns in rows.values_list("module_id", *Row._fields).iterator(10_000):
        found[module_id].append(Row(*columns))
    return found


def _newest(module_ids: list[int], now: datetime) -> dict[int, int]:
    """Module -> its newest version, as every page has it."""
    view = current_view(now)
    found = {}
    for pk, index in zip(module_ids, view.module_indexes(module_ids), strict=True):
        node = int(view.newest[index]) if index >= 0 else -1
        if node >= 0:
            found[pk] = int(view.graph.version_ids[node])
    return found
