"""A document that cannot be read to its end leaves nothing but the run that says why."""

import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.exceptions import UnreadableDocument
from lineage.models import IngestIssue, IngestRun, Module, Version
from lineage.services.epoch import current_epoch
from tests.factories.platform import lines_of, load, platform, take_in
from tests.lineage_state import state

pytestmark = pytest.mark.django_db

# More than are written at once, so that some rows have been written when the end comes.
MANY = [{"module": "auth", "version": f"1.{n}.0", "owner": f"team-{n}"} for n in range(6_000)]
MEMBERS = 1_024  # of 1 MiB each


class Chunks(io.RawIOBase):
    """A stream made of chunks as they are asked for; raises what stands among them."""

    def __init__(self, chunks: Iterator[bytes | Exception]) -> None:
        self._chunks = chunks

    def read(self, size: int = -1) -> bytes:
        chunk = next(self._chunks, b"")
        if isinstance(chunk, Exception):
            raise chunk
        return chunk


def refused(data: bytes) -> str:
    """The reason the document is refused for; fails if anything else was changed by it."""
    before, epoch = state(), current_epoch().number
    with pytest.raises(UnreadableDocument) as error:
        take_in(data)
    run = IngestRun.objects.order_by("id").last()
    assert run is not None
    assert (run.status, run.error) == ("failed", error.value.reason)
    assert (run.accepted, run.epoch) == (0, None)
    assert (state(), current_epoch().number) == (before, epoch)
    return error.value.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(lines_of(MANY), mtime=0)[:-20], "ends before it is complete"),
        (gzip.compress(lines_of(MANY), mtime=0) + b"more", "not gzip"),
        (json.dumps(MANY).encode()[:-3], "ends before it is complete"),
        (b'{"name":"web","version":"1.0.0","dependencies":{"json":"^1"}}', "of no shape"),
        (b'{"openapi":"3.1.0","paths":{}}', "of no shape"),
        (b"[" * 10_000 + b"]" * 10_000, "deeper than 200"),
        (b'{"module":' * 10_000 + b"1" + b"}" * 10_000, "deeper than 200"),
        (b"", "empty"),
        (b"\x00" * 100_000, "binary"),
        (b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":7}', "CycloneDX"),
    ],
)
def test_an_unreadable_document_changes_nothing_and_says_why(data: bytes, reason: str) -> None:
    platform("auth 1.0.0 -> json@^1", "tv/prod runs tv 1.0.0 in prod")
    assert reason in refused(data)


def test_a_broken_stream_leaves_nothing_of_what_was_already_written() -> None:
    platform("auth 0.1.0 -> json@^1")
    before, epoch = state(), current_epoch().number
    data = lines_of(MANY)
    pieces = [data[start : start + 16_384] for start in range(0, len(data), 16_384)]
    with pytest.raises(OSError, match="gone"):
        load(Chunks(iter([*pieces[:-1], OSError("the disk is gone")])))
    assert (state(), current_epoch().number) == (before, epoch)
    run = IngestRun.objects.first()
    assert (run.status, run.accepted) == ("failed", 0)
    assert "the disk is gone" in run.error
    assert load(io.BytesIO(data)).created == len(MANY)


@settings(max_examples=25)
@given(st.data())
def test_a_packed_document_cut_anywhere_leaves_nothing(data: st.DataObject) -> None:
    packed = lines_of(MANY[:50], pack=True)
    platform("other 1.0.0")
    refused(packed[: data.draw(st.integers(1, len(packed) - 1))])


def test_lines_cut_in_the_middle_of_the_last_lose_only_that_line() -> None:
    outcome = take_in(lines_of(MANY[:50])[:-20])
    assert (outcome.created, outcome.rejected) == (49, 1)
    assert IngestIssue.objects.get().line == 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opening", "filling", "closing", "reason"),
    [
        (b"", b" ", b"", "empty"),
        (b'{"module":"auth","version":"', b"1", b'"}', "larger than"),
        (b"[", b" ", b"]", "larger than"),
        (b"{", b"[", b"", "deeper than"),
        (b"", b"\0", b"", "binary"),
    ],
    ids=["spaces", "text", "an array of spaces", "brackets", "zeros"],
)
def test_a_gibibyte_packed_into_a_mebibyte_is_refused_in_little_memory(
    settings, opening: bytes, filling: bytes, closing: bytes, reason: str
) -> None:
    settings.INGEST_MAX_DOCUMENT_BYTES = 64 << 20
    platform("auth 1.0.0")
    member = gzip.compress(filling * (1 << 20), 9)
    bomb = gzip.compress(opening) + member * MEMBERS + gzip.compress(closing)
    assert len(bomb) < 2 << 20
    tracemalloc.start()
    assert reason in refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 256 << 20


@pytest.mark.slow
def test_a_gibibyte_within_one_line_costs_that_line_only() -> None:
    text = gzip.compress(b"1" * (1 << 20), 9)
    bomb = b"".join(
        [
            gzip.compress(lines_of(MANY[:50]) + b'{"module":"bomb","version":"'),
            text * MEMBERS,
            gzip.compress(b'"}\n' + lines_of(MANY[50:60])),
        ]
    )
    tracemalloc.start()
    outcome = take_in(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (outcome.created, outcome.rejected) == (60, 1)
    assert IngestIssue.objects.get().line == 51
    assert list(Module.objects.values_list("name", flat=True)) == ["auth"]
    assert peak < 64 << 20


def test_a_document_larger_than_allowed_leaves_nothing_of_its_beginning(settings) -> None:
    platform("other 1.0.0")
    data = lines_of(MANY)
    settings.INGEST_MAX_BYTES = len(data) - 1
    assert "larger than" in refused(gzip.compress(data))
    assert not Version.objects.filter(module__name="auth").exists()
