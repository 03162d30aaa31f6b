"""SPDX JSON 2.3: an SBOM becomes one locked tree, the same as from CycloneDX.

A package is a module as a CycloneDX component is (``identity``). The root is the one
package that the document describes; a document that describes none or several gets
``generic`` ``sbom/<namespace, or a digest>`` as its root. Every relationship that
states a dependency is an edge, whatever its purpose; containment and the others
are none. Files and snippets are no modules: relationships with them are passed over.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lineage.exceptions import UnreadableDocument
from lineage.ingest.parsers.base import Accepted, Parsed, rejected
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
from lineage.ingest.parsers.spdx_schema import Package, Relationship, SpdxDocument
from lineage.ingest.records import LockedTreeRecord
from lineage.ingest.values import BadValue, parse_instant

DOCUMENT = "SPDXRef-DOCUMENT"
NOTHING = {"NONE", "NOASSERTION"}
KINDS = {"APPLICATION": "service", "LIBRARY": "library", "FRAMEWORK": "library"}
# "A … B" says that A needs B.
NEEDS = {"DEPENDS_ON", "HAS_PREREQUISITE", "STATIC_LINK", "DYNAMIC_LINK"}
# "A … B" says that B needs A.
NEEDED_BY = {
    "BUILD_DEPENDENCY_OF",
    "DEPENDENCY_OF",
    "DEV_DEPENDENCY_OF",
    "OPTIONAL_DEPENDENCY_OF",
    "PREREQUISITE_FOR",
    "PROVIDED_DEPENDENCY_OF",
    "RUNTIME_DEPENDENCY_OF",
    "TEST_DEPENDENCY_OF",
}

_DOCUMENT = msgspec.json.Decoder(SpdxDocument)


class SpdxParser:
    """Reads a whole document; what it cannot place it reports, and keeps the rest."""

    format = "spdx"

    def recognises(self, keys: Mapping[str, msgspec.Raw]) -> bool:
        """Whether the keys are those of an SPDX 2 document."""
        return "spdxVersion" in keys or "SPDXID" in keys

    def parse(self, data: bytes) -> list[Parsed]:
        """One locked tree, after the parts that had to be left out of it.

        All stand on line 1; the field says which part. Raises UnreadableDocument
        where the document breaks the rules of the format, or its root has no identity.
        """
        try:
            document = _DOCUMENT.decode(data)
            _check(document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _invalid(fault_of(error, data)) from error
        except Fault as fault:
            raise _invalid(fault) from fault
        return list(_Tree(document).read())


class _Tree:
    """The tree while it is put together."""

    def __init__(self, document: SpdxDocument) -> None:
        self.document = document
        self.components: dict[Triple, dict[str, Any]] = {}
        # None: known, but not a module that has an identity.
        self.elements: dict[str, Triple | None] = {DOCUMENT: None}
        self.elements.update((one.spdx_id, None) for one in (*document.files, *document.snippets))

    def read(self) -> Iterator[Parsed]:
        document = self.document
        if not document.packages:
            return
        described = self._described()
        root = self._root(described)
        for fault in self._place(described):
            yield rejected(1, fault, b"")
        edges: dict[tuple[Triple, Triple], None] = {}
        for fault in self._connect(edges):
            yield rejected(1, fault, b"")
        purpose = described.primary_package_purpose if described else None
        yield Accepted(
            1,
            LockedTreeRecord(
                root=root,
                components=self.components,
                edges=list(edges),
                unreached=unreached(root, self.components, edges),
                stated_at=document.creation_info.created,
                kind=KINDS.get(purpose) if purpose else None,  # type: ignore[arg-type]
            ),
        )

    def _described(self) -> Package | None:
        """The package the document is about, if it is about exactly one."""
        document = self.document
        stated = set(document.document_describes)
        for entry in document.relationships:
            if entry.relationship_type == "DESCRIBES" and entry.spdx_element_id == DOCUMENT:
                stated.add(entry.related_spdx_element)
            if entry.relationship_type == "DESCRIBED_BY" and entry.related_spdx_element == DOCUMENT:
                stated.add(entry.spdx_element_id)
        found = [package for package in document.packages if package.spdx_id in stated]
        return found[0] if len(found) == 1 else None

    def _root(self, described: Package | None) -> Triple:
        if described is not None:
            at = self.document.packages.index(described)
            try:
                return _identity(described, f"packages[{at}]", is_root=True)
            except Fault as fault:
                raise _invalid(fault) from fault
        name = self.document.document_namespace
        if len(name) > MAX_NAME - len("sbom/") or not name.isprintable():
            name = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        root = ("generic", f"sbom/{name}", "1")
        self.components[root] = {}
        return root

    def _place(self, described: Package | None) -> Iterator[Fault]:
        """Give every package its identity; yields those that have none."""
        for at, package in enumerate(self.document.packages):
            try:
                triple = _identity(package, f"packages[{at}]", is_root=package is described)
            except Fault as fault:
                yield Fault(fault.field, f"{fault.reason}; left out with its edges")
                self.elements[package.spdx_id] = None
                continue
            self.components.setdefault(triple, _metadata(package))
            self.elements[package.spdx_id] = triple

    def _connect(self, edges: dict[tuple[Triple, Triple], None]) -> Iterator[Fault]:
        """Turn relationships into edges between versions; yields those with unknown ends."""
        for at, entry in enumerate(self.document.relationships):
            fault = self._unknown_end(entry, f"relationships[{at}]")
            if fault is not None:
                yield fault
                continue
            ends = _ends(entry)
            if ends is None or not NOTHING.isdisjoint(ends):
                continue
            source, target = (self.elements[end] for end in ends)
            if source is not None and target is not None and source != target:
                edges[source, target] = None

    def _unknown_end(self, entry: Relationship, path: str) -> Fault | None:
        """What is wrong with the ends of a relationship, if anything is."""
        for name, end in (
            ("spdxElementId", entry.spdx_element_id),
            ("relatedSpdxElement", entry.related_spdx_element),
        ):
            if end in self.elements or end in NOTHING:
                continue
            if ":" not in end:
                reason = f"names no element of this document: {end[:MAX_NAME]}"
                return Fault(f"{path}.{name}", reason)
            if _ends(entry) is not None:
                return Fault(f"{path}.{name}", f"lies in another document: {end[:MAX_NAME]}")
            return None if self._is_known_document(end) else _undeclared(path, name, end)
        return None

    def _is_known_document(self, end: str) -> bool:
        reference = end.partition(":")[0]
        known = self.document.external_document_refs
        return any(one.external_document_id == reference for one in known)


def _ends(entry: Relationship) -> tuple[str, str] | None:
    """Who needs whom, if the relationship is a dependency."""
    if entry.relationship_type in NEEDS:
        return entry.spdx_element_id, entry.related_spdx_element
    if entry.relationship_type in NEEDED_BY:
        return entry.related_spdx_element, entry.spdx_element_id
    return None


def _check(document: SpdxDocument) -> None:
    """Raise Fault at the first broken rule that types alone do not catch."""
    try:
        parse_instant(document.creation_info.created)
    except BadValue as error:
        raise Fault("creationInfo.created", error.reason) from error
    if "T" not in document.creation_info.created.upper():
        raise Fault("creationInfo.created", "must be an instant, not a date")
    seen = {DOCUMENT}
    for group in ("packages", "files", "snippets"):
        for at, element in enumerate(getattr(document, group)):
            if element.spdx_id in seen:
                raise Fault(f"{group}[{at}].SPDXID", f"is used twice: {element.spdx_id[:64]}")
            seen.add(element.spdx_id)
    for at, reference in enumerate(document.document_describes):
        if reference not in seen:
            reason = f"names no element of this document: {reference[:64]}"
            raise Fault(f"documentDescribes[{at}]", reason)


def _identity(package: Package, path: str, *, is_root: bool) -> Triple:
    """The (ecosystem, module, version) of a package; raises Fault."""
    purl = ("", path)
    for at, reference in enumerate(package.external_refs):
        if reference.reference_type == "purl":
            purl = (reference.reference_locator, f"{path}.externalRefs[{at}].referenceLocator")
            break
    version = "" if package.version_info in NOTHING else package.version_info
    stated = Stated(
        purl=purl, name=(package.name, f"{path}.name"), version=(version, f"{path}.versionInfo")
    )
    return identity_of(stated, is_root=is_root)


def _metadata(package: Package) -> dict[str, Any]:
    """The little of a package that is kept: purpose, digest, licence."""
    kept: dict[str, Any] = {}
    if package.primary_package_purpose:
        kept["type"] = package.primary_package_purpose.lower().replace("_", "-")
    if package.checksums:
        kept["digest"] = digest_of((one.algorithm, one.checksum_value) for one in package.checksums)
    stated = (package.license_concluded, package.license_declared)
    found = [text for text in stated if text and text not in NOTHING]
    if found:
        kept["licenses"] = [short(found[0])]
    return kept


def _undeclared(path: str, name: str, end: str) -> Fault:
    return Fault(f"{path}.{name}", f"names a document that is not declared: {end[:MAX_NAME]}")


def _invalid(fault: Fault) -> UnreadableDocument:
    field = f"{fault.field} " if fault.field else "it "
    return UnreadableDocument(f"The SPDX SBOM is not valid: {field}{fault.reason}.")
