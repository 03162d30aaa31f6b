"""Ranges over the snapshot: which versions of a module lie in one."""

import numpy as np

from lineage.models import Module, Version
from lineage.selectors.view import Array, View
from lineage.versioning import parse_range, range_in, scheme_for, version_in


def versions_in(view: View, module: Module, range: str) -> Array:
    """The nodes of the module's versions, those in a range or on a line if one is given.

    A line goes by its name, which need not be a range of the module's scheme.
    """
    nodes = view.versions_of(module.pk)
    if not range or not len(nodes):
        return nodes
    rows = Version.objects.filter(module=module).values_list(
        "id", "version", "major_line", "minor_line"
    )
    known = {pk: (text, lines) for pk, text, *lines in rows}
    here = [known.get(int(pk), ("", [])) for pk in view.graph.version_ids[nodes]]
    if any(range in lines for _, lines in here):
        inside = [range in lines for _, lines in here]
    else:
        compiled = parse_range(range, scheme=scheme_for(module.ecosystem).name)
        inside = [
            text != "" and compiled.spans(version_in(module.ecosystem, text)) for text, _ in here
        ]
    return np.asarray(nodes[np.array(inside, dtype=bool)])


def is_satisfiable(module: Module, range: str) -> bool:
    """Whether a version that is neither withdrawn nor a placeholder satisfies the range.

    Raises InvalidRange.
    """
    compiled = range_in(module.ecosystem, range)
    standing = Version.objects.filter(
        module=module, is_placeholder=False, yanked_at=None, sunset_at=None
    ).order_by("-sort_key")
    texts = standing.values_list("version", flat=True)
    return any(compiled.contains(version_in(module.ecosystem, text)) for text in texts.iterator())
