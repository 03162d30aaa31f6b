"""Uses: which live roots are or reach some versions, observed profiles included (pure)."""

import numpy as np

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array
from lineage.graph.usage import Roots
from lineage.graph.walks import Profiles, walks


def roots_using(graph: Graph, roots: Roots, profiles: Profiles, versions: Array) -> Array:
    """Root -> whether it is or reaches one of the versions, counted as ``usage.measure`` does.

    The answer for many versions is the union of the answers for each. Cost: the sum of
    the sizes of what the roots reach.
    """
    wanted = np.zeros(graph.versions, dtype=bool)
    wanted[versions] = True
    using = np.zeros(len(roots.version), dtype=bool)
    for root, node in walks(graph, roots.version, roots.profile, profiles):
        using[root[wanted[graph.node_version[node]]]] = True
    return using
