"""Sunset and restore of versions: they leave resolution and come back; nothing is deleted."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from lineage.models import Retirement, Version
from lineage.services.epoch import bump
from lineage.services.resolve import resolve_modules


def sunset_versions(ids: Collection[int], *, at: datetime) -> int:
    """Sunset versions that are not; returns how many. The caller holds the graph lock."""
    versions = list(
        Version.objects.filter(id__in=ids, sunset_at=None).values_list("id", "module_id")
    )
    Retirement.objects.bulk_create(
        [Retirement(version_id=pk, sunset_at=at) for pk, _ in versions], ignore_conflicts=True
    )
    return _write(versions, at, at)


def restore_versions(ids: Collection[int], *, at: datetime) -> int:
    """Bring sunset versions back into resolution; returns how many.

    Where the clock of who sunset them was ahead, they were sunset for no time at all.
    The caller holds the graph lock.
    """
    sunset = Version.objects.filter(id__in=ids).filter(~Q(sunset_at=None))
    versions = list(sunset.values_list("id", "module_id"))
    Retirement.objects.filter(version_id__in=[pk for pk, _ in versions], restored_at=None).update(
        restored_at=Greatest(F("sunset_at"), Value(at))
    )
    return _write(versions, None, at)


def _write(versions: list[tuple[int, int]], sunset_at: datetime | None, now: datetime) -> int:
    Version.objects.filter(id__in=[pk for pk, _ in versions]).update(sunset_at=sunset_at)
    if versions:
        modules = {module_id for _, module_id in versions}
        resolve_modules(modules)
        bump(now, modules)
    return len(versions)
