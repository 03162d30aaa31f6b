"""What runs of some versions: where, and which versions of a module were observed there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count

from lineage.models import Module, ObservedVersion
from lineage.selectors.view import View


@dataclass(frozen=True, slots=True)
class EnvironmentCount:
    """Live deployments of a version in an environment and region."""

    environment: str
    tier: str
    region: str
    live: int


@dataclass(slots=True)
class Running:
    """What runs of some versions: by version id, places and observed versions of the module."""

    places: dict[int, list[EnvironmentCount]] = field(default_factory=lambda: defaultdict(list))
    observed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


def running_of(view: View, version_ids: Iterable[int], module: Module) -> Running:
    """Where the versions run, and which versions of the module were observed there."""
    running = Running()
    profiles: dict[int, set[int]] = defaultdict(set)
    rows = (
        view.live()
        .filter(version_id__in=list(version_ids))
        .order_by("-environment__tier", "environment__name", "region")
        .values_list("version_id", "environment__name", "environment__tier", "region", "profile_id")
        .annotate(number=Count("id"))
    )
    counted: dict[tuple[int, str, str, str], int] = defaultdict(int)
    for version_id, environment, tier, region, profile_id, number in rows:
        counted[version_id, environment, tier, region] += number
        if profile_id is not None:
            profiles[profile_id].add(version_id)
    for (version_id, environment, tier, region), number in counted.items():
        running.places[version_id].append(EnvironmentCount(environment, tier, region, number))
    observed = ObservedVersion.objects.filter(profile_id__in=profiles, version__module=module)
    for profile_id, text in observed.values_list("profile_id", "version__version"):
        for version_id in profiles[profile_id]:
            running.observed[version_id].add(text)
    return running
