"""Version records into rows."""

from hashlib import blake2b
from typing import Any

import msgspec

from lineage.ingest.known import STATED, Known, KnownModule, KnownVersion
from lineage.ingest.outcomes import (
    Outcome,
    RecordConflict,
    read_duration,
    read_instant,
    read_range,
    read_version,
)
from lineage.ingest.records import Dependency as DependencyRecord
from lineage.ingest.records import VersionRecord
from lineage.models import Dependency, Version

SCOPES = {"runtime": 0, "optional": 1, "development": 2}
DEPENDENCY_FIELDS = ("version_id", "requirement_id", "scope", "lock_root_id")
Edge = tuple[str, str, str, int]  # ecosystem, module, range, scope

encoder = msgspec.json.Encoder(order="deterministic")


def hash_of(value: object) -> str:
    """A short hash of any value msgspec can encode, the same for equal content."""
    return blake2b(encoder.encode(value), digest_size=16).hexdigest()


def take_version(known: Known, record: VersionRecord) -> Outcome:
    """Write a version with its dependencies, unless the very same is known.

    A version is immutable: another digest or other dependencies raise
    RecordConflict and change nothing. What may change (owner, metadata, TTL …) is
    taken from the record that came last.
    """
    content = hash_of(record)
    found = known.find(record.ecosystem, record.module, record.version)
    if found is not None and found.content_hash == content:
        return _say_again(known, record, found)
    parsed = read_version(record.ecosystem, record.version)
    found = known.find(record.ecosystem, record.module, parsed.text)
    if found is not None and found.content_hash == content:
        return _say_again(known, record, found)
    edges = edges_of(known, record)
    fingerprint = hash_of(edges)
    _refuse_contradiction(found, record, fingerprint)
    stated = _stated(known, record, found, fingerprint, content)
    module = known.module(record.ecosystem, record.module)
    known.publish(module)
    if found is None:
        outcome = Outcome.CREATED
        found = known.add_version(module, parsed, tuple(stated[name] for name in STATED))
    else:
        outcome = Outcome.CREATED if found.is_placeholder else Outcome.CHANGED
        known.writes.update(Version, STATED, found.id, *(stated[name] for name in STATED))
        _say_again(known, record, found)
    if found.fingerprint == "":
        _write_edges(known, found.id, edges)
    _remember(known, module, found, stated)
    return outcome


def _say_again(known: Known, record: VersionRecord, found: KnownVersion) -> Outcome:
    """A source that still lists a sunset version says that it is not gone."""
    is_back = known.revive(found, f"{record.module} {record.version}")
    return Outcome.CHANGED if is_back else Outcome.UNCHANGED


def edges_of(known: Known, record: VersionRecord) -> list[Edge]:
    """The distinct declared edges in a fixed order; raises RecordRejected on a bad range."""
    edges: set[Edge] = set()
    stated: list[tuple[str, list[DependencyRecord]]] = [
        ("dependencies", record.dependencies),
        ("optional_dependencies", record.optional_dependencies),
    ]
    for name, dependencies in stated:
        for position, dependency in enumerate(dependencies):
            ecosystem = dependency.ecosystem or record.ecosystem
            if (ecosystem, dependency.module, dependency.range) not in known.declared:
                read_range(ecosystem, dependency.range, f"{name}[{position}].range")
            scope = "optional" if name == "optional_dependencies" else dependency.scope
            edges.add((ecosystem, dependency.module, dependency.range, SCOPES[scope]))
    return sorted(edges)


def names_of(record: VersionRecord) -> set[tuple[str, str]]:
    """The modules a version record names, its own included."""
    names = {(record.ecosystem, record.module)}
    for dependency in (*record.dependencies, *record.optional_dependencies):
        names.add((dependency.ecosystem or record.ecosystem, dependency.module))
    return names


def _refuse_contradiction(
    found: KnownVersion | None, record: VersionRecord, fingerprint: str
) -> None:
    if found is None:
        return
    if found.digest and record.digest and found.digest != record.digest:
        raise RecordConflict(
            "digest", f"{record.module} {record.version} is known with digest {found.digest}"
        )
    if found.fingerprint and found.fingerprint != fingerprint:
        raise RecordConflict(
            "dependencies", f"{record.module} {record.version} is known with other dependencies"
        )


def _stated(
    known: Known, record: VersionRecord, found: KnownVersion | None, fingerprint: str, content: str
) -> dict[str, Any]:
    published_at = read_instant(record.published_at, "published_at")
    ttl = read_duration(record.ttl, "ttl")
    yanked_at = found.yanked_at if found else None
    if record.yanked:
        # Without an instant of its own, a line that says yanked says so of all its life.
        yanked_at = min(yanked_at or known.now, published_at or yanked_at or known.now)
    return {
        "is_placeholder": False,
        "kind": record.kind or "",
        "owner_id": known.team(record.owner) if record.owner else None,
        "published_at": published_at,
        "digest": record.digest or (found.digest if found else ""),
        "runtime": record.runtime,
        "ttl": ttl,
        "scm_repo": record.scm.repo if record.scm else "",
        "scm_commit": record.scm.commit if record.scm else "",
        "metadata": record.metadata,
        "fingerprint": fingerprint,
        "content_hash": content,
        "yanked_at": yanked_at,
        "yank_reason": found.yank_reason if found else "",
    }


def _write_edges(known: Known, version_id: int, edges: list[Edge]) -> None:
    known.writes.insert_all(
        Dependency,
        DEPENDENCY_FIELDS,
        [
            (version_id, known.declare(ecosystem, name, text), scope, None)
            for ecosystem, name, text, scope in edges
        ],
    )


def _remember(
    known: Known, module: KnownModule, found: KnownVersion, stated: dict[str, Any]
) -> None:
    if found.kind != stated["kind"] or found.owner_id != stated["owner_id"]:
        known.touched.modules.add(module.id)
    if found.ttl != stated["ttl"]:
        known.touched.expiry_versions.add(found.id)
    if found.yanked_at != stated["yanked_at"]:
        known.touched.resolution.add(module.id)
    for name in ("is_placeholder", "kind", "owner_id", "digest", "ttl", "fingerprint",
                 "content_hash", "yanked_at"):  # fmt: skip
        setattr(found, name, stated[name])
