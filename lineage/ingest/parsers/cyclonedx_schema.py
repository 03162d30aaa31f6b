"""The parts of CycloneDX JSON that are read or checked, as structs; other keys pass."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
ComponentType = Literal[
    "application",
    "framework",
    "library",
    "container",
    "platform",
    "operating-system",
    "device",
    "device-driver",
    "firmware",
    "file",
    "machine-learning-model",
    "data",
    "cryptographic-asset",
]
HashAlgorithm = Literal[
    "MD5",
    "SHA-1",
    "SHA-256",
    "SHA-384",
    "SHA-512",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
    "Streebog-256",
    "Streebog-512",
]
HashContent = Annotated[
    str, Meta(pattern=r"^(?:[a-fA-F0-9]{32}|[a-fA-F0-9]{40}|(?:[a-fA-F0-9]{32}){2,4})$")
]
SerialNumber = Annotated[
    str,
    Meta(pattern=r"^urn:uuid:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"),
]


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of all parts of a BOM."""


class Property(Part, frozen=True):
    name: str | None = None


class Attachment(Part, frozen=True):
    encoding: Literal["base64"] | None = None


class License(Part, frozen=True):
    id: Text | None = None
    name: Text | None = None
    text: Attachment | None = None
    properties: list[Property] = []


class ExpressionDetail(Part, frozen=True):
    license_identifier: str


class LicenseChoice(Part, frozen=True):
    license: License | None = None
    expression: str | None = None
    expression_details: list[ExpressionDetail] = []
    properties: list[Property] = []


class Hash(Part, frozen=True):
    alg: HashAlgorithm
    content: HashContent


class Issue(Part, frozen=True):
    type: Literal["defect", "enhancement", "security"]


class Patch(Part, frozen=True):
    type: Literal["unofficial", "monkey", "backport", "cherry-pick"]
    resolves: list[Issue] = []


class Pedigree(Part, frozen=True):
    patches: list[Patch] = []


class Swid(Part, frozen=True):
    tag_id: str
    name: str


class Component(Part, frozen=True):
    type: ComponentType
    name: str
    bom_ref: str | None = msgspec.field(default=None, name="bom-ref")
    group: str = ""
    version: str = ""
    version_range: str = ""
    is_external: bool = False
    purl: str = ""
    scope: Literal["required", "optional", "excluded"] | None = None
    hashes: list[Hash] = []
    licenses: list[LicenseChoice] = []
    properties: list[Property] = []
    pedigree: Pedigree | None = None
    swid: Swid | None = None
    components: list["Component"] = []


class ServiceData(Part, frozen=True):
    flow: Literal["inbound", "outbound", "bi-directional", "unknown"]
    classification: str


class Service(Part, frozen=True):
    name: str
    bom_ref: str | None = msgspec.field(default=None, name="bom-ref")
    group: str = ""
    version: str = ""
    data: list[ServiceData] = []
    licenses: list[LicenseChoice] = []
    properties: list[Property] = []
    services: list["Service"] = []


class Dependency(Part, frozen=True):
    ref: str
    depends_on: list[str] = []


class Distribution(Part, frozen=True):
    tlp: Literal["CLEAR", "GREEN", "AMBER", "AMBER_AND_STRICT", "RED"] | None = None


class Metadata(Part, frozen=True):
    distribution_constraints: Distribution | None = None
    timestamp: str | None = None
    component: Component | None = None
    licenses: list[LicenseChoice] = []
    properties: list[Property] = []


class Bom(Part, frozen=True):
    bom_format: Literal["CycloneDX"]
    spec_version: Literal["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"]
    serial_number: SerialNumber | None = None
    version: int = 1
    metadata: Metadata | None = None
    components: list[Component] = []
    services: list[Service] = []
    dependencies: list[Dependency] = []
