"""Artifacts, as events announce them, into versions."""

from datetime import UTC, datetime

from lineage.ingest.known import Known, KnownVersion
from lineage.ingest.outcomes import Outcome, RecordConflict, read_required_instant
from lineage.ingest.records import ArtifactRecord
from lineage.ingest.versions import hash_of
from lineage.models import Version

FILLED = ("is_placeholder", "published_at", "digest", "metadata", "content_hash")
LATE = datetime(9999, 12, 31, tzinfo=UTC)


def take_artifact(known: Known, record: ArtifactRecord) -> Outcome:
    """Publish a version without a word about what it depends on.

    A version record says more, so it outranks the event whichever comes first; of two
    events the one that states the earlier instant stands. Another digest than the known
    one raises RecordConflict.
    """
    at = read_required_instant(record.published_at, "published_at")
    version = known.named(record.ecosystem, record.version, "version")
    module = known.module(record.ecosystem, record.module)
    found = known.find(record.ecosystem, record.module, version.text)
    if found is not None and found.digest and record.digest not in ("", found.digest):
        raise RecordConflict(
            "digest", f"{record.module} {record.version} is known with digest {found.digest}"
        )
    known.publish(module)
    is_new = found is None or found.is_placeholder
    if found is None:
        found = known.add_version(module, version)
    is_back = known.revive(found, f"{record.module} {record.version}")
    digest = found.digest or record.digest
    is_changed = _fill(known, record, found, at, digest)
    if digest != found.digest:
        found.digest = digest
        known.writes.update(Version, ("digest",), found.id, digest)
        is_changed = True
    if is_new:
        return Outcome.CREATED
    return Outcome.CHANGED if is_changed or is_back else Outcome.UNCHANGED


def _fill(
    known: Known, record: ArtifactRecord, found: KnownVersion, at: datetime, digest: str
) -> bool:
    """Let the event speak for a version that no version record spoke for."""
    content = hash_of(record)
    if found.fingerprint or found.content_hash == content:
        return False
    if found.content_hash and _earlier(known, found, at, content):
        return False
    known.writes.update(Version, FILLED, found.id, False, at, digest, record.metadata, content)
    known.touched.modules.add(known.module(record.ecosystem, record.module).id)
    found.is_placeholder, found.content_hash = False, content
    found.digest = digest
    return True


def _earlier(known: Known, found: KnownVersion, at: datetime, content: str) -> bool:
    """Whether the event that is known of the version outranks another one."""
    known.writes.flush()
    published_at = Version.objects.values_list("published_at", flat=True).get(pk=found.id)
    return (published_at or LATE, found.content_hash) <= (at, content)
