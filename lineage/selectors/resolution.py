"""Resolution of any range, declared by somebody or not."""

from lineage.models import Module, Version
from lineage.resolution.newest import ModuleVersions
from lineage.services.resolve import versions_of
from lineage.versioning import parse_range, scheme_for


def resolution_of(module: Module, range: str) -> Version | None:
    """The version a range resolves to by strategy newest; raises InvalidRange."""
    compiled = parse_range(range, scheme=scheme_for(module.ecosystem).name)
    rows = versions_of([module.pk]).get(module.pk, [])
    versions = ModuleVersions([r.parsed for r in rows], [r.is_withdrawn for r in rows])
    newest = versions.newest(compiled)
    return None if newest is None else Version.objects.get(pk=rows[newest].id)
