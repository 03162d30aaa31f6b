"""CDEvents and CloudEvents as records, against the specification's own events."""

import base64
import io
import json

import pytest

from lineage.ingest.document import Limits, open_document
from lineage.ingest.parsers.base import Accepted, Rejected
from lineage.ingest.records import (
    ArtifactRecord,
    DeploymentEndedRecord,
    DeploymentPublishedRecord,
    EnvironmentEventRecord,
    EventDeploymentRecord,
    EventYankRecord,
    NotedRecord,
    TeamRecord,
)
from tests.factories.events import AT, cloud, event
from tests.shared_data import SHARED, shared_path

LIMITS = Limits(max_bytes=1 << 24, max_document_bytes=1 << 23, max_line_bytes=1 << 20)
CASES = "suites/cdevents/v0.5.1/conformance"
STATING = {
    "service_deployed": EventDeploymentRecord,
    "service_upgraded": EventDeploymentRecord,
    "service_rolledback": EventDeploymentRecord,
    "service_removed": DeploymentEndedRecord,
    "service_published": DeploymentPublishedRecord,
    "artifact_published": ArtifactRecord,
    "artifact_deleted": EventYankRecord,
    "environment_created": EnvironmentEventRecord,
    "environment_modified": EnvironmentEventRecord,
    "environment_deleted": EnvironmentEventRecord,
}
PLACE = {"environment": {"id": "prod"}}
SHOP = {**PLACE, "artifactId": "pkg:npm/%40x/shop@1.4.0"}


def read(data):
    """(format, records and rejections) of a document."""
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    document = open_document(io.BytesIO(data), limits=LIMITS)
    return document.format, list(document.items())


def record_of(data):
    (found,) = read(data)[1]
    assert isinstance(found, Accepted), found
    return found.record


def fault_of(data):
    (found,) = read(data)[1]
    assert isinstance(found, Rejected), found
    return found.field, found.reason


def conformance():
    found = sorted(path.stem for path in (SHARED / CASES).glob("*.json"))
    return found or ["service_deployed"]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", conformance())
def test_every_conformance_event_is_accepted_as_it_comes(name, indent):
    found = json.loads(shared_path(f"{CASES}/{name}.json").read_bytes())
    kind, items = read(json.dumps(found, indent=indent).encode())
    (item,) = items
    assert kind == "cdevents"
    assert type(item.record) is STATING.get(name, NotedRecord)


@pytest.mark.parametrize("name", conformance())
def test_every_conformance_event_is_accepted_in_an_envelope(name):
    found = json.loads(shared_path(f"{CASES}/{name}.json").read_bytes())
    kind, (item,) = read(cloud(found))
    assert (kind, type(item.record)) == ("cloudevents", STATING.get(name, NotedRecord))


@pytest.mark.parametrize("predicate", ["deployed", "upgraded", "rolledback"])
def test_a_service_that_was_brought_out_is_a_deployment_of_its_artifact(predicate):
    assert record_of(event("service", predicate, "shop", SHOP)) == EventDeploymentRecord(
        id="shop/prod",
        module="@x/shop",
        version="1.4.0",
        ecosystem="npm",
        environment="prod",
        started_at=AT,
    )


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("pkg:oci/myapp@sha256%3A0b31", ("oci", "myapp", "sha256:0b31")),
        ("pkg:platform/tv-home@4.2.0", ("platform", "tv-home", "4.2.0")),
        ("pkg:maven/org.x/a@1?type=jar#b", ("maven", "org.x/a", "1")),
        ("shop:1.4.0", ("platform", "shop", "1.4.0")),
        ("shop:v1.4.0", ("platform", "shop", "v1.4.0")),
        ("registry.example:5000/shop@1.4.0", ("platform", "registry.example:5000/shop", "1.4.0")),
        ("shop:latest", ("generic", "shop", "latest")),
        ("@x/shop@2024-1", ("generic", "@x/shop", "2024-1")),
    ],
)
def test_what_names_an_artifact(text, identity):
    found = record_of(event("service", "deployed", "s", {**PLACE, "artifactId": text}))
    assert (found.ecosystem, found.module, found.version) == identity


