"""Records into rows: dispatch, counting, and what could not be taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from lineage.ingest.artifacts import take_artifact
from lineage.ingest.deployments import KnownDeployments
from lineage.ingest.environments import take_environment_event
from lineage.ingest.known import Known
from lineage.ingest.listing import Listing
from lineage.ingest.names import well_named
from lineage.ingest.outcomes import Outcome, RecordConflict, RecordRejected
from lineage.ingest.parsers.base import Accepted, Parsed, Rejected
from lineage.ingest.records import (
    ArtifactRecord,
    DeploymentEndedRecord,
    DeploymentPublishedRecord,
    DeploymentRecord,
    DeprecationRecord,
    EnvironmentEventRecord,
    EnvironmentRecord,
    InventoryRecord,
    LockedTreeRecord,
    NotedRecord,
    Record,
    SourceRecord,
    TeamRecord,
    UsageRecord,
    VersionRecord,
    YankRecord,
)
from lineage.ingest.statements import (
    take_deprecation,
    take_environment,
    take_source,
    take_team,
    take_yank,
)
from lineage.ingest.trees import names_of_tree, take_tree
from lineage.ingest.versions import names_of, take_version
from lineage.models import IngestIssue

Name = tuple[str, str]


@dataclass(slots=True)
class Counts:
    """How many records met which end; accepted = created + changed + unchanged."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    conflicts: int = 0

    @property
    def accepted(self) -> int:
        return self.created + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class Issue:
    """A record that was not taken as it came, for the run's page."""

    kind: str
    line: int | None
    field: str
    reason: str
    excerpt: str = ""


@dataclass(slots=True)
class Loader:
    """Takes parsed records chunk by chunk; the caller holds the graph lock throughout."""

    known: Known
    deployments: KnownDeployments
    kept_issues: int
    listing: Listing
    counts: Counts = field(default_factory=Counts)
    issues: list[Issue] = field(default_factory=list)

    def take(self, chunk: Sequence[Parsed]) -> None:
        """Write a chunk; a record that cannot be taken becomes an issue and stops nothing."""
        chunk = [well_named(item) for item in chunk]
        self._prepare([item.record for item in chunk if isinstance(item, Accepted)])
        for item in chunk:
            if isinstance(item, Rejected):
                self.counts.rejected += 1
                self.note(
                    IngestIssue.Kind.REJECTED, item.line, item.field, item.reason, item.excerpt
                )
            else:
                self._count(item, partial(self._dispatch, item.record))
        self.known.writes.flush()

    def take_roots(self, trees: Sequence[Accepted], environment: str) -> None:
        """Deploy the roots of locked trees to an environment, since the instant they state.

        A tree that states none says nothing new of a root that runs there already.
        One SBOM does not make its source a witness of everything in the ecosystem.
        """
        for item in trees:
            tree = item.record
            if not isinstance(tree, LockedTreeRecord):
                continue
            ecosystem, name, version = tree.root
            deployment = DeploymentRecord(
                id=f"{name}/{environment}",
                module=name,
                version=version,
                ecosystem=ecosystem,
                environment=environment,
                started_at=tree.stated_at or self.known.now.isoformat(),
            )
            self.deployments.prepare([deployment.id])
            if tree.stated_at is None:
                deployment = self.deployments.as_said_before(deployment)
            # No stated edge leads to these, yet the SBOM says they are in it.
            running = [self.known.component(triple).id for triple in tree.unreached]
            self._count(
                item,
                partial(self.deployments.take, deployment, vouches=False, running=running),
            )
        self.known.writes.flush()

    def note(
        self, kind: IngestIssue.Kind, line: int | None, field: str, reason: str, excerpt: str = ""
    ) -> None:
        """Keep an issue, up to the limit; counts go on beyond it."""
        if len(self.issues) < self.kept_issues:
            self.issues.append(Issue(kind.value, line, field[:256], reason, excerpt[:512]))

    def _prepare(self, records: Sequence[Record]) -> None:
        names: set[Name] = set()
        versions_of: set[Name] = set()
        keys: set[str] = set()
        for record in records:
            if isinstance(record, VersionRecord):
                names |= names_of(record)
                versions_of.add((record.ecosystem, record.module))
            elif isinstance(record, DeploymentRecord):
                keys.add(record.id)
                stated = {record.module, *record.resolved}
                versions_of |= {(record.ecosystem, name) for name in stated}
            elif isinstance(
                record, UsageRecord | DeploymentEndedRecord | DeploymentPublishedRecord
            ):
                keys.add(record.deployment)
            elif isinstance(record, LockedTreeRecord):
                versions_of |= names_of_tree(record)
            elif isinstance(record, DeprecationRecord | YankRecord | ArtifactRecord):
                versions_of.add((record.ecosystem, record.module))
        self.known.prepare(names | versions_of, versions_of=versions_of)
        self.deployments.prepare(keys)

    def _count(self, item: Accepted, take: Callable[[], Outcome]) -> None:
        try:
            outcome = take()
        except RecordConflict as conflict:
            self.counts.conflicts += 1
            self.note(IngestIssue.Kind.CONFLICT, item.line, conflict.field, conflict.reason)
        except RecordRejected as rejection:
            self.counts.rejected += 1
            self.note(IngestIssue.Kind.REJECTED, item.line, rejection.field, rejection.reason)
        else:
            name = outcome.value
            setattr(self.counts, name, getattr(self.counts, name) + 1)

    def _dispatch(self, record: Record) -> Outcome:
        match record:
            case VersionRecord():
                return take_version(self.known, record)
            case DeploymentRecord():
                return self.deployments.take(record)
            case InventoryRecord():
                return self.listing.declare(record)
            case UsageRecord():
                return self.deployments.take_usage(record)
            case DeploymentEndedRecord():
                return self.deployments.take_end(record)
            case DeploymentPublishedRecord():
                return self.deployments.take_publication(record)
            case LockedTreeRecord():
                return take_tree(self.known, record)
            case NotedRecord():
                return Outcome.UNCHANGED
            case _:
                return self._dispatch_statement(record)

    def _dispatch_statement(self, record: Record) -> Outcome:
        match record:
            case TeamRecord():
                return take_team(self.known, record)
            case SourceRecord():
                return take_source(self.known, record)
            case ArtifactRecord():
                return take_artifact(self.known, record)
            case EnvironmentEventRecord():
                return take_environment_event(self.known, record)
            case EnvironmentRecord():
                return take_environment(self.known, record)
            case DeprecationRecord():
                return take_deprecation(self.known, record)
            case YankRecord():
                return take_yank(self.known, record)
            case _:
                raise TypeError(f"no loader for {type(record).__name__}")
