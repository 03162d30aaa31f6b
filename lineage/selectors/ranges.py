"""Ranges over the snapshot: which versions of a module lie in one."""

import numpy as np

from lineage.models import Module, Version
from lineage.selectors.view import Array, View
from lineage.versioning import (
    CompiledRange,
    InvalidVersion,
    parse_range,
    parse_version,
    scheme_for,
)


def versions_in(view: View, module: Module, range: str) -> Array:
    """The nodes of the module's versions, those in the range if one is given."""
    nodes = view.versions_of(module.pk)
    if not range or not len(nodes):
        return nodes
    scheme = scheme_for(module.ecosystem).name
    compiled = parse_range(range, scheme=scheme)
    texts = dict(Version.objects.filter(module=module).values_list("id", "version"))
    inside = []
    for node in nodes:
        text = texts.get(int(view.graph.version_ids[node]))
        inside.append(text is not None and _spans(compiled, text, scheme))
    return np.asarray(nodes[np.array(inside, dtype=bool)])


def _spans(range: CompiledRange, text: str, scheme: str) -> bool:
    try:
        return range.spans(parse_version(text, scheme=scheme))
    except InvalidVersion:
        # An SBOM may name what is no version of its scheme; no range holds that.
        return False
