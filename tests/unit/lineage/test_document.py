"""Documents recognised by content, and what hostile ones cost."""

import gzip
import io
import json
import time
import tracemalloc
import zlib

import pytest

from lineage.exceptions import UnreadableDocument
from lineage.ingest.document import Limits, open_document
from lineage.ingest.json_scan import JsonScan
from lineage.ingest.parsers.base import Accepted, Rejected
from tests.shared_data import shared_path

LIMITS = Limits(max_bytes=1 << 31, max_document_bytes=1 << 23, max_line_bytes=1 << 20)
BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "components": [{"type": "library", "name": "a", "version": "1"}],
}


class Unpacks(io.RawIOBase):
    """A gzip stream of one chunk repeated, packed while it is read."""

    def __init__(self, chunk, times):
        self.engine = zlib.compressobj(level=1, wbits=31)
        self.chunk = chunk
        self.left = times
        self.packed = b""

    def read(self, size=-1):
        while len(self.packed) < size and self.left:
            self.packed += self.engine.compress(self.chunk)
            self.left -= 1
            if not self.left:
                self.packed += self.engine.flush()
        part, self.packed = self.packed[:size], self.packed[size:]
        return part


def version(number):
    return json.dumps({"module": f"m{number}", "version": "1.0.0"}).encode()


def read(data, limits=LIMITS):
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    document = open_document(stream, limits=limits)
    return document.format, list(document.items())


def outcome(data, limits=LIMITS):
    """(format, accepted lines, rejected lines)."""
    found, items = read(data, limits)
    accepted = [item.line for item in items if isinstance(item, Accepted)]
    return found, accepted, [item.line for item in items if isinstance(item, Rejected)]


def refusal(data, limits=LIMITS):
    with pytest.raises(UnreadableDocument) as caught:
        read(data, limits)
    return caught.value.reason


PRETTY = json.dumps({"module": "a", "version": "1", "metadata": {"x": 1}}, indent=2).encode()
LINES = b"\n".join(version(number) for number in range(3))


