"""Records: what every parser yields and the loader takes, whatever the format was.

The structs double as the schema of the native NDJSON form: msgspec decodes and
validates a line in one pass, which is most of what reading a registry costs.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=256)]
VersionText = Annotated[str, Meta(min_length=1, max_length=256)]
RangeText = Annotated[str, Meta(max_length=1024)]
Key = Annotated[str, Meta(min_length=1, max_length=512)]
Label = Annotated[str, Meta(max_length=1024)]
Ecosystem = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9.+-]{0,31}$")]
# Instants and durations stay text here; the parser turns them into values with
# an error that names the field.
Instant = str
Duration = str
Scope = Literal["runtime", "optional", "development"]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all records; ``metadata`` keeps what the format said beyond the schema."""


class Dependency(msgspec.Struct, frozen=True, gc=False):
    """One declared dependency; ``ecosystem`` defaults to the dependent's own."""

    module: Name
    range: RangeText = "*"
    scope: Scope = "runtime"
    ecosystem: Ecosystem | None = None


class Scm(msgspec.Struct, frozen=True, gc=False):
    repo: Label = ""
    commit: Annotated[str, Meta(max_length=128)] = ""


class TeamRecord(Record, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=128)]
    email: Annotated[str, Meta(max_length=254)] = ""


class SourceRecord(Record, frozen=True):
    """What a source says of itself: how often it speaks, and since when it tells all."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    cadence: Duration | None = None
    vouches_since: Instant | None = None
    simulated: bool = False


class EnvironmentRecord(Record, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=128)]
    tier: Literal["preprod", "prod"]
    ttl: Duration | None = None


class VersionRecord(Record, frozen=True):
    module: Name
    version: VersionText
    ecosystem: Ecosystem = "platform"
    kind: Literal["library", "script", "service"] | None = None
    published_at: Instant | None = None
    owner: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    runtime: Mapping[str, str] = {}
    scm: Scm | None = None
    digest: Annotated[str, Meta(max_length=256)] = ""
    ttl: Duration | None = None
    yanked: bool = False
    dependencies: list[Dependency] = []
    optional_dependencies: list[Dependency] = []
    metadata: Mapping[str, Any] = {}


class DeploymentRecord(Record, frozen=True):
    id: Key
    module: Name
    version: VersionText
    environment: Annotated[str, Meta(min_length=1, max_length=128)]
    started_at: Instant
    ecosystem: Ecosystem = "platform"
    tier: Literal["preprod", "prod"] | None = None
    region: Annotated[str, Meta(max_length=64)] = ""
    route: Label = ""
    ttl: Duration | None = None
    expires_at: Instant | None = None
    ended_at: Instant | None = None
    last_used_at: Instant | None = None
    deployed_by: Annotated[str, Meta(max_length=256)] = ""
    resolved: Mapping[Name, VersionText] = {}
    metadata: Mapping[str, Any] = {}


class UsageRecord(Record, frozen=True):
    deployment: Key
    last_used_at: Instant
    requests: Annotated[int, Meta(ge=0, le=2**53)] = 0


class InventoryRecord(Record, frozen=True):
    """Says, as the first record of a document, that the document is a full inventory.

    ``count`` is how many deployments it lists; ``environment`` narrows it to one.
    """

    scope: Literal["deployments"] = "deployments"
    environment: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    at: Instant | None = None
    count: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class DeploymentEndedRecord(Record, frozen=True):
    deployment: Key
    ended_at: Instant


class DeprecationRecord(Record, frozen=True):
    module: Name
    range: RangeText
    ecosystem: Ecosystem = "platform"
    message: Annotated[str, Meta(max_length=10_000)] = ""
    replacement: RangeText = ""
    deprecated_at: Instant | None = None
    sunset_at: Instant | None = None


class YankRecord(Record, frozen=True):
    module: Name
    version: VersionText
    ecosystem: Ecosystem = "platform"
    reason: Annotated[str, Meta(max_length=10_000)] = ""
    yanked_at: Instant | None = None


class ArtifactRecord(Record, frozen=True):
    """A version that was published, said without its dependencies."""

    module: Name
    version: VersionText
    ecosystem: Ecosystem
    published_at: Instant
    digest: str = ""
    metadata: Mapping[str, Any] = {}


class EventDeploymentRecord(DeploymentRecord, frozen=True):
    """A deployment whose version stands in a package URL: kept whatever its scheme says."""


class EventYankRecord(YankRecord, frozen=True):
    """A yank whose version stands in a package URL: kept whatever its scheme says."""


class DeploymentPublishedRecord(Record, frozen=True):
    """A deployment was made reachable for those it serves."""

    deployment: Key
    published_at: Instant


class EnvironmentEventRecord(Record, frozen=True):
    """An environment was described or deleted at an instant; nothing is said of its tier."""

    name: str
    at: Instant
    label: str = ""
    url: str = ""
    is_deleted: bool = False


class NotedRecord(Record, frozen=True):
    """Understood, and about nothing that is kept."""


class LockedTreeRecord(Record, frozen=True):
    """What an SBOM states: the root, its components, and exact edges inside the root's tree.

    ``components`` and ``edges`` speak of (ecosystem, module, version) triples; the
    root is one of them. Nothing here was declared as a range. ``unreached`` names
    the components no stated edge leads to from the root: they are in the tree, but
    the document does not say through what.
    """

    root: tuple[str, str, str]
    components: Mapping[tuple[str, str, str], Mapping[str, Any]]
    edges: list[tuple[tuple[str, str, str], tuple[str, str, str]]]
    unreached: list[tuple[str, str, str]] = []
    stated_at: Instant | None = None
    kind: Literal["library", "script", "service"] | None = None
