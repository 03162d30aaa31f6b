"""What the rules are told: facts of one instant, as plain values (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lineage.lines import LineFacts


class Need(StrEnum):
    """Which facts a rule asks for.

    A rule may be given fewer deployments, versions or lags than there are: those that
    the need names are enough, as it flags no other.
    """

    LINES = "lines"
    VERSIONS = "versions"  # those with enough newer ones in their line
    EXPIRED = "expired"  # deployments past their expiry
    UNUSED = "unused"  # deployments not used for the shortest time of any policy
    SIDE_BY_SIDE = "side_by_side"  # deployments of modules of which one place runs several versions
    SUNSET = "sunset"  # deployments of versions that are sunset
    DEPRECATIONS = "deprecations"
    RUNTIMES = "runtimes"
    LAGS = "lags"  # as far as the least of any policy


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One standing version; ``rank`` orders the versions of a module, oldest first.

    ``newer_in_line`` are the newer releases of its major line that stand and were not
    withdrawn. ``wanted_by`` are the modules whose current version resolves to exactly
    this one. ``is_covered``: something else speaks of it, an unused or exempt line.
    """

    module_id: int
    ecosystem: str
    module: str
    owner_id: int | None
    version_id: int
    version: str
    line: str
    rank: int
    newer_in_line: int
    published_at: datetime | None
    is_newest: bool
    is_in_use: bool
    wanted_by: int
    last_used_at: datetime | None
    vouched_since: datetime | None
    is_covered: bool = False


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """One live deployment; ``rank`` orders the versions of its module, oldest first.

    ``usage_since`` is since when a source that reports it reports use as well; None
    where nobody would say whether it is used.
    """

    id: int
    key: str
    ecosystem: str
    module_id: int
    module: str
    owner_id: int | None
    version_id: int
    version: str
    environment: str
    tier: str
    region: str
    started_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    usage_since: datetime | None = None
    sunset_at: datetime | None = None
    rank: int = 0
    source_ids: tuple[int, ...] = ()  # who reports it


@dataclass(frozen=True, slots=True)
class DeprecationFacts:
    """One deprecation of which versions are in use.

    The counts are of the deployments that use the most used of them: exact for one
    version, and of several at least so many distinct ones.
    """

    id: int
    ecosystem: str
    module_id: int
    module: str
    owner_id: int | None
    range: str
    since: datetime
    dies_at: datetime | None
    message: str
    replacement: str
    versions: tuple[str, ...]  # in use, oldest first
    live_prod: int
    live_preprod: int


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """One version that runs, and the runtimes it states: name -> release or range."""

    ecosystem: str
    module_id: int
    module: str
    owner_id: int | None
    version_id: int
    version: str
    rank: int
    runtime: dict[str, Any]
    live_prod: int
    live_preprod: int


@dataclass(frozen=True, slots=True)
class LagFacts:
    """One dependency of a version that runs: what it runs with, and the newest there is.

    ``majors`` counts the newer major lines, ``days`` lie between the publications.
    """

    ecosystem: str
    module_id: int
    module: str
    owner_id: int | None
    version: str
    dependency_id: int
    dependency: str
    current: str
    newest: str
    majors: int
    days: int | None
    newest_published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at ``now``; a rule finds filled what it said it needs."""

    now: datetime
    lines: Sequence[LineFacts] = field(default=())
    versions: Sequence[VersionFacts] = field(default=())
    deployments: Sequence[DeploymentFacts] = field(default=())
    deprecations: Sequence[DeprecationFacts] = field(default=())
    runtimes: Sequence[RuntimeFacts] = field(default=())
    lags: Sequence[LagFacts] = field(default=())
