"""CDEvents 0.x: what an event about a service, an artifact or an environment says.

A service runs under the key ``<service id>/<environment id>``. Its artifact is named by
a package URL, whose type is the ecosystem; a text such as ``shop:1.4.0`` names a module
of ``platform`` where the version is semantic, else ``generic``. Events about anything
else are understood and change nothing. What a release adds or drops beside the fields
read here is passed over, so releases of 0.x not known yet are read too.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from lineage.ingest.parsers.cdevents_schema import CONTENT, REQUIRED
from lineage.ingest.parsers.faults import Fault, fault_of, unstorable
from lineage.ingest.parsers.identity import (
    Triple,
    check_name,
    is_semantic,
    parse_purl,
    short,
    triple_of,
)
from lineage.ingest.parsers.native import DECODING_ERRORS
from lineage.ingest.records import (
    ArtifactRecord,
    DeploymentEndedRecord,
    DeploymentPublishedRecord,
    EnvironmentEventRecord,
    EventDeploymentRecord,
    EventYankRecord,
    NotedRecord,
    Record,
)
from lineage.ingest.values import BadValue, parse_instant

TYPE = re.compile(
    r"dev\.(?:cdevents\.(?P<subject>[a-z]+)|cdeventsx\.[a-z0-9]+-[a-z]+)\.(?P<predicate>[a-z]+)"
    r"\.0\.[0-9]+\.[0-9]+(?:-[a-z0-9.]+)?"
)
RELEASE = re.compile(r"0\.[0-9]{1,4}\.[0-9]{1,4}(?:-[a-z0-9.]+)?")
DIGEST = re.compile(r"(?:sha|md)[0-9]{1,3}:[0-9a-fA-F]{8,128}")
ARTIFACT = "subject.content.artifactId"
PLACE = "subject.content.environment"
MAX_ENVIRONMENT = 128
MAX_URL = 1_024

Text = Annotated[str, Meta(min_length=1)]


class Context(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Releases before 0.5 call ``specversion`` ``version``."""

    id: Text
    source: Text
    type: Text
    timestamp: Text
    specversion: Text | None = None
    version: Text | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: Text
    content: Mapping[str, Any]


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    context: Context
    subject: Subject


_EVENT = msgspec.json.Decoder(Event)


def is_cdevent(keys: Mapping[str, Any]) -> bool:
    """Whether an object with these keys is meant to be a CDEvent."""
    return "context" in keys and "subject" in keys


def parse_cdevent(data: bytes, *, type: str | None = None) -> Record:
    """What one event says; raises Fault. ``type`` is what its envelope calls it."""
    try:
        event = _EVENT.decode(data)
    except DECODING_ERRORS as error:
        raise fault_of(error, data) from error
    if type is not None and type != event.context.type:
        raise Fault("context.type", f"is not that of its envelope, {type[:64]!r}")
    kind = _kind(event.context)
    content = _content(event, kind)
    path = unstorable(event.subject.id) or unstorable(event.subject.content)
    if path is not None:
        raise Fault(f"subject.content.{path}".removesuffix("."), "holds a NUL character")
    reader = READERS.get(kind)
    return reader(event, content) if reader else NotedRecord()


def _kind(context: Context) -> tuple[str, str]:
    """(subject, predicate), after the context was checked; raises Fault."""
    release = context.specversion or context.version
    if release is None:
        raise Fault("context.specversion", "is missing")
    if not RELEASE.fullmatch(release):
        raise Fault("context.specversion", f"must be a release of 0.x, not {release[:64]!r}")
    found = TYPE.fullmatch(context.type)
    if not found:
        raise Fault("context.type", f"is no type of CDEvents 0.x: {context.type[:64]!r}")
    try:
        parse_instant(context.timestamp)
    except BadValue as error:
        raise Fault("context.timestamp", error.reason) from error
    if "T" not in context.timestamp.upper():
        raise Fault("context.timestamp", "must be an instant, not a date")
    return found["subject"] or "", found["predicate"]


def _content(event: Event, kind: tuple[str, str]) -> Any:
    """The content as the struct of its kind, with what release 0.5 requires; raises Fault."""
    stated = event.subject.content
    if (event.context.specversion or "").startswith("0.5."):
        for name in REQUIRED.get(kind, ()):
            if name not in stated:
                raise Fault(f"subject.content.{name}", "is missing")
    shape = CONTENT.get(kind)
    if shape is None:
        return None
    try:
        return msgspec.convert(stated, shape)
    except msgspec.ValidationError as error:
        fault = fault_of(error, b"")
        raise Fault(f"subject.content.{fault.field}", fault.reason) from error


