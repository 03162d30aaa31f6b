"""CycloneDX JSON 1.2 to 1.7: an SBOM becomes one locked tree.

A component with a purl is the module <type>, <namespace>/<name>, at the purl's
version; qualifiers and subpath tell no versions apart. One without a purl is
``generic`` <group>/<name>. The root without a purl is ``platform`` where its
version is semantic, else ``generic``. A BOM without a root gets ``generic``
``sbom/<serial number or digest>`` at its own revision, and one without anything
in it yields nothing. A version that is not stated reads ``unversioned``, or
``0.0.0-unversioned`` where the ecosystem needs semantic versions. Services count
as components.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lineage.exceptions import UnreadableDocument
from lineage.ingest.parsers.base import Accepted, Parsed, rejected
from lineage.ingest.parsers.cyclonedx_checks import Placed, check, placed_parts
from lineage.ingest.parsers.cyclonedx_schema import Bom, Component, Service
from lineage.ingest.parsers.faults import Fault, fault_of
from lineage.ingest.parsers.identity import (
    MAX_NAME,
    Stated,
    Triple,
    digest_of,
    identity_of,
    short,
    unreached,
)
from lineage.ingest.records import LockedTreeRecord

ROOT_PATH = "metadata.component"
KINDS = {"application": "service", "library": "library", "framework": "library"}

_BOM = msgspec.json.Decoder(Bom)


class CycloneDxParser:
    """Reads a whole BOM; what it cannot place it reports, and keeps the rest."""

    format = "cyclonedx"

    def recognises(self, keys: Mapping[str, msgspec.Raw]) -> bool:
        """Whether the keys are those of a BOM."""
        return "bomFormat" in keys or (
            "specVersion" in keys and not keys.keys().isdisjoint({"components", "metadata"})
        )

    def parse(self, data: bytes) -> list[Parsed]:
        """One locked tree, after the parts that had to be left out of it.

        All stand on line 1; the field says which part. Raises UnreadableDocument
        where the BOM breaks the rules of the format, or its root has no identity.
        """
        try:
            bom = _BOM.decode(data)
            parts = placed_parts(bom)
            check(bom, parts)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _invalid(fault_of(error, data)) from error
        except Fault as fault:
            raise _invalid(fault) from fault
        return list(_Tree(bom, data).read(parts))


class _Tree:
    """The tree while it is put together."""

    def __init__(self, bom: Bom, data: bytes) -> None:
        self.bom = bom
        self.data = data
        self.components: dict[Triple, dict[str, Any]] = {}
        self.refs: dict[str, Triple | None] = {}

    def read(self, parts: list[Placed]) -> Iterator[Parsed]:
        if not parts:
            return
        root = self._root(parts)
        for fault in self._place(parts):
            yield rejected(1, fault, b"")
        edges: dict[tuple[Triple, Triple], None] = {}
        for fault in self._connect(edges):
            yield rejected(1, fault, b"")
        metadata = self.bom.metadata
        component = metadata.component if metadata else None
        yield Accepted(
            1,
            LockedTreeRecord(
                root=root,
                components=self.components,
                edges=list(edges),
                unreached=unreached(root, self.components, edges),
                stated_at=metadata.timestamp if metadata else None,
                kind=KINDS.get(component.type) if component else None,  # type: ignore[arg-type]
            ),
        )

    def _root(self, parts: list[Placed]) -> Triple:
        first = parts[0]
        if first.path != ROOT_PATH:
            name = self.bom.serial_number or f"sha256:{hashlib.sha256(self.data).hexdigest()}"
            root = ("generic", f"sbom/{name.removeprefix('urn:uuid:')}", str(self.bom.version))
            self.components[root] = {}
            return root
        try:
            return _identity(first, is_root=True)
        except Fault as fault:
            raise _invalid(fault) from fault

    def _place(self, parts: list[Placed]) -> Iterator[Fault]:
        """Give every part its identity; yields the parts that have none."""
        for placed in parts:
            try:
                triple = _identity(placed, is_root=placed.path == ROOT_PATH)
            except Fault as fault:
                yield Fault(fault.field, f"{fault.reason}; left out with its edges")
                if placed.part.bom_ref:
                    self.refs[placed.part.bom_ref] = None
                continue
            self.components.setdefault(triple, _metadata(placed.part))
            if placed.part.bom_ref:
                self.refs[placed.part.bom_ref] = triple

    def _connect(self, edges: dict[tuple[Triple, Triple], None]) -> Iterator[Fault]:
        """Map edges between refs to edges between versions; yields the refs nobody has."""
        for at, dependency in enumerate(self.bom.dependencies):
            if dependency.ref not in self.refs:
                yield _unknown_ref(f"dependencies[{at}].ref", dependency.ref)
                continue
            source = self.refs[dependency.ref]
            for number, ref in enumerate(dependency.depends_on):
                if ref not in self.refs:
                    yield _unknown_ref(f"dependencies[{at}].dependsOn[{number}]", ref)
                    continue
                target = self.refs[ref]
                if source is not None and target is not None and source != target:
                    edges[source, target] = None


def _identity(placed: Placed, *, is_root: bool) -> Triple:
    """The (ecosystem, module, version) of a part; raises Fault."""
    path, part = placed
    stated = Stated(
        purl=(part.purl if isinstance(part, Component) else "", f"{path}.purl"),
        name=(f"{part.group}/{part.name}" if part.group else part.name, f"{path}.name"),
        version=(part.version, f"{path}.version"),
    )
    return identity_of(stated, is_root=is_root)


def _metadata(part: Component | Service) -> dict[str, Any]:
    """The little of a part that is kept: type, scope, digest, licences."""
    kept: dict[str, Any] = {"type": "service"}
    if isinstance(part, Component):
        kept["type"] = part.type
        if part.scope:
            kept["scope"] = part.scope
        if part.version_range:
            kept["versionRange"] = short(part.version_range)
        if part.hashes:
            kept["digest"] = digest_of((entry.alg, entry.content) for entry in part.hashes)
    licenses = [
        choice.expression or (choice.license and (choice.license.id or choice.license.name)) or ""
        for choice in part.licenses
    ]
    if licenses:
        kept["licenses"] = [short(text) for text in licenses]
    return kept


def _unknown_ref(field: str, ref: str) -> Fault:
    return Fault(field, f"names no component of this document: {ref[:MAX_NAME]}")


def _invalid(fault: Fault) -> UnreadableDocument:
    field = f"{fault.field} " if fault.field else "it "
    return UnreadableDocument(f"The CycloneDX SBOM is not valid: {field}{fault.reason}.")
