"""Documents: what format some bytes are in, told by their content, and what they hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import msgspec

from lineage.exceptions import UnreadableDocument
from lineage.ingest.json_scan import JsonScan, is_deeper
from lineage.ingest.parsers import DOCUMENT_PARSERS, native
from lineage.ingest.parsers.base import DocumentParser, Parsed, rejected
from lineage.ingest.parsers.cloudevents import format_of, is_item, parse_item
from lineage.ingest.parsers.faults import Fault, malformed
from lineage.ingest.stream import ByteSource, read_lines

UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SAMPLED_LINES = 20
SAMPLED_BYTES = 1 << 16
SHAPES = (
    "one JSON record or event a line, a JSON array of them, CycloneDX 1.2 to 1.7 JSON, or "
    "SPDX 2.3 JSON"
)

_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a document is taken in, in bytes after unpacking.

    ``max_document_bytes`` and ``max_values`` bound what must be held as a whole:
    an SBOM or an array. Records a line are only bound by ``max_bytes`` together
    and ``max_line_bytes`` each.
    """

    max_bytes: int
    max_document_bytes: int
    max_line_bytes: int
    max_depth: int = 200
    max_values: int = 5_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """An opened document; ``items`` can be gone through once."""

    format: str
    source: ByteSource
    parsed: Iterator[Parsed]

    def items(self) -> Iterator[Parsed]:
        """Records and rejections in order; raises UnreadableDocument if the bytes give out."""
        return self.parsed

    @property
    def bytes_read(self) -> int:
        """Bytes taken from the stream so far, packed as they were."""
        return self.source.bytes_read


def open_document(stream: BinaryIO, *, limits: Limits) -> Document:
    """Recognise what a stream holds and prepare to read it.

    Records a line are streamed; anything else is read and checked here. Raises
    UnreadableDocument, with the reason, where nothing can be made of it.
    """
    source = ByteSource(stream, max_bytes=limits.max_bytes)
    first = _skip_blank(source)
    line, is_whole = _first_line(source, limits)
    keys = _keys_of(line, limits) if is_whole else None
    if keys is not None and _parser_for(keys) is None:
        if not is_item(keys) and _stands_alone(source, line, limits):
            raise _unknown_shape()
        return _lines(source, first, limits, format_of(keys))
    if line[:1] in (b"{", b"["):
        return _whole(source, first, limits)
    if _look_like_records(line, limits):
        return _lines(source, first, limits)
    raise _not_json(line)


def _skip_blank(source: ByteSource) -> int:
    """Pass over a byte order mark and blank lines; returns the number of the line reached."""
    number = 1
    start = b""
    while len(start) < len(UTF8_MARK) and (chunk := source.read()):
        start += chunk
    if start.startswith(UTF16_MARKS):
        raise UnreadableDocument("The text is UTF-16; save it as UTF-8.")
    chunk = start.removeprefix(UTF8_MARK)
    while chunk or (chunk := source.read()):
        text = chunk.lstrip()
        number += chunk.count(b"\n", 0, len(chunk) - len(text))
        if text:
            source.unread(text)
            return number
        chunk = b""
    raise UnreadableDocument("The document is empty.")


def _first_line(source: ByteSource, limits: Limits) -> tuple[bytes, bool]:
    """What can be held of the first line and of what came with it, and whether it is whole."""
    held = bytearray()
    has_end = False
    while len(held) < SAMPLED_BYTES or not (has_end or len(held) > limits.max_line_bytes):
        chunk = source.read()
        if not chunk:
            break
        held += chunk
        has_end = has_end or b"\n" in chunk
    data = bytes(held)
    source.unread(data)
    end = data.find(b"\n")
    size = len(data) if end < 0 else end
    return data, size <= limits.max_line_bytes


def _keys_of(data: bytes, limits: Limits) -> Mapping[str, msgspec.Raw] | None:
    """The keys of the object on the first line of some data, if it is one."""
    line = data.partition(b"\n")[0]
    if is_deeper(line, limits.max_depth):
        return None
    try:
        return native.top_level(line)
    except native.DECODING_ERRORS:
        return None


def _stands_alone(source: ByteSource, data: bytes, limits: Limits) -> bool:
    """Whether nothing but blank lines seems to follow the first line of some data."""
    held = bytearray()
    while len(held) <= len(data) + limits.max_line_bytes and (chunk := source.read()):
        held += chunk
        if held.partition(b"\n")[2].strip():
            break
    source.unread(bytes(held))
    return not held.partition(b"\n")[2].strip()


