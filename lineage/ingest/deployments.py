"""Deployment, usage and end records into rows and marks."""

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec.structs import replace

from lineage.ingest.known import Known, KnownEnvironment, batches
from lineage.ingest.outcomes import (
    Outcome,
    RecordConflict,
    RecordRejected,
    read_duration,
    read_instant,
    read_required_instant,
)
from lineage.ingest.records import (
    DeploymentEndedRecord,
    DeploymentPublishedRecord,
    DeploymentRecord,
    EventDeploymentRecord,
    UsageRecord,
)
from lineage.ingest.versions import hash_of
from lineage.models import (
    Deployment,
    DeploymentMark,
    Environment,
    ObservedProfile,
    ObservedVersion,
)
from lineage.versioning import ParsedVersion

STATED = (
    "version_id", "environment_id", "region", "route", "deployed_by", "source_id", "profile_id",
    "ttl", "metadata", "content_hash",
)  # fmt: skip
INSERTED = ("key", "started_at", *STATED, "end_reason", "requests")
ENVIRONMENT = ("name", "tier", "is_declared", "ttl", "label", "url")
YEAR = 365 * 86_400
PROD_NAMES = frozenset({"prod", "production", "live"})
# id, content hash, version id, end reason, source id
Row = tuple[int, str, int, str, int | None]


