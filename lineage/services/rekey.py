"""Re-read what is stored of an ecosystem's versions, for when it gets another scheme."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from lineage.ingest.bulk import update_rows
from lineage.resolution.newest import ModuleVersions
from lineage.versioning import ParsedVersion, lines_in, range_in, version_in

MODULES_AT_ONCE = 500
READ = ("version", "sort_key", "major_line", "minor_line", "is_prerelease")


@dataclass(frozen=True, slots=True)
class Tables:
    """The models as they are at the time: a migration's own, or today's."""

    module: type[models.Model]
    version: type[models.Model]
    requirement: type[models.Model]


def rekey(tables: Tables, ecosystem: str, *, read_as: str) -> int:
    """Read every version of an ecosystem as those of another are, and resolve anew.

    Order, lines and the mark of a prerelease follow the scheme of ``read_as``, and
    the text its one spelling, unless the module has a version of that name already.
    What is no version of the scheme stays, foreign: below all others, in no range.
    Returns how many versions changed. Run it twice and the second changes nothing.
    """
    ids = list(
        tables.module._default_manager.filter(ecosystem=ecosystem)
        .order_by("id")
        .values_list("id", flat=True)
    )
    changed = 0
    for start in range(0, len(ids), MODULES_AT_ONCE):
        changed += _rekey_modules(tables, ids[start : start + MODULES_AT_ONCE], read_as)
    return changed


def _rekey_modules(tables: Tables, module_ids: list[int], read_as: str) -> int:
    rows = tables.version._default_manager.filter(module_id__in=module_ids).order_by("id")
    stored: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for module_id, *row in rows.values_list("module_id", "id", *READ, "yanked_at", "sunset_at"):
        stored[module_id].append(tuple(row))
    changes: list[tuple[Any, ...]] = []
    ready: dict[int, tuple[list[int], ModuleVersions]] = {}
    for module_id, versions in stored.items():
        parsed = _parsed([row[1] for row in versions], read_as)
        changes += _changes(versions, parsed, read_as)
        withdrawn = [row[6] is not None or row[7] is not None for row in versions]
        ready[module_id] = ([row[0] for row in versions], ModuleVersions(parsed, withdrawn))
    update_rows(tables.version, READ, changes)
    _resolve(tables, ready, module_ids, read_as)
    return len(changes)


def _parsed(texts: list[str], read_as: str) -> list[ParsedVersion]:
    """Each text read, in its one spelling where that is free."""
    taken = set(texts)
    found = []
    for text in texts:
        version = version_in(read_as, text)
        spelled = version.canonical()
        if spelled.text not in taken:
            taken.add(spelled.text)
            version = spelled
        found.append(version)
    return found


def _changes(
    rows: list[tuple[Any, ...]], parsed: list[ParsedVersion], read_as: str
) -> Iterable[tuple[Any, ...]]:
    for row, version in zip(rows, parsed, strict=True):
        wanted = (version.text, version.key, *lines_in(read_as, version), version.is_prerelease)
        if wanted != (row[1], bytes(row[2]), *row[3:6]):
            yield (*wanted, row[0])


def _resolve(
    tables: Tables,
    ready: dict[int, tuple[list[int], ModuleVersions]],
    module_ids: list[int],
    read_as: str,
) -> None:
    moves = []
    declared = tables.requirement._default_manager.filter(module_id__in=module_ids, is_locked=False)
    for pk, module_id, text, *stored in declared.order_by("id").values_list(
        "id", "module_id", "range", "resolved_version_id", "lowest_version_id"
    ):
        if module_id not in ready:
            continue
        ids, versions = ready[module_id]
        found = [None if i is None else ids[i] for i in versions.ends(range_in(read_as, text))]
        if found != stored:
            moves.append((*found, pk))
    update_rows(tables.requirement, ("resolved_version_id", "lowest_version_id"), moves)
