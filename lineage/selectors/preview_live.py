"""Live deployments a version would reach, by environment and team."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db.models import Count

from lineage.graph.preview import Publication, Running, picked_up
from lineage.graph.walks import Profiles
from lineage.ingest.known import batches
from lineage.models import Deployment, Environment, ObservedVersion
from lineage.selectors.view import Array, View, module_rows


@dataclass(frozen=True, slots=True)
class Share:
    """Distinct live deployments of an environment or a team that would run with it."""

    name: str
    tier: str  # empty for a team
    direct: int
    reached: int


@dataclass(frozen=True, slots=True)
class Live:
    """Distinct live deployments that would run with it.

    ``direct`` by a requirement of their own, ``reached`` at any remove, direct ones
    included. ``observed`` ones of takers stay on what they were observed with.
    """

    direct_prod: int
    direct_preprod: int
    reached_prod: int
    reached_preprod: int
    observed: int
    environments: list[Share]
    teams: list[Share]


def live_of(view: View, publication: Publication, taking: Array) -> Live:
    """Live deployments that would run with the version, each counted once a row."""
    rows = list(
        Deployment.objects.live()
        .order_by()
        .values_list("version_id", "profile_id", "environment__name", "environment__tier")
        .annotate(number=Count("id"))
    )
    profiles, place = _profiles(view, {row[1] for row in rows if row[1] is not None})
    running = Running(
        version=view.node_of(row[0] for row in rows),
        profile=np.array([place.get(row[1], -1) for row in rows], dtype=np.int64),
    )
    direct, reached = picked_up(view.graph, publication, running, profiles)
    stays = np.isin(running.version, taking) & (running.version >= 0) & ~direct
    owners = _owners(view, running.version[reached])
    places: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    teams: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    tiers = {True: [0, 0], False: [0, 0]}
    for i in np.flatnonzero(reached).tolist():
        _, _, environment, tier, number = rows[i]
        team = owners[int(view.graph.version_module[running.version[i]])]
        is_preprod = tier != Environment.Tier.PROD
        for counts in (places[environment, tier], teams[team, ""]):
            counts[0] += number * int(direct[i])
            counts[1] += number
        tiers[False][is_preprod] += number * int(direct[i])
        tiers[True][is_preprod] += number
    return Live(
        direct_prod=tiers[False][0],
        direct_preprod=tiers[False][1],
        reached_prod=tiers[True][0],
        reached_preprod=tiers[True][1],
        observed=sum(rows[i][4] for i in np.flatnonzero(stays).tolist()),
        environments=_shares(places),
        teams=_shares(teams),
    )


def _shares(counts: dict[tuple[str, str], list[int]]) -> list[Share]:
    """Most first, then by name."""
    shares = [Share(name, tier, *numbers) for (name, tier), numbers in counts.items()]
    return sorted(shares, key=lambda share: (-share.reached, share.name))


def _owners(view: View, versions: Array) -> dict[int, str]:
    """Module index -> the team that owns it, empty for nobody."""
    rows = module_rows(view, np.unique(view.graph.version_module[versions]).tolist())
    return {index: row.owner.name if row.owner else "" for index, row in rows.items()}


def _profiles(view: View, ids: set[int]) -> tuple[Profiles, dict[int, int]]:
    observed: list[tuple[int, int]] = []
    for batch in batches(sorted(ids)):
        rows = ObservedVersion.objects.filter(profile_id__in=batch).order_by("profile_id")
        observed += rows.values_list("profile_id", "version_id")
    nodes = view.node_of(version for _, version in observed)
    pairs = [(pk, node) for (pk, _), node in zip(observed, nodes.tolist(), strict=True)]
    pairs = [(pk, node) for pk, node in pairs if node >= 0]
    column = np.array([pk for pk, _ in pairs], dtype=np.int64)
    keys, starts = np.unique(column, return_index=True)
    return (
        Profiles(
            start=np.append(starts, len(pairs)).astype(np.int32),
            version=np.array([node for _, node in pairs], dtype=np.int32),
        ),
        {int(pk): place for place, pk in enumerate(keys)},
    )
