"""Manifests: what something wants to use, read from whatever says so (without writing it).

Native lists of requirements or package URLs, version records, CycloneDX and SPDX.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, BinaryIO

import msgspec
from msgspec import Meta

from lineage.exceptions import DocumentTooLarge, InvalidPurl, UnreadableDocument
from lineage.ingest.document import Limits, open_document
from lineage.ingest.json_scan import is_deeper
from lineage.ingest.parsers import native
from lineage.ingest.parsers.base import Rejected
from lineage.ingest.parsers.faults import Fault, fault_of, unstorable
from lineage.ingest.records import Ecosystem, LockedTreeRecord, Name, RangeText, VersionRecord
from lineage.ingest.stream import ByteSource
from lineage.purls import MAX_PURL_LENGTH, read_purl

FORMAT = "requirements"
MOST_BYTES = 32 * 1024**2
MOST_ASKED = 20_000
MOST_LEFT_OUT = 20  # of the reasons that are kept
KEYS = frozenset({"requirements", "purls"})
UNVERSIONED = frozenset({"", "unversioned", "0.0.0-unversioned"})

Purl = Annotated[str, Meta(max_length=MAX_PURL_LENGTH)]


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """One thing a manifest wants: a range, or the exact ``version`` where one was locked."""

    ecosystem: str
    module: str
    range: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a document wants, each once; ``left_out`` of its parts nothing can be said of."""

    format: str
    asked: tuple[Asked, ...]
    left_out: int = 0
    why_left_out: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A requirement as a native list states it."""

    ecosystem: Ecosystem = "platform"
    module: Name = ""
    purl: Purl = ""
    range: RangeText = ""
    version: Annotated[str, Meta(max_length=256)] = ""


class NativeList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    requirements: list[Wanted] = []
    purls: list[Purl] = []


_LIST = msgspec.json.Decoder(NativeList)


def read_manifest(stream: BinaryIO, *, limits: Limits) -> Manifest:
    """What the document wants; raises UnreadableDocument, with the reason.

    A bad requirement makes the whole unreadable: a gate must not pass over it. A part of
    an SBOM that has no identity or no version is left out, and counted.
    """
    data = _whole(stream, limits)
    keys = _keys(data, limits)
    if keys is not None and not keys.isdisjoint(KEYS) and "bomFormat" not in keys:
        return _manifest(FORMAT, _native(data), [])
    document = open_document(BytesIO(data), limits=limits)
    asked: list[Asked] = []
    left_out: list[str] = []
    for item in document.items():
        if isinstance(item, Rejected):
            if document.format == native.FORMAT:
                raise UnreadableDocument(f"Line {item.line}: {item.field} {item.reason}.")
            left_out.append(f"{item.field} {item.reason}".strip())
        elif isinstance(item.record, VersionRecord):
            asked += _declared(item.record)
        elif isinstance(item.record, LockedTreeRecord):
            _locked(item.record, asked, left_out)
        else:
            raise UnreadableDocument(
                f"Line {item.line} is no version: a manifest holds what is to be used."
            )
    return _manifest(document.format, asked, left_out)


def _whole(stream: BinaryIO, limits: Limits) -> bytes:
    most = min(MOST_BYTES, limits.max_document_bytes)
    source = ByteSource(stream, max_bytes=most)
    held = bytearray()
    while chunk := source.read():
        held += chunk
    if not held.strip():
        raise UnreadableDocument("The document is empty.")
    return bytes(held)


def _keys(data: bytes, limits: Limits) -> set[str] | None:
    if is_deeper(data, limits.max_depth):
        raise UnreadableDocument(f"The JSON is nested deeper than {limits.max_depth} levels.")
    try:
        return set(native.top_level(data))
    except native.DECODING_ERRORS:
        return None


def _native(data: bytes) -> Iterator[Asked]:
    try:
        stated = _LIST.decode(data)
    except native.DECODING_ERRORS as error:
        fault = fault_of(error, data)
        raise UnreadableDocument(f"The manifest is not valid: {_said(fault)}.") from error
    for place, one in enumerate(stated.requirements):
        yield _wanted(one, f"requirements[{place}]")
    for place, purl in enumerate(stated.purls):
        yield _purl(purl, "", f"purls[{place}]")


def _wanted(one: Wanted, at: str) -> Asked:
    if bool(one.module) == bool(one.purl):
        raise UnreadableDocument(f"{at} must have either a module or a purl.")
    if one.range and one.version:
        raise UnreadableDocument(f"{at} must have either a range or a version.")
    if one.purl:
        return _purl(one.purl, one.range, at, one.version)
    for field, text in (("module", one.module), ("version", one.version)):
        if not text.isprintable() or text != text.strip():
            raise UnreadableDocument(f"{at}.{field} must be printable, without space around it.")
    if unstorable(one.range) is not None:
        raise UnreadableDocument(f"{at}.range holds what no database stores.")
    return Asked(one.ecosystem, one.module, "" if one.version else one.range or "*", one.version)


def _purl(text: str, range: str, at: str, version: str = "") -> Asked:
    try:
        named = read_purl(text)
    except InvalidPurl as error:
        raise UnreadableDocument(f"{at}: {error}") from error
    version = version or ("" if range else named.version)
    return Asked(named.ecosystem, named.module, "" if version else range or "*", version)


def _declared(record: VersionRecord) -> Iterator[Asked]:
    """What it needs to run; what is optional or for development is not gated."""
    for need in record.dependencies:
        if need.scope == "runtime":
            yield Asked(need.ecosystem or record.ecosystem, need.module, need.range)


def _locked(record: LockedTreeRecord, asked: list[Asked], left_out: list[str]) -> None:
    for triple in record.components:
        ecosystem, module, version = triple
        if triple == record.root:
            continue
        if version in UNVERSIONED:
            left_out.append(f"{module} states no version")
        else:
            asked.append(Asked(ecosystem, module, version=version))


def _manifest(format: str, asked: Iterable[Asked], left_out: list[str]) -> Manifest:
    distinct = tuple(dict.fromkeys(asked))
    if len(distinct) > MOST_ASKED:
        raise DocumentTooLarge(
            f"The manifest wants {len(distinct):,} things; {MOST_ASKED:,} are the most."
        )
    return Manifest(format, distinct, len(left_out), tuple(left_out[:MOST_LEFT_OUT]))


def _said(fault: Fault) -> str:
    return f"{fault.field} {fault.reason}".strip()
