"""Requirements: their text, and which line alone satisfies them."""

from collections.abc import Iterable

import numpy as np

from lineage.models import Requirement
from lineage.selectors.view import Array, View

FEW = 5_000


def ranges_of(view: View, requirements: Iterable[int]) -> dict[int, str]:
    """Requirement index -> its declared range; -1 and locked ones are left out."""
    wanted = {int(view.graph.requirement_ids[i]): int(i) for i in set(requirements) if i >= 0}
    rows = Requirement.objects.filter(id__in=wanted, is_locked=False).order_by()
    return {wanted[pk]: text for pk, text in rows.values_list("id", "range")}


def lowest_of(view: View, requirements: Array) -> Array:
    """Requirement index -> node of the lowest version that satisfies it, for those asked."""
    lowest = np.array(view.graph.requirement_target, copy=True)
    if not len(requirements):
        return lowest
    ids = view.graph.requirement_ids[requirements]
    rows = Requirement.objects.filter(is_locked=False, lowest_version__isnull=False).order_by()
    if len(requirements) < FEW:
        rows = rows.filter(id__in=[int(pk) for pk in ids])
    places = {int(pk): int(place) for pk, place in zip(ids, requirements, strict=True)}
    pairs = [
        (places[pk], version)
        for pk, version in rows.values_list("id", "lowest_version_id")
        if pk in places
    ]
    nodes = view.node_of(version for _, version in pairs)
    for (place, _), node in zip(pairs, nodes, strict=True):
        if node >= 0:
            lowest[place] = node
    return lowest
