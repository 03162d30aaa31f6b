"""A platform for a test, taken in through the door that every record uses.

Facts are records (dicts) or lines of a drawing::

    json 1.4.0 on 2026-01-05                        a version and the day of its publication
    auth 2.0.0 (library) by identity -> json@^1     … of a kind, with an owner and dependencies
    auth 2.1.0 -> json@^1, yaml@2.x?                "?" marks an optional dependency
    tv/prod runs tv 1.0.0 in prod                   a deployment, since 2026-01-01
    tv/test runs tv 1.1.0 in test since 2026-02-01 until 2026-02-03 for P7D with json@1.4.0

The clauses keep this order and each may be left out; ``for`` is a TTL, ``with`` names the
versions observed at run time. An environment called prod is production.
"""

import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

from lineage.models import Deployment, Module, Version
from lineage.services.ingest import IngestSummary, ingest_document
from lineage.services.snapshot import refresh

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
STARTED = "2026-01-01"

Record = Mapping[str, Any]

VERSION = re.compile(
    r"(?P<module>\S+) (?P<version>\S+)(?: \((?P<kind>\w+)\))?(?: by (?P<owner>\S+))?"
    r"(?: on (?P<published_at>\S+))?(?: -> (?P<targets>.+))?"
)
DEPLOYMENT = re.compile(
    r"(?P<id>\S+) runs (?P<module>\S+) (?P<version>\S+) in (?P<environment>\S+)"
    r"(?: since (?P<started_at>\S+))?(?: until (?P<ended_at>\S+))?(?: for (?P<ttl>\S+))?"
    r"(?: with (?P<observed>.+))?"
)


def platform(*facts: str | Record, source: str = "ci", now: datetime = NOW) -> IngestSummary:
    """Take the facts in as one document and bring the snapshot up to date."""
    summary = told(*facts, source=source, now=now)
    refresh(now)
    return summary


def told(*facts: str | Record, source: str = "ci", now: datetime = NOW) -> IngestSummary:
    """Take the facts in as one document; the snapshot stays as it was, which is faster."""
    records: list[Record] = []
    for fact in facts:
        records += drawn(fact) if isinstance(fact, str) else [fact]
    return load(io.BytesIO(lines_of(records)), source=source, now=now)


def take_in(
    data: bytes, *, source: str = "ci", now: datetime = NOW, environment: str | None = None
) -> IngestSummary:
    """Take a document in as it came and bring the snapshot up to date."""
    summary = load(io.BytesIO(data), source=source, now=now, environment=environment)
    refresh(now)
    return summary


def load(
    stream: BinaryIO, *, source: str = "ci", now: datetime = NOW, environment: str | None = None
) -> IngestSummary:
    """Take a stream in; the snapshot stays as it was."""
    return ingest_document(stream, source=source, now=now, environment=environment)


def lines_of(records: Iterable[Record], *, pack: bool = False) -> bytes:
    """The records as a document, one a line."""
    data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    return gzip.compress(data, 1) if pack else data


def drawn(text: str) -> list[Record]:
    """The records a drawing stands for, in its order."""
    return [_record(line.strip()) for line in text.splitlines() if line.strip()]


def module(name: str, ecosystem: str = "platform") -> Module:
    """The module of that name."""
    return Module.objects.get(ecosystem=ecosystem, name=name)


def version(text: str, ecosystem: str = "platform") -> Version:
    """The version called ``module@version``."""
    name, _, number = text.rpartition("@")
    return Version.objects.get(module__ecosystem=ecosystem, module__name=name, version=number)


def deployments_of(key: str) -> list[Deployment]:
    """The series of deployments under a key, oldest first."""
    return list(Deployment.objects.filter(key=key).order_by("started_at"))


def _record(line: str) -> Record:
    if found := DEPLOYMENT.fullmatch(line):
        record = {"type": "deployment", **_stated(found)}
        record.setdefault("started_at", STARTED)
        if "observed" in record:
            record["resolved"] = dict(_pair(part) for part in record.pop("observed").split(", "))
        return record
    if found := VERSION.fullmatch(line):
        record = {"type": "version", **_stated(found)}
        for target in record.pop("targets", "").split(", "):
            if target:
                name, range = _pair(target.removesuffix("?"))
                key = "optional_dependencies" if target.endswith("?") else "dependencies"
                record.setdefault(key, []).append({"module": name, "range": range})
        return record
    raise ValueError(f"not a line of a drawing: {line}")


def _stated(found: re.Match[str]) -> dict[str, Any]:
    return {name: text for name, text in found.groupdict().items() if text is not None}


def _pair(text: str) -> tuple[str, str]:
    name, _, rest = text.rpartition("@")
    return name, rest