class KnownDeployments:
    """Deployments and marks by key, read chunk by chunk and forgotten with it."""

    def __init__(self, known: Known, source_id: int) -> None:
        self.known = known
        self.source_id = source_id
        self._rows: dict[tuple[str, datetime], Row] = {}
        self._marks: dict[tuple[str, str, datetime], tuple[int, int]] = {}
        self._profiles: dict[str, int] = {}

    def prepare(self, keys: Collection[str]) -> None:
        """Read what is known of the keys; what earlier chunks knew is dropped."""
        self._rows.clear()
        self._marks.clear()
        for batch in batches(sorted(keys)):
            rows = Deployment.objects.filter(key__in=batch).order_by()
            for key, at, pk, content, version_id, reason, source_id in rows.values_list(
                "key", "started_at", "id", "content_hash", "version_id", "end_reason", "source_id"
            ):
                self._rows[key, at] = (pk, content, version_id, reason, source_id)
            marks = DeploymentMark.objects.filter(key__in=batch).order_by()
            for key, kind, at, pk, requests in marks.values_list(
                "key", "kind", "at", "id", "requests"
            ):
                self._marks[key, kind, at] = (pk, requests)

    def take(
        self, record: DeploymentRecord, *, vouches: bool = True, running: Iterable[int] = ()
    ) -> Outcome:
        """Write one deployment; another version under the same key and start is a conflict.

        ``running`` are versions known to run in it beside those the record resolved.
        """
        known = self.known
        started_at = read_required_instant(record.started_at, "started_at")
        ended_at = read_instant(record.ended_at, "ended_at")
        used_at = read_instant(record.last_used_at, "last_used_at")
        content = hash_of(record)
        found = self._rows.get((record.id, started_at))
        if found is not None and found[1] == content:
            self._note_witness(found, self.source_id)
            return self._say_again(record, found, ended_at)
        if isinstance(record, EventDeploymentRecord):
            parsed = known.named(record.ecosystem, record.version, "version")
        else:
            parsed = known.stated(record.ecosystem, record.module, record.version, "version")
        observed = [
            (name, known.stated(record.ecosystem, name, text, f"resolved.{name}"))
            for name, text in record.resolved.items()
        ]
        ttl = _ttl(record, started_at)
        if found is not None:
            self._refuse_other_version(record, parsed, found[2])
        version = known.version(known.module(record.ecosystem, record.module), parsed)
        if ended_at is None:  # what runs is not gone
            known.revive(version, f"{record.module} {record.version}")
        stated = (
            version.id,
            self._environment(record).id,
            record.region,
            record.route,
            record.deployed_by,
            self.source_id,
            self._profile(record.ecosystem, observed, running),
            ttl,
            record.metadata,
            content,
        )
        if found is None:
            pk = known.writes.insert(Deployment, INSERTED, record.id, started_at, *stated, "", 0)
        else:
            pk = found[0]
            self._note_witness(found, found[4])
            known.writes.update(Deployment, STATED, pk, *stated)
            self._say_again(record, found, ended_at)
        self._rows[record.id, started_at] = (pk, content, version.id, "", self.source_id)
        known.touched.series.add(record.id)
        if ended_at is not None:
            self._mark(record.id, DeploymentMark.Kind.ENDED.value, ended_at)
        if used_at is not None:
            self._mark(record.id, DeploymentMark.Kind.USED.value, used_at)
        if vouches:
            since = known.touched.since.get(record.ecosystem)
            known.touched.since[record.ecosystem] = min(since or started_at, started_at)
        return Outcome.CREATED if found is None else Outcome.CHANGED

    def as_said_before(self, record: DeploymentRecord) -> DeploymentRecord:
        """The record with the start of the key's newest deployment, if it says no more than that.

        For a record whose start nobody stated. A sunset deployment counts: to report it
        again says that it runs.
        """
        newest = max((at for key, at in self._rows if key == record.id), default=None)
        if newest is None:
            return record
        again = replace(record, started_at=newest.isoformat())
        _, content, _, reason, _ = self._rows[record.id, newest]
        is_running = reason in ("", Deployment.EndReason.SUNSET)
        return again if is_running and content == hash_of(again) else record

    def take_usage(self, record: UsageRecord) -> Outcome:
        """Note that a deployment was used; it need not be known yet."""
        at = read_required_instant(record.last_used_at, "last_used_at")
        return self._mark(record.deployment, DeploymentMark.Kind.USED.value, at, record.requests)

    def take_end(self, record: DeploymentEndedRecord) -> Outcome:
        """Note that a deployment ended; it need not be known yet."""
        at = read_required_instant(record.ended_at, "ended_at")
        return self._mark(record.deployment, DeploymentMark.Kind.ENDED.value, at)

    def _note_witness(self, found: Row, witness: int | None) -> None:
        """Two sources report one deployment: the row names one, the other is its witness."""
        if witness is not None and found[4] not in (None, self.source_id):
            self.known.touched.witnesses.add((found[0], witness))

    def take_publication(self, record: DeploymentPublishedRecord) -> Outcome:
        """Note that a deployment was made reachable; it need not be known yet."""
        at = read_required_instant(record.published_at, "published_at")
        return self._mark(record.deployment, DeploymentMark.Kind.PUBLISHED.value, at)

    def _say_again(
        self, record: DeploymentRecord, found: Row, ended_at: datetime | None
    ) -> Outcome:
        """A source that still reports a sunset deployment says that it runs."""
        if found[3] == Deployment.EndReason.UNLISTED and ended_at is None:
            self.known.touched.relisted.add(record.id)
        if found[3] != Deployment.EndReason.SUNSET or ended_at is not None:
            return Outcome.UNCHANGED
        self.known.touched.revived_deployments[found[0]] = record.id
        return Outcome.CHANGED

    def _refuse_other_version(
        self, record: DeploymentRecord, version: ParsedVersion, running_id: int
    ) -> None:
        """Asked before anything is made: a conflict must leave nothing behind."""
        stated = self.known.find(record.ecosystem, record.module, version.text)
        if stated is None or stated.id != running_id:
            raise RecordConflict(
                "version", f"{record.id} of {record.started_at} is known to run another version"
            )

    def _environment(self, record: DeploymentRecord) -> KnownEnvironment:
        """The environment; unless declared, its tier is the greater of those deployments state."""
        by_name = "prod" if record.environment.lower() in PROD_NAMES else "preprod"
        tier = record.tier or by_name
        return environment_named(self.known, record.environment, tier)

    def _profile(
        self, ecosystem: str, observed: list[tuple[str, ParsedVersion]], running: Iterable[int]
    ) -> int | None:
        stated = {
            self.known.version(self.known.module(ecosystem, name), version).id
            for name, version in observed
        }
        ids = sorted(stated.union(running))
        if not ids:
            return None
        digest = hash_of(ids)
        pk = self._profiles.get(digest)
        if pk is None:
            pk = ObservedProfile.objects.filter(digest=digest).values_list("id", flat=True).first()
        if pk is None:
            pk = self.known.writes.insert(ObservedProfile, ("digest",), digest)
            for version_id in ids:
                self.known.writes.insert(
                    ObservedVersion, ("profile_id", "version_id"), pk, version_id
                )
        self._profiles[digest] = pk
        return pk

    def _mark(self, key: str, kind: str, at: datetime, requests: int = 0) -> Outcome:
        found = self._marks.get((key, kind, at))
        writes = self.known.writes
        if found is None:
            pk = writes.insert(
                DeploymentMark, ("key", "kind", "at", "requests", "source_id"),
                key, kind, at, requests, self.source_id,
            )  # fmt: skip
        elif found[1] >= requests:
            return Outcome.UNCHANGED
        else:
            pk = found[0]
            writes.update(DeploymentMark, ("requests",), pk, requests)
        self._marks[key, kind, at] = (pk, requests)
        self.known.touched.series.add(key)
        return Outcome.CREATED if found is None else Outcome.CHANGED


def _ttl(record: DeploymentRecord, started_at: datetime) -> int | None:
    expires_at = read_instant(record.expires_at, "expires_at")
    if expires_at is None:
        ttl = read_duration(record.ttl, "ttl")
        if ttl is not None and started_at.year + ttl // YEAR >= 9999:
            raise RecordRejected("ttl", "ends beyond the calendar")
        return ttl
    if expires_at <= started_at:
        raise RecordRejected("expires_at", "is not after started_at")
    return int((expires_at - started_at).total_seconds())


def environment_named(known: Known, name: str, tier: str) -> KnownEnvironment:
    """The environment, made on first mention; production outranks what else deployments say."""
    found = known.environments.get(name)
    if found is None:
        pk = known.writes.insert(Environment, ENVIRONMENT, name, tier, False, None, "", "")
        found = known.environments[name] = KnownEnvironment(pk, tier, False, None)
    elif not found.is_declared and tier > found.tier:
        found.tier = tier
        known.writes.update(Environment, ("tier",), found.id, tier)
    return found
