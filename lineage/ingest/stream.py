"""Bytes of a document as they come: gzip undone, counted, cut into lines."""

import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple

from lineage.exceptions import DocumentTooLarge, UnreadableDocument

READ_SIZE = 1 << 14
CHUNK_SIZE = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
KEPT_OF_LONG_LINE = 1_024


class Line(NamedTuple):
    """One line that is not blank; of a line that is too long only the beginning."""

    number: int
    data: bytes
    is_too_long: bool


class ByteSource:
    """Chunks of a stream, unpacked if they are gzip; can take read bytes back.

    Raises UnreadableDocument where the gzip data is broken, DocumentTooLarge where the
    document is longer than ``max_bytes`` once unpacked. Holds one chunk at a time.
    """

    def __init__(self, stream: BinaryIO, *, max_bytes: int) -> None:
        self.bytes_read = 0
        self._stream = stream
        self._max_bytes = max_bytes
        self._unpacked = 0
        self._returned = memoryview(b"")
        self._chunks = self._decode()

    def read(self) -> bytes:
        """The next chunk; empty at the end."""
        if self._returned:
            chunk = bytes(self._returned[:CHUNK_SIZE])
            self._returned = self._returned[CHUNK_SIZE:]
            return chunk
        chunk = next(self._chunks, b"")
        self._unpacked += len(chunk)
        if self._unpacked > self._max_bytes:
            raise DocumentTooLarge(
                f"The document is larger than {self._max_bytes:,} bytes once unpacked."
            )
        return chunk

    def unread(self, data: bytes) -> None:
        """Put bytes back in front of what is still to be read."""
        self._returned = memoryview(data + bytes(self._returned))

    def _pull(self, at_least: int = 1) -> bytes:
        pulled = b""
        while len(pulled) < at_least:
            data = self._stream.read(READ_SIZE)
            if not data:
                break
            self.bytes_read += len(data)
            pulled += data
        return pulled

    def _decode(self) -> Iterator[bytes]:
        data = self._pull(at_least=len(GZIP_MAGIC))
        if data.startswith(GZIP_MAGIC):
            yield from self._unpack(data)
            return
        while data:
            yield data
            data = self._pull()

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        while data:
            if not data.startswith(GZIP_MAGIC):
                raise UnreadableDocument("Something that is not gzip follows the gzip data.")
            data = yield from self._unpack_member(data)
            # Padding between and after members is zeros.
            while data.strip(b"\0") == b"" and (more := self._pull()):
                data = more
            data = data.lstrip(b"\0")
            if len(data) < len(GZIP_MAGIC):
                data += self._pull() if data else b""

    def _unpack_member(self, data: bytes) -> Generator[bytes, None, bytes]:
        engine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not engine.eof:
            try:
                unpacked = engine.decompress(data, CHUNK_SIZE)
            except zlib.error as error:
                raise UnreadableDocument("The gzip data is corrupt.") from error
            if unpacked:
                yield unpacked
            data = engine.unconsumed_tail
            if engine.eof or data:
                continue
            data = self._pull()
            if not data and not unpacked:
                raise UnreadableDocument("The gzip data ends before it is complete.")
        return engine.unused_data


def read_lines(source: ByteSource, *, max_line_bytes: int, first: int = 1) -> Iterator[Line]:
    """The lines that are not blank, numbered on from ``first``.

    No more than ``max_line_bytes`` of a line are ever held.
    """
    number = first
    rest = bytearray()
    is_too_long = False
    while chunk := source.read():
        if not rest and chunk.isspace():
            number += chunk.count(b"\n")
            continue
        pieces = chunk.split(b"\n")
        last = pieces.pop()
        for piece in pieces:
            if rest or len(piece) > max_line_bytes:
                is_too_long = _extend(rest, piece, is_too_long, max_line_bytes)
                piece = bytes(rest)
                rest.clear()
            if piece and not piece.isspace():
                yield Line(number, piece, is_too_long)
            is_too_long = False
            number += 1
        is_too_long = _extend(rest, last, is_too_long, max_line_bytes)
        if rest.isspace() and not is_too_long:
            rest.clear()
    if rest and not rest.isspace():
        yield Line(number, bytes(rest), is_too_long)


def _extend(rest: bytearray, piece: bytes, is_too_long: bool, max_line_bytes: int) -> bool:
    """Add a piece to the line held so far; returns whether the line is too long to be kept."""
    if is_too_long:
        return True
    if len(rest) + len(piece) <= max_line_bytes:
        rest += piece
        return False
    rest += piece[:KEPT_OF_LONG_LINE]
    del rest[KEPT_OF_LONG_LINE:]
    return True
