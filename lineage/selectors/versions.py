"""Versions of a module."""

from dataclasses import dataclass
from datetime import datetime

from lineage.exceptions import UnknownVersion
from lineage.graph.line_facts import instant
from lineage.models import Module, Version
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.view import current_view
from lineage.versioning import spellings


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with the distinct live deployments that are or reach it."""

    version: Version
    live_prod: int
    live_preprod: int
    own_live: int  # deployments of that very version
    last_used_at: datetime | None  # now while in use, None never
    is_newest: bool


def version_named(module: Module, text: str) -> Version:
    """The version, in whatever spelling its scheme allows; raises UnknownVersion."""
    texts = spellings(module.ecosystem, text)
    rows = Version.objects.select_related("module__owner", "deprecation", "owner")
    found = {row.version: row for row in rows.filter(module=module, version__in=texts)}
    version = next((found[one] for one in texts if one in found), None)
    if version is None:
        raise UnknownVersion(module.name, text)
    return version


def version_list(
    module: Module, *, now: datetime, line: str = "", page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[VersionRow]:
    """Versions of a module, or of one of its lines, newest first."""
    start, stop = bounds(page, size)
    versions = Version.objects.filter(module=module).select_related("deprecation", "module")
    if line:
        versions = versions.filter(major_line=line) | versions.filter(minor_line=line)
    found = list(versions.order_by("-sort_key")[start:stop])
    return Slice(version_facts(found, now=now), versions.count(), max(page, 1), stop - start)


def version_facts(versions: list[Version], *, now: datetime) -> list[VersionRow]:
    """The versions with their use, in the order given."""
    view = current_view(now)
    rows = []
    nodes = view.node_of(version.pk for version in versions)
    for version, node in zip(versions, map(int, nodes), strict=True):
        if node < 0:
            rows.append(VersionRow(version, 0, 0, 0, None, False))
            continue
        prod, preprod = map(int, view.usage.version_live[node])
        rows.append(
            VersionRow(
                version,
                prod,
                preprod,
                int(view.usage.version_own[node].sum()),
                instant(int(view.usage.last_used[node]), now),
                int(view.newest[view.graph.version_module[node]]) == node,
            )
        )
    return rows
