"""Lag: what consumers were observed with, and how far that is from the newest version."""

import numpy as np

from lineage.models import Deployment, Module, ObservedVersion, Version
from lineage.selectors.view import Array, View
from lineage.versioning import VersioningError, parse_version, scheme_for

PARTS = ("major", "minor", "patch")


def observed_in(view: View, deployment: Deployment) -> Array:
    """(its version, version observed) nodes of one deployment."""
    stated = ObservedVersion.objects.filter(profile_id=deployment.profile_id).order_by()
    seen = view.node_of(stated.values_list("version_id", flat=True))
    own = np.repeat(view.node_of([deployment.version_id]), len(seen))
    pairs = np.stack([own, seen], axis=1)
    return np.asarray(pairs[(pairs >= 0).all(axis=1)])


def lagging(
    view: View, consumer: Array, dependency: Array, current: Array, observed: Array
) -> Array:
    """Edge -> whether the consumer was observed with another version of the module than current."""
    graph = view.graph
    modules, versions = len(graph.module_ids), max(graph.versions, 1)
    module = graph.version_module[observed[:, 1]]
    seen = np.sort(observed[:, 0].astype(np.int64) * modules + module)
    exact = np.sort(observed[:, 0].astype(np.int64) * versions + observed[:, 1])
    every = _count(seen, consumer.astype(np.int64) * modules + dependency)
    same = _count(exact, np.where(current >= 0, consumer.astype(np.int64) * versions + current, -1))
    return np.asarray(every > same)


def running_with(view: View, consumer: Array, dependency: Array, observed: Array) -> list[Array]:
    """Per edge the versions of the module that the consumer was observed with, oldest first."""
    mine = observed[np.isin(observed[:, 0], consumer)]
    module = view.graph.version_module[mine[:, 1]]
    return [
        np.unique(mine[(mine[:, 0] == one) & (module == other), 1])
        for one, other in zip(consumer.tolist(), dependency.tolist(), strict=True)
    ]


def distance_of(module: Module, behind: Version | None, newest: Version | None) -> str:
    """The first part of the version that differs and by how much, such as "2 major"."""
    if behind is None or newest is None or behind.pk == newest.pk:
        return ""
    scheme = scheme_for(module.ecosystem).name
    try:
        old = parse_version(behind.version, scheme=scheme).release
        new = parse_version(newest.version, scheme=scheme).release
    except VersioningError:
        return ""
    for part, before, after in zip(PARTS, old, new, strict=False):
        if before != after:
            return f"{after - before} {part}" if after > before else ""
    return ""


def days_between(behind: Version | None, newest: Version | None) -> int | None:
    """Days from the publication of one to that of the other, None where one is unknown."""
    if behind is None or newest is None or not behind.published_at or not newest.published_at:
        return None
    return max((newest.published_at - behind.published_at).days, 0)


def _count(ordered: Array, keys: Array) -> Array:
    after = np.searchsorted(ordered, keys, side="right")
    return np.asarray(after - np.searchsorted(ordered, keys, side="left"))
