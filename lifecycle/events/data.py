"""What each kind of event says: one struct a kind, from which its schema is made (pure)."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Change = Literal["patch", "minor", "major"]
Instant = Annotated[datetime, Meta(tz=True)]
Purl = Annotated[str, Meta(description="A package URL.")]


class Data(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What every event carries."""


class ModuleRef(Data, frozen=True, kw_only=True):
    """A module, by name and by package URL."""

    ecosystem: str
    name: str
    purl: Purl
    owner: Annotated[str | None, Meta(description="The owning team; null where nobody owns it.")]


class DeploymentRef(Data, frozen=True, kw_only=True):
    """A deployment and what runs there."""

    key: str
    module: ModuleRef
    version: str
    environment: str


class VersionPublished(Data, frozen=True, kw_only=True):
    """A version came out."""

    module: ModuleRef
    version: str
    purl: Purl
    change: Annotated[Change, Meta(description="Against the version before it, by order.")]
    previous: Annotated[str | None, Meta(description="The version before it, by order.")]
    published_at: Instant | None


class VersionsDeprecated(Data, frozen=True, kw_only=True):
    """A range was deprecated, without a date."""

    module: ModuleRef
    range: str
    message: str
    replacement: str


class RangeScheduled(Data, frozen=True, kw_only=True):
    """A range is to be sunset at a stated date."""

    module: ModuleRef
    range: str
    message: str
    replacement: str
    sunset_at: Instant


class VersionYanked(Data, frozen=True, kw_only=True):
    """A version was withdrawn by its provider."""

    module: ModuleRef
    version: str
    purl: Purl
    reason: str
    yanked_at: Instant


class FixAvailable(Data, frozen=True, kw_only=True):
    """A version came out that mends something consumers run."""

    module: ModuleRef
    version: str
    purl: Purl
    consumers: Annotated[list[str], Meta(description="Who runs what it mends, by name.")]


class SunsetStep(Data, frozen=True, kw_only=True):
    """A sunset took a step."""

    id: int
    title: str
    state: str
    items: Annotated[list[str], Meta(description="What it lists, by name.")]
    at: Instant | None
    by: str
    reason: str


class SunsetBlocked(Data, frozen=True, kw_only=True):
    """A consumer still runs what is to be sunset soon."""

    module: ModuleRef
    range: str
    sunset_at: Instant
    consumers: Annotated[list[str], Meta(description="Who stands in the way, by name.")]


class UpgradeAsked(Data, frozen=True, kw_only=True):
    """A consumer is asked to take a range of a dependency, or has taken it."""

    id: int
    consumer: ModuleRef
    dependency: ModuleRef
    declared: Annotated[str, Meta(description="The ranges of its newest version when asked.")]
    wanted_range: str
    scm_repo: Annotated[str, Meta(description="Where that version came from; may be empty.")]
    scm_commit: str
    reason: str
    deadline: Instant | None
    version: Annotated[str | None, Meta(description="The version that takes it, once there is.")]


class DeploymentExpiry(Data, frozen=True, kw_only=True):
    """A deployment is about to outlive its TTL, or has."""

    deployment: DeploymentRef
    expires_at: Instant


class SourceQuiet(Data, frozen=True, kw_only=True):
    """A source missed its cadence twice."""

    source: str
    last_seen_at: Instant
    expected_every: Annotated[int, Meta(description="Seconds.")]


class UptakeMilestone(Data, frozen=True, kw_only=True):
    """The newest version of a module reached a share of its live consumers."""

    module: ModuleRef
    version: str
    percent: int
    taken: Annotated[int, Meta(description="Live deployments of direct consumers that take it.")]
    consumers: Annotated[int, Meta(description="Live deployments of direct consumers in all.")]


class Ping(Data, frozen=True, kw_only=True):
    """A test somebody asked for."""

    webhook: str
    asked_by: str
