"""What a module is by its versions: kind and owner, and which versions are deprecated."""

from collections import defaultdict
from collections.abc import Iterable

from lineage.ingest.bulk import update_rows
from lineage.ingest.known import batches
from lineage.models import Deprecation, Module, Version
from lineage.services.resolve import versions_of
from lineage.versioning import range_in

Owned = tuple[str, int | None]


def derive_modules(module_ids: Iterable[int]) -> None:
    """Set kind and owner from the newest version that states them, and apply deprecations.

    Order of arrival does not matter. The caller holds the graph lock.
    """
    for batch in batches(sorted(set(module_ids))):
        _derive_kind_and_owner(batch)
        _apply_deprecations(batch)


def _derive_kind_and_owner(module_ids: list[int]) -> None:
    kinds: dict[int, str] = {}
    owners: dict[int, int] = {}
    stated = Version.objects.filter(module_id__in=module_ids).exclude(kind="", owner=None)
    for module_id, kind, owner_id in stated.order_by("module_id", "sort_key").values_list(
        "module_id", "kind", "owner_id"
    ):
        if kind:
            kinds[module_id] = kind
        if owner_id:
            owners[module_id] = owner_id
    changed = []
    current = Module.objects.filter(id__in=kinds.keys() | owners.keys())
    for module_id, kind, owner_id in current.values_list("id", "kind", "owner_id"):
        derived: Owned = (kinds.get(module_id, kind), owners.get(module_id, owner_id))
        if derived != (kind, owner_id):
            changed.append((*derived, module_id))
    update_rows(Module, ("kind", "owner_id"), changed)


def _apply_deprecations(module_ids: list[int]) -> None:
    stated: dict[int, list[Deprecation]] = defaultdict(list)
    for deprecation in Deprecation.objects.filter(module_id__in=module_ids).select_related(
        "module"
    ):
        stated[deprecation.module_id].append(deprecation)
    if not stated:
        return
    versions = versions_of(list(stated))
    current = dict(
        Version.objects.filter(module_id__in=list(stated)).values_list("id", "deprecation_id")
    )
    changed = []
    for module_id, deprecations in stated.items():
        # Where two cover a version the one stated last stands.
        deprecations.sort(key=lambda d: (d.deprecated_at is not None, d.deprecated_at, d.range))
        ecosystem = deprecations[0].module.ecosystem
        ranges = [(range_in(ecosystem, d.range), d.pk) for d in deprecations]
        for version in versions[module_id]:
            covering = [pk for range, pk in ranges if range.contains(version.parsed)]
            derived = covering[-1] if covering else None
            if derived != current[version.id]:
                changed.append((derived, version.id))
    update_rows(Version, ("deprecation_id",), changed)
