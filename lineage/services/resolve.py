"""Resolution, strategy ``newest``, stored on requirements: only touched modules are redone."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from lineage.ingest.bulk import update_rows
from lineage.ingest.known import batches
from lineage.models import Module, Requirement, Version
from lineage.resolution.newest import ModuleVersions
from lineage.resolution.registry import KnownVersion
from lineage.versioning import ParsedVersion, range_in, version_in

MODULES_AT_ONCE = 2_000


def stored_version(
    ecosystem: str, row: tuple[int, str, bytes | memoryview, bool, bool]
) -> KnownVersion:
    """From (id, text, sort key, is prerelease, is withdrawn); text is parsed only if it must be."""
    pk, text, stored_key, is_prerelease, is_withdrawn = row
    key = bytes(stored_key)
    parsed = ParsedVersion(text, key, key, (), is_prerelease)
    if is_prerelease or is_withdrawn:
        parsed = version_in(ecosystem, text)
    return KnownVersion(parsed, is_withdrawn, pk)


def versions_of(module_ids: Collection[int]) -> dict[int, list[KnownVersion]]:
    """The versions of the modules, oldest first."""
    ecosystems = dict(Module.objects.filter(id__in=module_ids).values_list("id", "ecosystem"))
    found: dict[int, list[KnownVersion]] = defaultdict(list)
    rows = Version.objects.filter(module_id__in=module_ids).order_by("module_id", "sort_key")
    for module_id, pk, text, key, is_prerelease, yanked_at, sunset_at in rows.values_list(
        "module_id", "id", "version", "sort_key", "is_prerelease", "yanked_at", "sunset_at"
    ).iterator(10_000):
        is_withdrawn = yanked_at is not None or sunset_at is not None
        row = (pk, text, key, is_prerelease, is_withdrawn)
        found[module_id].append(stored_version(ecosystems[module_id], row))
    return found


def resolve_modules(module_ids: Iterable[int]) -> int:
    """Resolve every declared requirement on the modules anew; returns how many moved.

    The caller holds the graph lock. Cost: a sort per module and a bisection per
    requirement, whatever number of edges stand behind them.
    """
    moved = 0
    for batch in batches(sorted(set(module_ids)), MODULES_AT_ONCE):
        moved += update_rows(
            Requirement, ("resolved_version_id", "lowest_version_id"), _moves(batch)
        )
    return moved


def _moves(module_ids: list[int]) -> list[tuple[int | None, int | None, int]]:
    ecosystems = dict(Module.objects.filter(id__in=module_ids).values_list("id", "ecosystem"))
    stored = versions_of(module_ids)
    ready = {
        module_id: ModuleVersions([v.parsed for v in rows], [v.is_withdrawn for v in rows])
        for module_id, rows in stored.items()
    }
    moves = []
    requirements = Requirement.objects.filter(module_id__in=module_ids, is_locked=False)
    for pk, module_id, text, resolved, lowest in requirements.order_by().values_list(
        "id", "module_id", "range", "resolved_version_id", "lowest_version_id"
    ):
        found: tuple[int | None, int | None] = (None, None)
        if module_id in ready:
            compiled = range_in(ecosystems[module_id], text)
            rows = stored[module_id]
            newest, least = ready[module_id].ends(compiled)
            if newest is not None and least is not None:
                found = (rows[newest].id, rows[least].id)
        if found != (resolved, lowest):
            moves.append((*found, pk))
    return moves