@pytest.mark.parametrize(
    "text", ["shop", "pkg:npm/shop", "shop@", "@1.0.0", "registry.example:5000/shop", ":1.0.0"]
)
def test_an_artifact_without_a_version_or_a_name_is_rejected(text):
    fault = fault_of(event("service", "deployed", "s", {**PLACE, "artifactId": text}))
    assert fault == ("subject.content.artifactId", "names no version, as in pkg:npm/shop@1.4.0")


def test_a_removal_and_a_publication_speak_of_the_key():
    assert record_of(event("service", "removed", "shop", PLACE)) == DeploymentEndedRecord(
        deployment="shop/prod", ended_at=AT
    )
    assert record_of(event("service", "published", "shop", PLACE)) == DeploymentPublishedRecord(
        deployment="shop/prod", published_at=AT
    )
    assert record_of(event("service", "published", "shop", {})) == NotedRecord()
    field, reason = fault_of(event("service", "removed", "shop", {}))
    assert field == "subject.content.environment"
    assert "which deployment" in reason


def test_artifacts_state_digest_and_metadata():
    content = {"sbom": {"uri": "https://example.com/sbom"}, "user": "bot"}
    purl = "pkg:npm/shop@1.4.0?checksum=sha256:ABCDEF0123"
    found = record_of(event("artifact", "published", purl, content))
    assert (found.module, found.version, found.published_at) == ("shop", "1.4.0", AT)
    assert found.digest == "sha256:abcdef0123"
    assert found.metadata == {"sbom": "https://example.com/sbom", "published_by": "bot"}
    oci = record_of(event("artifact", "published", "pkg:oci/app@sha256%3A0b31b1c0", {}))
    assert (oci.version, oci.digest) == ("sha256:0b31b1c0", "sha256:0b31b1c0")
    gone = record_of(event("artifact", "deleted", purl, {}))
    assert (gone.version, gone.reason, gone.yanked_at) == ("1.4.0", "artifact deleted", AT)


def test_environments_are_told_with_name_and_address():
    content = {"name": "Production", "uri": "https://prod.example.com"}
    assert record_of(event("environment", "created", "prod", content)) == EnvironmentEventRecord(
        name="prod", label="Production", url="https://prod.example.com", at=AT
    )
    assert record_of(event("environment", "deleted", "prod", {})).is_deleted


@pytest.mark.parametrize("release", ["0.3.0", "0.4.1", "0.5.1", "0.6.0-draft", "0.9.9"])
@pytest.mark.parametrize("name", ["version", "specversion"])
def test_every_release_of_0_x_is_read(release, name):
    found = event("service", "removed", "shop", PLACE)
    del found["context"]["specversion"]
    found["context"][name] = release
    found["subject"]["type"] = "service"
    found["customData"] = {"anything": [1]}
    found["customDataContentType"] = "application/json"
    assert isinstance(record_of(found), DeploymentEndedRecord)


@pytest.mark.parametrize("kind", ["dev.cdeventsx.tool-thing.done.0.1.0", "dev.cdevents.a.b.0.1.0"])
def test_events_nobody_here_knows_are_accepted_and_say_nothing(kind):
    assert record_of(event("service", "removed", "s", {}, type=kind)) == NotedRecord()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"timestamp": "soon"}, "context.timestamp", "RFC 3339"),
        ({"timestamp": "2026-03-01"}, "context.timestamp", "instant, not a date"),
        ({"timestamp": 3}, "context.timestamp", "must be text"),
        ({"id": ""}, "context.id", "empty"),
        ({"source": None}, "context.source", "must be text"),
        ({"specversion": "1.0"}, "context.specversion", "0.x"),
        ({"specversion": None}, "context.specversion", "missing"),
        ({"type": "dev.cdevents.service.deployed"}, "context.type", "no type of CDEvents"),
        ({"type": "com.example.pushed"}, "context.type", "no type of CDEvents"),
        ({"type": "dev.cdevents.service.deployed.1.0.0"}, "context.type", "0.x"),
    ],
)
def test_a_broken_context_is_rejected_with_the_field(changes, field, words):
    found = event("service", "deployed", "shop", SHOP)
    found["context"].update(changes)
    assert fault_of(found)[0] == field
    assert words in fault_of(found)[1]


