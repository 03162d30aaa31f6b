"""Live groups: which live deployments use some versions, exactly, and what they state."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q

from lineage.graph.reach import dependents_reach
from lineage.graph.usage import Profiles, Roots
from lineage.graph.uses import roots_using
from lineage.models import Deployment, Environment, ObservedVersion
from lineage.selectors.view import Array, View

MOST_NAMED = 5_000  # ids in one query; beyond it all that runs is looked at, which is cheaper


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """Live deployments of one version that observe one profile, and use the versions asked for."""

    node: int
    version_id: int
    profile_id: int | None
    prod: int
    preprod: int
    stated: tuple[int, ...]  # version nodes its profile states
    resolves_to_it: bool  # its ranges lead there, whatever was observed; else its profile does

    @property
    def live(self) -> int:
        return self.prod + self.preprod


def live_groups(view: View, nodes: Array) -> list[LiveGroup]:
    """The live deployments that are or reach any of the versions, counted once each.

    At most four queries, whatever the number of deployments.
    """
    used = nodes[view.usage.version_live[nodes].sum(axis=1) > 0]
    if not len(used):
        return []
    reach = np.concatenate([used, dependents_reach(view.graph, used).versions])
    deployed = reach[view.usage.version_own[reach].sum(axis=1) > 0]
    stating = _stating([int(pk) for pk in view.graph.version_ids[reach]])
    counts = _counts([int(pk) for pk in view.graph.version_ids[deployed]], stating)
    stated = _stated(view, {profile for _, profile in counts if profile is not None})
    return _using(view, used, deployed, counts, stated)


def _stating(version_ids: list[int]) -> set[int]:
    """The profiles that state one of these versions."""
    rows = ObservedVersion.objects.order_by()
    if len(version_ids) <= MOST_NAMED:
        found = rows.filter(version_id__in=version_ids).values_list("profile_id", flat=True)
        return set(found.distinct())
    wanted = set(version_ids)
    every = rows.values_list("profile_id", "version_id").iterator(10_000)
    return {profile for profile, version in every if version in wanted}


def running(version_ids: Collection[int], profile_ids: Collection[int]) -> Q:
    """Live deployments of these versions or with these profiles, or more where they are many."""
    if len(version_ids) + len(profile_ids) > MOST_NAMED:
        return Q()
    return Q(version_id__in=version_ids) | Q(profile_id__in=profile_ids)


def _counts(
    version_ids: list[int], profile_ids: Collection[int]
) -> dict[tuple[int, int | None], list[int]]:
    rows = (
        Deployment.objects.live()
        .filter(running(version_ids, profile_ids))
        .order_by()
        .values_list("version_id", "profile_id", "environment__tier")
        .annotate(number=Count("id"))
    )
    counts: dict[tuple[int, int | None], list[int]] = {}
    for version_id, profile_id, tier, number in rows:
        pair = counts.setdefault((version_id, profile_id), [0, 0])
        pair[0 if tier == Environment.Tier.PROD else 1] += number
    return counts


def _stated(view: View, profiles: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Profile -> the version nodes it states."""
    rows = ObservedVersion.objects.order_by()
    if len(profiles) <= MOST_NAMED:
        rows = rows.filter(profile_id__in=profiles)
    pairs = list(rows.values_list("profile_id", "version_id")) if profiles else []
    found: dict[int, list[int]] = defaultdict(list)
    for (profile, _), node in zip(pairs, view.node_of(v for _, v in pairs), strict=True):
        if node >= 0 and profile in profiles:
            found[profile].append(int(node))
    return {profile: tuple(nodes) for profile, nodes in found.items()}


def _using(
    view: View,
    used: Array,
    deployed: Array,
    counts: dict[tuple[int, int | None], list[int]],
    stated: dict[int, tuple[int, ...]],
) -> list[LiveGroup]:
    keys = [(version, profile) for version, profile in counts]
    nodes = view.node_of(version for version, _ in keys)
    resolves = np.isin(nodes, deployed)
    using = resolves.copy()
    profiled = [
        place
        for place, (_, profile) in enumerate(keys)
        if profile is not None and stated.get(profile) and nodes[place] >= 0
    ]
    using[profiled] = _walked(
        view, used, nodes[profiled], [stated[keys[p][1] or 0] for p in profiled]
    )
    return [
        LiveGroup(
            node=int(nodes[place]),
            version_id=version,
            profile_id=profile,
            prod=counts[version, profile][0],
            preprod=counts[version, profile][1],
            stated=stated.get(profile or 0, ()),
            resolves_to_it=bool(resolves[place]),
        )
        for place, (version, profile) in enumerate(keys)
        if using[place]
    ]


def _walked(view: View, used: Array, nodes: Array, stated: list[tuple[int, ...]]) -> Array:
    """Root -> whether it uses one of the versions, its profile outranking resolution."""
    sizes = np.array([len(versions) for versions in stated], dtype=np.int64)
    profiles = Profiles(
        start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        version=np.array([node for versions in stated for node in versions], dtype=np.int32),
    )
    ones = np.ones(len(nodes), dtype=np.int32)
    places = np.arange(len(nodes), dtype=np.int32)
    roots = Roots(version=nodes.astype(np.int32), profile=places, prod=ones, preprod=ones)
    return roots_using(view.graph, roots, profiles, used)
