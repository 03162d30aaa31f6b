"""CloudEvents 1.0 in structured JSON, and what their envelopes carry.

The data of an event is a CDEvent or a native record, and is read as it would be
without its envelope.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from lineage.ingest.parsers.base import Accepted, Parsed, rejected
from lineage.ingest.parsers.cdevents import is_cdevent, parse_cdevent
from lineage.ingest.parsers.faults import Fault, fault_of
from lineage.ingest.parsers.native import DECODING_ERRORS, is_native, parse_line, top_level
from lineage.ingest.values import BadValue, parse_instant

FORMAT = "cloudevents"
REQUIRED = {"id", "source", "specversion", "type"}

Text = Annotated[str, Meta(min_length=1, max_length=2_048)]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The envelope; what extends it passes."""

    specversion: Literal["1.0"]
    id: Text
    source: Text
    type: Text
    time: str | None = None
    datacontenttype: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")
    data_base64: bytes | None = None


_EVENT = msgspec.json.Decoder(CloudEvent)


def is_cloudevent(keys: Mapping[str, Any]) -> bool:
    """Whether an object with these keys is meant to be a CloudEvent."""
    return "specversion" in keys and len(REQUIRED & keys.keys()) > 2


def is_item(keys: Mapping[str, msgspec.Raw]) -> bool:
    """Whether an object with these keys is a record or an event."""
    return is_native(keys) or is_cloudevent(keys) or is_cdevent(keys)


def format_of(keys: Mapping[str, msgspec.Raw] | None) -> str:
    """What documents that begin with such an object are called."""
    if keys is None or is_native(keys):
        return "native"
    if is_cloudevent(keys):
        return FORMAT
    return "cdevents" if is_cdevent(keys) else "native"


def parse_item(data: bytes, line: int, *, max_depth: int) -> Parsed:
    """One record or event, or why it is none; never raises on bad input."""
    found = parse_line(data, line, max_depth=max_depth)
    if isinstance(found, Accepted) or found.field != "type":
        return found
    try:
        keys = top_level(data)
    except DECODING_ERRORS:
        return found
    try:
        if is_cloudevent(keys):
            return _open(data, line, max_depth)
        if is_cdevent(keys):
            return Accepted(line, parse_cdevent(data))
    except Fault as fault:
        return rejected(line, fault, data)
    return found


def _open(data: bytes, line: int, max_depth: int) -> Parsed:
    """What a CloudEvent carries; raises Fault."""
    try:
        event = _EVENT.decode(data)
    except DECODING_ERRORS as error:
        raise fault_of(error, data) from error
    if event.time is not None:
        try:
            parse_instant(event.time)
        except BadValue as error:
            raise Fault("time", error.reason) from error
    content = _data(event)
    keys = _keys(content)
    if is_cdevent(keys):
        return Accepted(line, _cdevent(event, content))
    if is_native(keys):
        return parse_line(content, line, max_depth=max_depth)
    raise Fault("data", f"of type {event.type[:64]!r} is neither a CDEvent nor a record")


def _data(event: CloudEvent) -> bytes:
    content = bytes(event.data)
    if event.data_base64 is None:
        return content
    if content != b"null":
        raise Fault("data", "stands beside data_base64; only one may be stated")
    return event.data_base64


def _keys(content: bytes) -> Mapping[str, msgspec.Raw]:
    try:
        return top_level(content)
    except DECODING_ERRORS as error:
        raise Fault("data", "is not a JSON object") from error


def _cdevent(event: CloudEvent, content: bytes) -> Any:
    try:
        record = parse_cdevent(content, type=event.type)
    except Fault as fault:
        raise Fault(f"data.{fault.field}".removesuffix("."), fault.reason) from fault
    return record