def _deployment(event: Event, content: Any) -> Record:
    ecosystem, module, version = _artifact(content.artifact_id, ARTIFACT)
    return EventDeploymentRecord(
        id=_key(event, content.environment.id),
        module=module,
        version=version,
        ecosystem=ecosystem,
        environment=content.environment.id,
        started_at=event.context.timestamp,
    )


def _removal(event: Event, content: Any) -> Record:
    if content.environment is None:
        raise Fault(PLACE, "is missing, and without it nobody knows which deployment ended")
    key = _key(event, content.environment.id)
    return DeploymentEndedRecord(deployment=key, ended_at=event.context.timestamp)


def _publication(event: Event, content: Any) -> Record:
    if content.environment is None:
        return NotedRecord()
    key = _key(event, content.environment.id)
    return DeploymentPublishedRecord(deployment=key, published_at=event.context.timestamp)


def _artifact_published(event: Event, content: Any) -> Record:
    ecosystem, module, version = _artifact(event.subject.id, "subject.id")
    metadata: dict[str, Any] = {}
    if content.sbom is not None:
        metadata["sbom"] = content.sbom.uri[:MAX_URL]
    if content.user:
        metadata["published_by"] = short(content.user)
    return ArtifactRecord(
        module=module,
        version=version,
        ecosystem=ecosystem,
        published_at=event.context.timestamp,
        digest=_digest(event.subject.id, version),
        metadata=metadata,
    )


def _artifact_deleted(event: Event, content: Any) -> Record:
    ecosystem, module, version = _artifact(event.subject.id, "subject.id")
    return EventYankRecord(
        module=module,
        version=version,
        ecosystem=ecosystem,
        reason="artifact deleted",
        yanked_at=event.context.timestamp,
    )


def _environment(event: Event, content: Any) -> Record:
    check_name(event.subject.id, "subject.id", longest=MAX_ENVIRONMENT)
    if content.uri:
        check_name(content.uri, "subject.content.uri", longest=MAX_URL)
    return EnvironmentEventRecord(
        name=event.subject.id,
        label=short(content.name),
        url=content.uri,
        at=event.context.timestamp,
        is_deleted=event.context.type.startswith("dev.cdevents.environment.deleted."),
    )


def _key(event: Event, environment: str) -> str:
    """The deployment's key; one service runs once in an environment."""
    check_name(event.subject.id, "subject.id")
    check_name(environment, f"{PLACE}.id", longest=MAX_ENVIRONMENT)
    return f"{event.subject.id}/{environment}"


def _artifact(text: str, field: str) -> Triple:
    """The (ecosystem, module, version) of an artifact; raises Fault."""
    if text.startswith("pkg:"):
        ecosystem, module, version = triple_of(parse_purl(text, field), field)
    else:
        at = "@" if "@" in text else ":"
        module, _, version = text.rpartition(at)
        if "/" in version:  # the colon stood before a port
            version = ""
        ecosystem = "platform" if is_semantic(version) else "generic"
    if not version or not module:
        raise Fault(field, "names no version, as in pkg:npm/shop@1.4.0")
    check_name(module, field)
    check_name(version, field)
    return ecosystem, module, version


def _digest(text: str, version: str) -> str:
    """The digest a package URL states by its checksum or as its version, if any."""
    qualifiers: Any = parse_purl(text, "subject.id").qualifiers if text.startswith("pkg:") else {}
    for stated in (*str(qualifiers.get("checksum", "")).split(","), version):
        if DIGEST.fullmatch(stated):
            return stated.lower()
    return ""


READERS: dict[tuple[str, str], Callable[[Event, Any], Record]] = {
    ("service", "deployed"): _deployment,
    ("service", "upgraded"): _deployment,
    ("service", "rolledback"): _deployment,
    ("service", "removed"): _removal,
    ("service", "published"): _publication,
    ("artifact", "published"): _artifact_published,
    ("artifact", "deleted"): _artifact_deleted,
    ("environment", "created"): _environment,
    ("environment", "modified"): _environment,
    ("environment", "deleted"): _environment,
}