@pytest.mark.parametrize(
    ("subject", "field", "words"),
    [
        ({"id": "shop"}, "subject.content", "missing"),
        ({"content": SHOP}, "subject.id", "missing"),
        ({"id": "shop", "content": []}, "subject.content", "object"),
        ({"id": "shop", "content": PLACE}, "subject.content.artifactId", "missing"),
        ({"id": "shop", "content": {"artifactId": "a:1"}}, "subject.content.environment", "miss"),
        ({"id": "shop", "content": {**SHOP, "environment": {}}},
         "subject.content.environment.id", "missing"),
        ({"id": "shop", "content": {**SHOP, "environment": {"id": "e" * 129}}},
         "subject.content.environment.id", "longer than 128"),
        ({"id": "s" * 257, "content": SHOP}, "subject.id", "longer than 256"),
        ({"id": " shop", "content": SHOP}, "subject.id", "space"),
        ({"id": "shop", "content": {**SHOP, "artifactId": "pkg:123"}},
         "subject.content.artifactId", "package URL"),
        ({"id": "shop", "content": {**SHOP, "artifactId": f"pkg:npm/{'a' * 257}@1.0.0"}},
         "subject.content.artifactId", "longer"),
        ({"id": "shop", "content": {**SHOP, "x": "\x00"}}, "subject.content.x", "NUL"),
    ],
)  # fmt: skip
def test_a_broken_subject_is_rejected_with_the_field(subject, field, words):
    found = {**event("service", "deployed", "shop", SHOP), "subject": subject}
    assert fault_of(found)[0] == field
    assert words in fault_of(found)[1]


def test_what_release_0_5_requires_of_other_events_is_asked_of_it_alone():
    found = event("incident", "detected", "i", {})
    assert fault_of(found) == ("subject.content.environment", "is missing")
    found["context"]["specversion"] = "0.4.0"
    assert record_of(found) == NotedRecord()


def test_batches_and_lines_of_events_and_records_mix_and_bad_ones_stop_nothing():
    good = cloud(event("service", "deployed", "shop", SHOP))
    bad = cloud({**event("service", "deployed", "shop", SHOP), "subject": 3})
    team = {"type": "team", "name": "x"}
    mixed = [good, bad, event("service", "removed", "shop", PLACE), team, 3]
    for data in (json.dumps(mixed), "\n".join(map(json.dumps, mixed))):
        kind, items = read(data.encode())
        assert kind == "cloudevents"
        assert [(item.line, type(item) is Accepted) for item in items] == [
            (1, True),
            (2, False),
            (3, True),
            (4, True),
            (5, False),
        ]
        assert items[1].field == "data.subject"


def test_an_envelope_may_carry_base64_or_a_native_record():
    inner = event("service", "removed", "shop", PLACE)
    packed = cloud(inner)
    packed["data_base64"] = base64.b64encode(json.dumps(packed.pop("data")).encode()).decode()
    assert isinstance(record_of(packed), DeploymentEndedRecord)
    native = cloud({"type": "team", "name": "x"}, type="com.example.team")
    assert record_of(native) == TeamRecord(name="x")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"specversion": "0.3"}, "specversion", "0.3"),
        ({"id": ""}, "id", "empty"),
        ({"source": None}, "source", "must be text"),
        ({"time": "soon"}, "time", "RFC 3339"),
        ({"type": "dev.cdevents.service.removed.0.3.0"}, "data.context.type", "envelope"),
        ({"data": {"hello": 1}}, "data", "neither a CDEvent nor a record"),
        ({"data": "text"}, "data", "not a JSON object"),
        ({"data_base64": "e30="}, "data", "beside data_base64"),
        ({"data": None, "data_base64": "!"}, "data_base64", ""),
        ({"data": None}, "data", "not a JSON object"),
    ],
)
def test_a_broken_envelope_is_rejected_with_the_field(changes, field, words):
    found = {**cloud(event("service", "deployed", "shop", SHOP)), **changes}
    assert fault_of(found)[0] == field
    assert words in fault_of(found)[1]


def test_events_nested_too_deep_are_rejected_not_followed():
    deep = b'{"context":{},"subject":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    found = read(json.dumps(event("service", "removed", "s", PLACE)).encode() + b"\n" + deep)[1]
    assert isinstance(found[0], Accepted)
    assert "deeper than 200" in found[1].reason
