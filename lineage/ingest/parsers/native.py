"""The native form: one JSON object a line, decoded and checked in one pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from lineage.ingest.json_scan import is_deeper
from lineage.ingest.parsers.base import Accepted, Parsed, rejected
from lineage.ingest.parsers.faults import CONTROL, Fault, fault_of, unstorable
from lineage.ingest.records import (
    DeploymentEndedRecord,
    DeploymentRecord,
    DeprecationRecord,
    EnvironmentRecord,
    InventoryRecord,
    Record,
    SourceRecord,
    TeamRecord,
    UsageRecord,
    VersionRecord,
    YankRecord,
)
from lineage.ingest.values import BadValue, parse_duration, parse_instant

FORMAT = "native"

DECODING_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
CHOICES = {
    "kind": "library, script, service",
    "tier": "preprod, prod",
    "scope": "runtime, optional, development; of an inventory: deployments",
}
# Fields that identify something: printable, without space around them.
NAMES = {
    "deployed_by",
    "deployment",
    "digest",
    "email",
    "environment",
    "id",
    "module",
    "name",
    "owner",
    "region",
    "version",
}
# Prose, where line breaks are welcome.
PROSE = {"message", "reason"}


@dataclass(frozen=True, slots=True)
class RecordType:
    """How one type of record is decoded, and what of it is checked afterwards."""

    decoder: "msgspec.json.Decoder[Any]"
    known: frozenset[str]
    keeps_unknown: bool
    instants: tuple[str, ...]
    durations: tuple[str, ...]


def _record_type(record: type[Record], instants: str = "", durations: str = "") -> RecordType:
    fields = record.__struct_fields__
    return RecordType(
        decoder=msgspec.json.Decoder(record),
        known=frozenset(fields) | {"type"},
        keeps_unknown="metadata" in fields,
        instants=tuple(instants.split()),
        durations=tuple(durations.split()),
    )


TYPES = {
    "team": _record_type(TeamRecord),
    "source": _record_type(SourceRecord, "vouches_since", "cadence"),
    "environment": _record_type(EnvironmentRecord, durations="ttl"),
    "version": _record_type(VersionRecord, "published_at", "ttl"),
    "deployment": _record_type(
        DeploymentRecord, "started_at expires_at ended_at last_used_at", "ttl"
    ),
    "usage": _record_type(UsageRecord, "last_used_at"),
    "deployment_ended": _record_type(DeploymentEndedRecord, "ended_at"),
    "inventory": _record_type(InventoryRecord, "at"),
    "deprecation": _record_type(DeprecationRecord, "deprecated_at sunset_at"),
    "yank": _record_type(YankRecord, "yanked_at"),
}
_BY_RAW_TYPE = {f'"{name}"'.encode(): found for name, found in TYPES.items()}
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY = msgspec.json.Decoder()


def top_level(data: bytes) -> dict[str, msgspec.Raw]:
    """The keys of a JSON object with their values undecoded; raises what msgspec raises."""
    return _KEYS.decode(data)


def is_native(keys: Mapping[str, msgspec.Raw]) -> bool:
    """Whether an object with these keys is meant to be a native record."""
    if "module" in keys or "deployment" in keys:
        return True
    kind = keys.get("type")
    return kind is not None and bytes(kind) in _BY_RAW_TYPE


def parse_line(data: bytes, line: int, *, max_depth: int) -> Parsed:
    """One record, or why it is none; never raises on bad input.

    Instants and durations have been checked but stay text; versions and ranges
    have not been read, because that takes the scheme of their ecosystem. Keys the
    schema does not know end in ``metadata``, where the record has one.
    """
    try:
        return Accepted(line, _read(data, max_depth))
    except Fault as fault:
        return rejected(line, fault, data, deployment=_deployment_of(data, max_depth))


def _deployment_of(data: bytes, max_depth: int) -> str | None:
    """The id of the deployment a bad line was meant to report; see Rejected."""
    try:
        keys = {} if is_deeper(data, max_depth) else _KEYS.decode(data)
        raw = keys.get("type")
        if raw is None:
            return "" if {"module", "version"} <= keys.keys() else None
        kind = _ANY.decode(raw)
        if kind == "deployment":
            key = _ANY.decode(keys.get("id", b"null"))
            return key if isinstance(key, str) and key else None
    except DECODING_ERRORS:
        return None
    # A bad header leaves open what the document is an inventory of.
    return "" if isinstance(kind, str) and kind in TYPES and kind != "inventory" else None


def _read(data: bytes, max_depth: int) -> Record:
    if is_deeper(data, max_depth):
        raise Fault("", f"is nested deeper than {max_depth} levels")
    try:
        keys = _KEYS.decode(data)
        record_type = _type_of(keys)
        record: Record = record_type.decoder.decode(data)
        extra = keys.keys() - record_type.known if record_type.keeps_unknown else ()
        if extra:
            _keep(record, {key: keys[key] for key in sorted(extra)})
    except DECODING_ERRORS as error:
        raise fault_of(error, data, choices=CHOICES) from error
    _check_values(record, record_type)
    if _may_hold_bad_text(data):
        _check_text(record, data)
    return record


def _type_of(keys: Mapping[str, msgspec.Raw]) -> RecordType:
    raw = keys.get("type")
    if raw is None:
        if "module" in keys and "version" in keys:
            return TYPES["version"]
        raise Fault("type", "is missing, and only a line with module and version may leave it out")
    found = _BY_RAW_TYPE.get(bytes(raw))
    if found is not None:
        return found
    name = _ANY.decode(raw)
    if not isinstance(name, str):
        raise Fault("type", "must be text")
    if name not in TYPES:
        raise Fault("type", f"must be one of {', '.join(TYPES)}, not {name[:64]!r}")
    return TYPES[name]


def _keep(record: Any, extra: Mapping[str, msgspec.Raw]) -> None:
    """Add unknown keys to the metadata of a record that nobody else has seen yet."""
    metadata = dict(record.metadata)
    for key, raw in extra.items():
        try:
            value = _ANY.decode(raw)
        except msgspec.ValidationError as error:
            raise Fault(key, fault_of(error, bytes(raw)).reason) from error
        if metadata.setdefault(key, value) != value:
            raise Fault(key, "is stated twice, differently: beside metadata and in it")
    msgspec.structs.force_setattr(record, "metadata", metadata)


def _check_values(record: Record, record_type: RecordType) -> None:
    for fields, parse in (
        (record_type.instants, parse_instant),
        (record_type.durations, parse_duration),
    ):
        for field in fields:
            text = getattr(record, field)
            if text is None:
                continue
            try:
                parse(text)
            except BadValue as error:
                raise Fault(field, error.reason) from error
    if (
        isinstance(record, DeploymentRecord)
        and record.ended_at is not None
        and parse_instant(record.ended_at) < parse_instant(record.started_at)
    ):
        raise Fault("ended_at", "is earlier than started_at")


def _may_hold_bad_text(data: bytes) -> bool:
    """Cheap test that clears nearly all lines.

    A control character needs an escape (JSON allows none raw, but DEL), and
    space around a text stands beside a quote.
    """
    return b"\\" in data or b'" ' in data or b' "' in data or b"\x7f" in data or not data.isascii()


def _check_text(record: Record, data: bytes) -> None:
    if b"\\u0000" in data:
        path = unstorable(_ANY.decode(data))
        if path is not None:
            raise Fault(path, "holds a NUL character")
    for path, field, text in _texts(record):
        if field in NAMES:
            if text != text.strip():
                raise Fault(path, "has space around it")
            if not text.isprintable():
                raise Fault(path, "holds a control or invisible character")
        elif field not in PROSE and CONTROL.search(text):
            raise Fault(path, "holds a control character")


def _texts(record: Record) -> Iterator[tuple[str, str, str]]:
    for field in record.__struct_fields__:
        value = getattr(record, field)
        if isinstance(value, str):
            yield field, field, value
    if isinstance(record, VersionRecord):
        for group in ("dependencies", "optional_dependencies"):
            for at, dependency in enumerate(getattr(record, group)):
                yield f"{group}[{at}].module", "module", dependency.module
                yield f"{group}[{at}].range", "range", dependency.range
        if record.scm is not None:
            yield "scm.repo", "repo", record.scm.repo
            yield "scm.commit", "commit", record.scm.commit
    elif isinstance(record, DeploymentRecord):
        for module, version in record.resolved.items():
            yield "resolved", "module", module
            yield f"resolved.{module}", "version", version
