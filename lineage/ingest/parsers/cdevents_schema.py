"""What the subjects of CDEvents hold: structs of those that are read, required fields of all."""

from typing import Annotated

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
Kind = tuple[str, str]  # subject, predicate


class Content(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of what a subject holds; other keys pass."""


class Place(Content, frozen=True):
    id: Text


class Running(Content, frozen=True):
    """A service that was deployed, upgraded or rolled back."""

    environment: Place
    artifact_id: Text


class Placed(Content, frozen=True):
    """A service that was published or removed."""

    environment: Place | None = None


class Sbom(Content, frozen=True):
    uri: Text


class Artifact(Content, frozen=True):
    sbom: Sbom | None = None
    user: str = ""


class Environment(Content, frozen=True):
    name: str = ""
    uri: str = ""


CONTENT: dict[Kind, type[Content]] = {
    ("service", "deployed"): Running,
    ("service", "upgraded"): Running,
    ("service", "rolledback"): Running,
    ("service", "removed"): Placed,
    ("service", "published"): Placed,
    ("artifact", "published"): Artifact,
    ("artifact", "deleted"): Artifact,
    ("environment", "created"): Environment,
    ("environment", "modified"): Environment,
    ("environment", "deleted"): Environment,
}

# As release 0.5 has it, for events that are only counted.
REQUIRED: dict[Kind, tuple[str, ...]] = {
    ("artifact", "packaged"): ("change",),
    ("artifact", "signed"): ("signature",),
    ("incident", "detected"): ("environment",),
    ("incident", "reported"): ("environment", "ticketURI"),
    ("incident", "resolved"): ("environment",),
    ("pipelinerun", "started"): ("pipelineName", "uri"),
    ("repository", "created"): ("name", "uri"),
    ("testcaserun", "finished"): ("outcome", "environment"),
    ("testcaserun", "queued"): ("environment",),
    ("testcaserun", "started"): ("environment",),
    ("testoutput", "published"): ("outputType", "format"),
    ("testsuiterun", "finished"): ("outcome", "environment"),
    ("testsuiterun", "queued"): ("environment",),
    ("testsuiterun", "started"): ("environment",),
    ("ticket", "closed"): ("uri", "resolution"),
    ("ticket", "created"): ("summary", "creator", "uri"),
    ("ticket", "updated"): ("uri",),
}