@pytest.mark.parametrize(
    ("data", "accepted", "rejected"),
    [
        (LINES, [1, 2, 3], []),
        (LINES + b"\n", [1, 2, 3], []),
        (LINES.replace(b"\n", b"\r\n"), [1, 2, 3], []),
        (b"\xef\xbb\xbf" + LINES, [1, 2, 3], []),
        (b"\n \n\t\r\n" + LINES.replace(b"\n", b"\n\n"), [4, 6, 8], []),
        (version(1), [1], []),
        (version(1) + b"\n" * 70_000, [1], []),
        (PRETTY, [1], []),
        (b"[" + LINES.replace(b"\n", b",\n") + b"]", [1, 2, 3], []),
        (b"[\n" + LINES.replace(b"\n", b",\n") + b"\n]", [1, 2, 3], []),
        (b"[" + version(1) + b",3," + version(2) + b"]", [1, 3], [2]),
        (b"[]", [], []),
        (b'{"module":"a","vers\n' + LINES, [2, 3, 4], [1]),
        (b"[[[\n" + LINES, [2, 3, 4], [1]),
        (b"[" * 10_000 + b"\n" + LINES, [2, 3, 4], [1]),
        (b"oops\n" + LINES, [2, 3, 4], [1]),
        (b"\xfe\n" + LINES, [2, 3, 4], [1]),
        (b'{"name":"a"}\n' + LINES, [2, 3, 4], [1]),
        (LINES + b"\n{", [1, 2, 3], [4]),
        (LINES + b"\n\x00\n" + version(4), [1, 2, 3, 5], [4]),
        (b'{"type":"usage"}', [], [1]),
        (b'{"module":"a"}', [], [1]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_native_records_in_every_form(data, accepted, rejected, pack):
    assert outcome(pack(data)) == ("native", accepted, rejected)


@pytest.mark.parametrize("indent", [None, 1])
def test_an_sbom_is_recognised_on_one_line_and_on_many(indent):
    data = json.dumps(BOM, indent=indent).encode()
    assert outcome(data) == ("cyclonedx", [1], [])
    assert outcome(b"\xef\xbb\xbf\n" + data + b"\n\n")[0] == "cyclonedx"


def test_an_sbom_longer_than_a_line_may_be_is_still_one_document():
    small = Limits(max_bytes=1 << 20, max_document_bytes=1 << 16, max_line_bytes=64)
    assert outcome(json.dumps(BOM).encode(), small)[0] == "cyclonedx"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (json.dumps(BOM).encode()[:-9], "The JSON ends before it is complete."),
        (json.dumps(BOM, indent=1).encode()[:-9], "The JSON ends before it is complete."),
        (PRETTY + PRETTY, "followed by something else"),
        (b'{"a": tru\n}', "malformed"),
        (b'{"bomFormat":\n"\xff"}', "not UTF-8"),
        (b'{"name":"web","version":"1.0.0","type":"module","scripts":{}}', "CycloneDX 1.2 to 1.7"),
        (b'{\n"name":"web",\n"version":"1.0.0"}', "CycloneDX 1.2 to 1.7"),
        (b'{"@context":"https://spdx.org/rdf/3.0.1","@graph":[]}', "SPDX 3 is not read"),
        (b'{"spdxVersion":"SPDX-2.3"}', "The SPDX SBOM is not valid: SPDXID is missing."),
        (b'{\n"spdxVersion":"SPDX-2.2"}', "spdxVersion may not be 'SPDX-2.2'"),
        (b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>', "export JSON"),
        (b"<html></html>", "XML"),
        (b"module,version\na,1\n", "text but no JSON"),
        (b"\x7fELF" + bytes(range(256)) * 50, "binary data"),
        (b"PK\x03\x04" + bytes(range(256)) * 50, "binary data"),
        ("{}".encode("utf-16"), "UTF-16"),
        (gzip.compress(LINES, mtime=0)[:-9], "gzip data ends before"),
        (gzip.compress(LINES, mtime=0)[:20], "gzip data ends before"),
        (gzip.compress(LINES, mtime=0)[:-8] + bytes(8), "gzip data is corrupt"),
        (gzip.compress(LINES, mtime=0) + b"more", "not gzip follows"),
        (b"\x1f\x8b", "gzip data ends before"),
        (b"[" * 10_000 + b"]" * 10_000, "deeper than 200"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "deeper than 200"),
        (b'{"bomFormat":"CycloneDX","x":' + b"[" * 10_000, "deeper than 200"),
    ],
)
def test_what_cannot_be_read_says_why(data, words):
    assert words in refusal(data)


def test_gzip_members_and_padding_are_read_through():
    data = gzip.compress(LINES + b"\n") + gzip.compress(b"") + gzip.compress(version(4))
    assert outcome(data + bytes(20_000)) == ("native", [1, 2, 3, 4], [])


def test_a_long_line_is_rejected_and_the_rest_is_kept():
    limits = Limits(max_bytes=1 << 24, max_document_bytes=1 << 23, max_line_bytes=10_000)
    long = b'{"module":"' + b"a" * 900_000 + b'","version":"1"}'
    for data in (LINES + b"\n" + long + b"\n" + version(9), LINES + b"\n" + long):
        found, items = read(data, limits)
        rejected = [item for item in items if isinstance(item, Rejected)]
        assert [(item.line, item.field) for item in rejected] == [(4, "")]
        assert "longer than 10,000 bytes" in rejected[0].reason
        assert len(items) == data.count(b"\n") + 1
        assert found == "native"
    assert outcome(long + b"\n" + LINES, limits) == ("native", [2, 3, 4], [1])


def test_limits_on_bytes_hold():
    small = Limits(max_bytes=50, max_document_bytes=40, max_line_bytes=40)
    assert "larger than 50 bytes" in refusal(LINES, small)
    assert "larger than 50 bytes" in refusal(gzip.compress(LINES), small)
    tight = Limits(max_bytes=10_000, max_document_bytes=40, max_line_bytes=4_000)
    assert "larger than 40 bytes" in refusal(json.dumps(BOM).encode(), tight)
    few = Limits(max_bytes=1 << 20, max_document_bytes=1 << 20, max_line_bytes=64, max_values=100)
    assert "more than 100 values" in refusal(b"[" + b"0," * 200 + b"0]", few)


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        (bytes(1 << 20), "binary data"),
        (b"{" * (1 << 20), "deeper than 200"),
        (b'{"a":"' + b"a" * (1 << 20), "larger than 8,388,608 bytes"),
        (b"\n" * (1 << 20), "larger than 1,000,000,000 bytes"),
        (b" " * (1 << 20), "larger than 1,000,000,000 bytes"),
        (b"[],[[" + b"[],[]," * (1 << 17), "more than 5,000,000 values"),
    ],
    ids=["zeros", "braces", "text", "blank lines", "spaces", "lists"],
)
def test_a_gzip_bomb_costs_little(chunk, words):
    limits = Limits(max_bytes=10**9, max_document_bytes=1 << 23, max_line_bytes=1 << 20)
    tracemalloc.start()
    started = time.process_time()
    assert words in refusal(Unpacks(chunk, 1_000), limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - started < 30
    assert peak < 64 << 20


def test_a_line_that_never_ends_is_not_held():
    limits = Limits(max_bytes=10**8, max_document_bytes=1 << 23, max_line_bytes=1 << 16)
    stream = io.BytesIO(LINES + b"\n" + b"x" * (1 << 26))
    document = open_document(stream, limits=limits)
    tracemalloc.start()
    items = list(document.items())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(item) for item in items] == [Accepted] * 3 + [Rejected]
    assert peak < 4 << 20


def test_blank_lines_between_records_cost_little_and_are_counted():
    blank = b" \n" * (1 << 25)
    started = time.process_time()
    assert outcome(LINES + b"\n" + blank + version(4))[1] == [1, 2, 3, 4 + (1 << 25)]
    assert time.process_time() - started < 5


def test_depth_and_values_do_not_depend_on_how_the_pieces_fall():
    data = b'{"a\\\\":"[[[\\"{{","b":[[1,2],{"c":"\\\\"}]}' * 3
    whole = JsonScan()
    whole.feed(data)
    assert (whole.greatest_depth, whole.values) == (3, 21)
    for size in range(1, len(data)):
        scan = JsonScan()
        for start in range(0, len(data), size):
            scan.feed(data[start : start + size])
        assert (scan.greatest_depth, scan.values) == (3, 21), size


def test_a_registry_is_read_whole_and_progress_ends_at_its_size():
    path = shared_path("data/registry/julia-subset.ndjson.gz")
    with path.open("rb") as stream:
        document = open_document(stream, limits=LIMITS)
        items = list(document.items())
    with gzip.open(path) as lines:
        rows = [json.loads(line) for line in lines]
    assert document.bytes_read == path.stat().st_size
    assert [type(item) for item in items] == [Accepted] * len(rows)
    records = [item.record for item in items]
    assert [(r.module, r.version, r.published_at) for r in records] == [
        (row["module"], row["version"], row.get("published_at")) for row in rows
    ]
    assert [[(d.module, d.range) for d in r.dependencies] for r in records] == [
        [(d["module"], d["range"]) for d in row.get("dependencies", [])] for row in rows
    ]
    assert [r.metadata.get("stdlib") for r in records] == [row.get("stdlib") for row in rows]
