"""How deep and how large JSON is, found without decoding it and without recursion."""

import numpy as np

STEP = 1 << 20
QUOTE = ord('"')

_DEPTH = np.zeros(256, dtype=np.int8)
_DEPTH[[ord("["), ord("{")]] = 1
_DEPTH[[ord("]"), ord("}")]] = -1
_VALUE = np.zeros(256, dtype=np.bool_)
_VALUE[[ord("["), ord("{"), ord(",")]] = True


class JsonScan:
    """Follows the nesting and counts the values of JSON that arrives in pieces.

    Memory and time are linear in the piece; nothing is decoded or kept. In text
    that is no JSON the figures mean little, and the decoder will say so.
    """

    def __init__(self) -> None:
        self.greatest_depth = 0
        self.values = 0
        self._depth = 0
        self._is_in_string = False
        self._held = b""

    def feed(self, data: bytes) -> None:
        """Take the next piece into account."""
        for start in range(0, len(data), STEP):
            self._feed(data[start : start + STEP])

    def _feed(self, data: bytes) -> None:
        piece = self._held + data
        backslashes = len(piece) - len(piece.rstrip(b"\\"))
        self._held = piece[len(piece) - backslashes % 2 :]
        piece = piece[: len(piece) - backslashes % 2]
        if b"\\" in piece:
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        if not piece:
            return
        marks = np.frombuffer(piece, dtype=np.uint8)
        in_string = np.cumsum(marks == QUOTE, dtype=np.int32) + self._is_in_string & 1
        marks = marks[in_string == 0]
        self._is_in_string = bool(in_string[-1])
        self.values += int(np.count_nonzero(_VALUE[marks]))
        depths = np.cumsum(_DEPTH[marks], dtype=np.int64) + self._depth
        if len(depths):
            self.greatest_depth = max(self.greatest_depth, int(depths.max()))
            self._depth = int(depths[-1])


def is_deeper(data: bytes, limit: int) -> bool:
    """Whether JSON nests deeper than ``limit``."""
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    scan = JsonScan()
    scan.feed(data)
    return scan.greatest_depth > limit
