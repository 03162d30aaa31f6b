"""Naming smells: versions stuffed into module names, and what they are versions of (pure).

``search-v2`` and ``search-v3`` look like versions 2.x and 3.x of one module ``search``.
A number at the end of a name proves nothing by itself (``base64``, ``http2``): only names
that differ by nothing but the number do.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

NUMBERS = r"(?P<numbers>[0-9]{1,4}(?:[._-][0-9]{1,4}){0,2})"
# search-v2, foo_v1_3, com.acme.api.v3
MARKED = re.compile(rf"(?P<stem>.*[^._-])[._-][vV]{NUMBERS}")
# RankCompV3, YOLOv7; in one case (searchv2, ipv6) the v may belong to the word
CASED = re.compile(rf"(?P<stem>.*(?:[a-z0-9](?=V)|[A-Z](?=v)))[vV]{NUMBERS}")
UNCASED = re.compile(rf"(?P<stem>.*[a-z])v{NUMBERS}")
# foo-2, foo_1_3
APART = re.compile(rf"(?P<stem>.*[^0-9._-])[._-]{NUMBERS}")
# search2
GLUED = re.compile(r"(?P<stem>.*[^0-9._-])(?P<numbers>[0-9]{1,4})")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
SHORTEST = 3  # letters of a stem that a number without a v may follow
DIGITS = frozenset("0123456789")
NAMED = 5  # in a sentence
LIKELY = 9  # the greatest number that needs no neighbour

# Names that end in a number, by their last word with it.
NAMES = frozenset({
    "amqp1", "arp2", "base2", "blake2", "blake3", "bip32", "bip39", "bzip2", "co2", "covid19",
    "crc8", "crc16", "crc32", "crc64", "dtls1", "ed25519", "exif2", "exiv2", "gf2", "h2",
    "h3", "h5", "hdf4", "hdf5", "hsm2", "html4", "html5", "http1", "http2", "http3",
    "ieee754", "ipv4", "ipv6", "l2", "l3", "layer2", "layer3", "lz4", "lzo1", "md4", "md5",
    "mp2", "mp3", "mp4", "murmur2", "murmur3", "murmurhash2", "murmurhash3", "netcdf4",
    "oauth1", "oauth2", "o2", "pcre2", "r2", "ros2", "s2", "s3", "sha1", "sha2", "sha3",
    "snappy2", "tls1", "web2", "web3", "wifi6", "x509", "z3", "zip2",
})  # fmt: skip
# Words whose numbers count sizes, standards or copies, and never versions.
FAMILIES = frozenset({
    "amd", "arm", "base", "bit", "bits", "byte", "bytes", "chapter", "cpu", "cuda", "day",
    "dim", "eng", "env", "example", "exercise", "float", "gpu", "group", "hash", "host",
    "input", "instance", "int", "ip", "iso", "lane", "latin", "lesson", "level", "lib",
    "lorenz", "mips", "module", "node", "output", "page", "part", "partition", "phase",
    "player", "port", "problem", "rank", "region", "replica", "rfc", "sample", "section",
    "server", "sha", "shard", "step", "stage", "sse", "task", "team", "test", "tests",
    "thread", "tier", "uint", "unit", "utf", "week", "win", "windows", "worker", "x", "year",
    "zone",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Split:
    """A name taken apart; ``is_marked`` where a v says that the numbers are a version."""

    stem: str
    numbers: tuple[int, ...]
    is_marked: bool

    @property
    def line(self) -> str:
        """The numbers as a line or a version: 2.x, 1.3.x, 1.6.2."""
        text = ".".join(map(str, self.numbers))
        return text if len(self.numbers) == 3 else f"{text}.x"


@dataclass(frozen=True, slots=True)
class Member:
    """A name of a smell, and the line it stands for; empty for the name without a number."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Smell:
    """Names that look like versions of one module; at least two, the oldest first."""

    stem: str
    members: tuple[Member, ...]

    @property
    def sentence(self) -> str:
        """The suggestion in words; of many names only the first ones."""
        names = [member.name for member in self.members]
        lines = list(dict.fromkeys(member.line for member in self.members if member.line))
        words = _listed(names)
        return f"{words} look like versions of one module: {self.stem} {_series(lines)}"


def split_of(name: str, names: Collection[str] = ()) -> Split | None:
    """A name as stem and version, None if it does not end in one.

    A v that follows its word in the same case counts only if ``names`` hold the word
    without it. The last segment of a path decides: ``acme/search2``.
    """
    if name[-1:] not in DIGITS:
        return None
    if "/" in name and re.fullmatch(r"v[0-9]+", name.rpartition("/")[2]):
        return None  # a Go module path: its versions live there by rule
    for pattern in (MARKED, CASED):
        if found := pattern.fullmatch(name):
            return _split(found, is_marked=True)
    found = UNCASED.fullmatch(name)
    if found and found["stem"] in names and _may_count(found["stem"], found["numbers"]):
        return _split(found, is_marked=True)
    found = APART.fullmatch(name) or GLUED.fullmatch(name)
    if found is None or not _may_count(found["stem"], found["numbers"]):
        return None
    return _split(found, is_marked=False)


def smells_in(names: Iterable[str]) -> list[Smell]:
    """The groups of names that differ only by a version, by stem; linear in the names."""
    known = frozenset(names)
    groups: dict[str, dict[str, Split]] = defaultdict(dict)
    for name in known:
        split = split_of(name, known)
        if split is not None:
            groups[split.stem][name] = split
    return [
        smell
        for stem in sorted(groups)
        if (smell := _smell(stem, groups[stem], has_base=stem in known)) is not None
    ]


def _listed(names: list[str]) -> str:
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _series(lines: list[str]) -> str:
    more = ", …" if len(lines) > NAMED else ""
    return ", ".join(lines[:NAMED]) + more


def _split(found: "re.Match[str]", *, is_marked: bool) -> Split:
    numbers = tuple(int(part) for part in re.split(r"[._-]", found["numbers"]))
    return Split(found["stem"], numbers, is_marked)


def _may_count(stem: str, numbers: str) -> bool:
    """Whether a number without a v may be a version, as far as the name alone can tell."""
    words = WORD.findall(stem.rpartition("/")[2])
    if numbers.startswith("0") or not words or len(stem) < SHORTEST:
        return False
    return words[-1].lower() not in FAMILIES


def _smell(stem: str, splits: Mapping[str, Split], *, has_base: bool) -> Smell | None:
    splits = _plausible(stem, splits)
    ordered = sorted(splits, key=lambda name: (splits[name].numbers, name))
    members = [Member(name, splits[name].line) for name in ordered]
    if has_base and members:
        members.insert(0, Member(stem, ""))
    return Smell(stem, tuple(members)) if len(members) > 1 else None


def _plausible(stem: str, splits: Mapping[str, Split]) -> dict[str, Split]:
    """What may be versions beside each other: small numbers, or ones that count on.

    A well-known name counts only if another one counts on from it: ``oauth2`` beside
    ``oauth`` is a name, beside ``oauth3`` it is the version before.
    """
    firsts = {split.numbers[0] for split in splits.values()}
    words = WORD.findall(stem)
    last = words[-1].lower() if words else ""

    def counts(split: Split) -> bool:
        if split.is_marked:
            return True
        first = split.numbers[0]
        if len(split.numbers) == 1:
            is_name = f"{last}{first}" in NAMES or f"{stem.lower()}{first}" in NAMES
            if is_name or first > LIKELY:
                return bool({first - 1, first + 1} & firsts)
        return True

    return {name: split for name, split in splits.items() if counts(split)}