def _lines(source: ByteSource, first: int, limits: Limits, format: str = native.FORMAT) -> Document:
    return Document(format, source, _parse_lines(source, first, limits))


def _parse_lines(source: ByteSource, first: int, limits: Limits) -> Iterator[Parsed]:
    max_depth = limits.max_depth
    for line in read_lines(source, max_line_bytes=limits.max_line_bytes, first=first):
        if line.is_too_long:
            fault = Fault("", f"is longer than {limits.max_line_bytes:,} bytes")
            yield rejected(line.number, fault, line.data)
        else:
            yield parse_item(line.data, line.number, max_depth=max_depth)


def _whole(source: ByteSource, first: int, limits: Limits) -> Document:
    """Read one JSON document, or lines after all if the first one was only a bad line."""
    data, problem = _read_whole(source, limits)
    if problem is None:
        try:
            if data.startswith(b"["):
                return _array(source, _ITEMS.decode(data), limits)
            return _object(source, native.top_level(data), data, limits)
        except UnicodeDecodeError:
            problem = "The text is not UTF-8."
        except msgspec.DecodeError as error:
            problem = f"The JSON {malformed(str(error))}."
    if _look_like_records(data, limits):
        source.unread(data)
        return _lines(source, first, limits)
    raise UnreadableDocument(problem)


def _read_whole(source: ByteSource, limits: Limits) -> tuple[bytes, str | None]:
    """All that is left, or as much of it as is allowed and what is wrong with it."""
    held = bytearray()
    scan = JsonScan()
    while chunk := source.read():
        held += chunk
        scan.feed(chunk)
        if scan.greatest_depth > limits.max_depth:
            return bytes(held), f"The JSON is nested deeper than {limits.max_depth} levels."
        if scan.values > limits.max_values:
            return bytes(held), f"The JSON holds more than {limits.max_values:,} values."
        if len(held) > limits.max_document_bytes:
            size = f"{limits.max_document_bytes:,} bytes"
            return bytes(held), f"The JSON document is larger than {size}."
    return bytes(held), None


def _array(source: ByteSource, items: list[msgspec.Raw], limits: Limits) -> Document:
    parsed = (
        parse_item(bytes(item), position, max_depth=limits.max_depth)
        for position, item in enumerate(items, start=1)
    )
    format = format_of(_keys_of(bytes(items[0]), limits)) if items else native.FORMAT
    return Document(format, source, parsed)


def _object(
    source: ByteSource, keys: Mapping[str, msgspec.Raw], data: bytes, limits: Limits
) -> Document:
    parser = _parser_for(keys)
    if parser is not None:
        return Document(parser.format, source, iter(parser.parse(data)))
    if not is_item(keys):
        raise _unknown_shape()
    found = parse_item(data, 1, max_depth=limits.max_depth)
    return Document(format_of(keys), source, iter([found]))


def _parser_for(keys: Mapping[str, msgspec.Raw]) -> DocumentParser | None:
    if "@graph" in keys and "@context" in keys:
        raise UnreadableDocument("SPDX 3 is not read; export SPDX 2.3 or CycloneDX as JSON.")
    return next((parser for parser in DOCUMENT_PARSERS if parser.recognises(keys)), None)


def _look_like_records(data: bytes, limits: Limits) -> bool:
    """Whether most of the first lines, the very first left aside, are native records."""
    sample = data.split(b"\n", SAMPLED_LINES + 1)
    lines = [line for line in islice(sample, 1, SAMPLED_LINES + 1) if line.strip()]
    found = 0
    for line in lines:
        keys = _keys_of(line, limits)
        found += keys is not None and is_item(keys)
    return found * 2 > len(lines)


def _unknown_shape() -> UnreadableDocument:
    return UnreadableDocument(f"This JSON is of no shape that is read here: {SHAPES}.")


def _not_json(data: bytes) -> UnreadableDocument:
    if data.startswith(b"<"):
        if b"cyclonedx" in data[:4_096].lower():
            return UnreadableDocument("CycloneDX XML is not read; export JSON.")
        return UnreadableDocument(f"This is XML, which is not read; send {SHAPES}.")
    kind = "text" if data[:1_024].isascii() and b"\0" not in data[:1_024] else "binary data"
    return UnreadableDocument(f"This is {kind} but no JSON; send {SHAPES}.")
