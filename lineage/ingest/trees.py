"""Locked trees, as SBOMs state them, into rows."""

from lineage.ingest.known import STATED, UNKNOWN, Known, KnownVersion
from lineage.ingest.outcomes import Outcome, RecordConflict, read_instant
from lineage.ingest.records import LockedTreeRecord
from lineage.ingest.versions import DEPENDENCY_FIELDS, hash_of
from lineage.models import Dependency, Version

Triple = tuple[str, str, str]
FILLED = ("is_placeholder", "kind", "published_at", "metadata", "content_hash")


def names_of_tree(record: LockedTreeRecord) -> set[tuple[str, str]]:
    """The modules a locked tree names."""
    return {(ecosystem, name) for ecosystem, name, _ in (record.root, *record.components)}


def take_tree(known: Known, record: LockedTreeRecord) -> Outcome:
    """Write the components as versions and the edges as locked edges of the root's version.

    The same tree again only brings a root back that was sunset; another tree of the
    same root version is a conflict, because a version is immutable.
    """
    root = known.component(record.root)
    is_back = known.revive(root, f"{record.root[1]} {record.root[2]}")
    edges = sorted(set(record.edges))
    content = hash_of([sorted(record.components), edges])
    if root.tree_hash == content:
        return Outcome.CHANGED if is_back else Outcome.UNCHANGED
    if Dependency.objects.filter(lock_root_id=root.id).exists():
        raise RecordConflict(
            "metadata.component",
            f"{record.root[1]} {record.root[2]} is known with another locked tree",
        )
    versions = {triple: known.component(triple) for triple in record.components}
    versions[record.root] = root
    for triple, found in versions.items():
        _fill(known, record, triple, found)
    known.writes.update(Version, ("tree_hash",), root.id, content)
    root.tree_hash = content
    _write_edges(known, root, [(versions[a], versions[b], b) for a, b in edges])
    return Outcome.CREATED


def _write_edges(
    known: Known, root: KnownVersion, edges: list[tuple[KnownVersion, KnownVersion, Triple]]
) -> None:
    # Keyed by id: two spellings of a version are one end of an edge.
    for (source, target), (ecosystem, name, text) in {
        (source.id, target.id): triple for source, target, triple in edges
    }.items():
        if source != target:
            module = known.module(ecosystem, name)
            requirement = known.requirement(module, text, locked_to=target)
            known.writes.insert(Dependency, DEPENDENCY_FIELDS, source, requirement, 0, root.id)


def _name_kind(known: Known, record: LockedTreeRecord, triple: Triple, found: KnownVersion) -> None:
    """Let the tree say what kind its root is, where an event or another tree could not."""
    if triple == record.root and record.kind and not (found.fingerprint or found.kind):
        known.writes.update(Version, ("kind",), found.id, record.kind)
        known.touched.modules.add(known.module(triple[0], triple[1]).id)
        found.kind = record.kind


def _fill(known: Known, record: LockedTreeRecord, triple: Triple, found: KnownVersion) -> None:
    """Let a version that was only a name say what the tree says of it.

    The digest stays among the metadata: SBOMs choose their algorithm, so it
    contradicts no digest that the version's own record states.
    """
    known.publish(known.module(triple[0], triple[1]))
    if not found.is_placeholder:
        _name_kind(known, record, triple, found)
        return
    stated = dict(zip(STATED, UNKNOWN, strict=True))
    is_root = triple == record.root
    stated.update(
        is_placeholder=False,
        kind=(record.kind or "") if is_root else "",
        published_at=read_instant(record.stated_at, "metadata.timestamp") if is_root else None,
        metadata=record.components.get(triple, {}),
    )
    known.writes.update(Version, FILLED, found.id, *(stated[name] for name in FILLED))
    found.is_placeholder = False
