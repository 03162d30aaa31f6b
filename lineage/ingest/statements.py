"""Records that state something about what other records made: teams, sources, yanks …"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lineage.ingest.deployments import environment_named
from lineage.ingest.known import Known
from lineage.ingest.outcomes import (
    Outcome,
    read_duration,
    read_instant,
    read_range,
    read_version,
)
from lineage.ingest.records import (
    DeprecationRecord,
    EnvironmentRecord,
    EventYankRecord,
    SourceRecord,
    TeamRecord,
    YankRecord,
)
from lineage.models import Deprecation, Environment, Source, Team, Version

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def take_team(known: Known, record: TeamRecord) -> Outcome:
    """Write a team, its address last write wins."""
    is_new = record.name not in known.teams
    pk = known.team(record.name)
    if is_new:
        known.writes.update(Team, ("email",), pk, record.email)
        return Outcome.CREATED
    known.writes.flush()
    changed = Team.objects.filter(pk=pk).exclude(email=record.email).update(email=record.email)
    known.writes.count += changed
    return Outcome.CHANGED if changed else Outcome.UNCHANGED


def take_source(known: Known, record: SourceRecord) -> Outcome:
    """Write what a source says of itself."""
    stated = {
        "cadence": read_duration(record.cadence, "cadence"),
        "vouches_since": read_instant(record.vouches_since, "vouches_since"),
        "is_simulated": record.simulated,
    }
    source, is_new = Source.objects.get_or_create(
        name=record.name,
        defaults={**stated, "first_seen_at": known.now, "last_seen_at": known.now},
    )
    if is_new:
        known.writes.count += 1
        return Outcome.CREATED
    if all(getattr(source, name) == value for name, value in stated.items()):
        return Outcome.UNCHANGED
    Source.objects.filter(pk=source.pk).update(**stated)
    known.writes.count += 1
    return Outcome.CHANGED


def take_environment(known: Known, record: EnvironmentRecord) -> Outcome:
    """Declare an environment; its tier then outranks what deployments say."""
    ttl = read_duration(record.ttl, "ttl")
    is_new = record.name not in known.environments
    found = environment_named(known, record.name, record.tier)
    if (found.tier, found.is_declared, found.ttl) == (record.tier, True, ttl):
        return Outcome.UNCHANGED
    if found.ttl != ttl:
        known.touched.expiry_environments.add(found.id)
    found.tier, found.is_declared, found.ttl = record.tier, True, ttl
    known.writes.update(
        Environment, ("tier", "is_declared", "ttl"), found.id, record.tier, True, ttl
    )
    return Outcome.CREATED if is_new else Outcome.CHANGED


def take_deprecation(known: Known, record: DeprecationRecord) -> Outcome:
    """Write a deprecation; of two about one range the later stands, then the greater."""
    read_range(record.ecosystem, record.range)
    module = known.module(record.ecosystem, record.module)
    known.writes.flush()
    stated = {
        "message": record.message,
        "replacement": record.replacement,
        "deprecated_at": read_instant(record.deprecated_at, "deprecated_at"),
        "sunset_at": read_instant(record.sunset_at, "sunset_at"),
    }
    found = Deprecation.objects.filter(module_id=module.id, range=record.range).first()
    if found is not None and _rank(stated) <= _rank(
        {name: getattr(found, name) for name in stated}
    ):
        return Outcome.UNCHANGED
    received_at = known.now
    if found is not None:
        # What is said anew is a new row: whoever reads on from the last id they saw sees it.
        received_at = found.received_at
        found.delete()
    Deprecation.objects.create(
        module_id=module.id, range=record.range, received_at=received_at, **stated
    )
    known.writes.count += 1
    known.touched.modules.add(module.id)
    return Outcome.CREATED if found is None else Outcome.CHANGED


def _rank(stated: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        stated["deprecated_at"] or LONG_AGO,
        stated["sunset_at"] or LONG_AGO,
        stated["message"],
        stated["replacement"],
    )


def take_yank(known: Known, record: YankRecord) -> Outcome:
    """Mark a version yanked, since the earliest instant anybody stated."""
    read = known.named if isinstance(record, EventYankRecord) else read_version
    version = read(record.ecosystem, record.version, "version")
    module = known.module(record.ecosystem, record.module)
    found = known.version(module, version)
    stated_at = read_instant(record.yanked_at, "yanked_at")
    instants = [at for at in (found.yanked_at, stated_at) if at is not None]
    yanked_at = min(instants, default=known.now)
    reason = max(found.yank_reason, record.reason)
    if (yanked_at, reason) == (found.yanked_at, found.yank_reason):
        return Outcome.UNCHANGED
    is_new = found.yanked_at is None
    found.yanked_at, found.yank_reason = yanked_at, reason
    known.writes.update(Version, ("yanked_at", "yank_reason"), found.id, yanked_at, reason)
    known.touched.resolution.add(module.id)
    return Outcome.CREATED if is_new else Outcome.CHANGED
