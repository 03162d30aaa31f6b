"""Pieces of sort keys: numbers and words as bytes that compare as the things do."""

AFTER = b"\xff"  # Sorts after every key of one precedence, before the next precedence.
OWN = b"\x01"  # Opens the keys of every scheme but semver, whose keys are older than this rule.
# Opens the key of what is no version of its scheme: below every version that is one.
FOREIGN = b"\x00\x00\x00\x00"

MAX_VERSION_LENGTH = 256
MAX_RANGE_LENGTH = 1024


def number(value: int) -> bytes:
    """A number from 0 up to 255 bytes long, by value."""
    size = (value.bit_length() + 7) // 8
    return bytes((size,)) + value.to_bytes(size, "big")


def word(text: str) -> bytes:
    """A text without NUL, by its bytes, short below long."""
    return text.encode() + b"\x00"


def identifiers(words: tuple[str, ...]) -> bytes:
    """Identifiers as semver.org orders them: numbers below words, few below many."""
    parts = [
        b"\x01" + number(int(text)) if text.isdecimal() else b"\x02" + word(text) for text in words
    ]
    return b"".join(parts) + b"\x00"


def semantic_precedence(release: tuple[int, ...], pre: tuple[str, ...]) -> bytes:
    """Release numbers, then prereleases below the release itself (semver.org 2.0.0, item 11)."""
    start = b"".join(map(number, release))
    return start + (b"\x01" + identifiers(pre) if pre else b"\x02")
