"""The parts of SPDX 2.3 JSON that are read or checked, as structs; other keys pass."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1)]
# The specification has no underscore and no plus in it; widespread tools write both.
ElementId = Annotated[str, Meta(pattern=r"^SPDXRef-[a-zA-Z0-9._+-]+$")]
# An element of this document or of a named other one, or the word that there is none.
Reference = Annotated[
    str,
    Meta(
        pattern=r"^(?:(?:DocumentRef-[a-zA-Z0-9.+-]+:)?SPDXRef-[a-zA-Z0-9._+-]+|NONE|NOASSERTION)$"
    ),
]
Purpose = Literal[
    "APPLICATION",
    "FRAMEWORK",
    "LIBRARY",
    "CONTAINER",
    "OPERATING_SYSTEM",
    "OPERATING-SYSTEM",
    "DEVICE",
    "FIRMWARE",
    "SOURCE",
    "ARCHIVE",
    "FILE",
    "INSTALL",
    "OTHER",
]
Algorithm = Literal[
    "SHA1",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
    "SHA3-256",
    "SHA3-384",
    "SHA3-512",
    "BLAKE2b-256",
    "BLAKE2b-384",
    "BLAKE2b-512",
    "BLAKE3",
    "MD2",
    "MD4",
    "MD5",
    "MD6",
    "ADLER32",
]
RelationshipType = Literal[
    "AMENDS",
    "ANCESTOR_OF",
    "BUILD_DEPENDENCY_OF",
    "BUILD_TOOL_OF",
    "CONTAINED_BY",
    "CONTAINS",
    "COPY_OF",
    "DATA_FILE_OF",
    "DEPENDENCY_MANIFEST_OF",
    "DEPENDENCY_OF",
    "DEPENDS_ON",
    "DESCENDANT_OF",
    "DESCRIBED_BY",
    "DESCRIBES",
    "DEV_DEPENDENCY_OF",
    "DEV_TOOL_OF",
    "DISTRIBUTION_ARTIFACT",
    "DOCUMENTATION_OF",
    "DYNAMIC_LINK",
    "EXAMPLE_OF",
    "EXPANDED_FROM_ARCHIVE",
    "FILE_ADDED",
    "FILE_DELETED",
    "FILE_MODIFIED",
    "GENERATED_FROM",
    "GENERATES",
    "HAS_PREREQUISITE",
    "METAFILE_OF",
    "OPTIONAL_COMPONENT_OF",
    "OPTIONAL_DEPENDENCY_OF",
    "OTHER",
    "PACKAGE_OF",
    "PATCH_APPLIED",
    "PATCH_FOR",
    "PREREQUISITE_FOR",
    "PROVIDED_DEPENDENCY_OF",
    "REQUIREMENT_DESCRIPTION_FOR",
    "RUNTIME_DEPENDENCY_OF",
    "SPECIFICATION_FOR",
    "STATIC_LINK",
    "TEST_CASE_OF",
    "TEST_DEPENDENCY_OF",
    "TEST_OF",
    "TEST_TOOL_OF",
    "VARIANT_OF",
]


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of all parts of an SPDX document."""


class CreationInfo(Part, frozen=True):
    created: str
    creators: Annotated[list[Text], Meta(min_length=1)]


class Checksum(Part, frozen=True):
    algorithm: Algorithm
    checksum_value: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]+$")]


class ExternalRef(Part, frozen=True):
    reference_category: Literal[
        "OTHER", "PERSISTENT-ID", "PERSISTENT_ID", "SECURITY", "PACKAGE-MANAGER", "PACKAGE_MANAGER"
    ]
    reference_type: str
    reference_locator: str


class Package(Part, frozen=True):
    spdx_id: ElementId = msgspec.field(name="SPDXID")
    name: Text
    download_location: Text
    version_info: str = ""
    primary_package_purpose: Purpose | None = None
    license_concluded: str = ""
    license_declared: str = ""
    checksums: list[Checksum] = []
    external_refs: list[ExternalRef] = []


class Element(Part, frozen=True):
    """A file or a snippet: it may be named, and is no module."""

    spdx_id: ElementId = msgspec.field(name="SPDXID")


class ExternalDocument(Part, frozen=True):
    external_document_id: Annotated[str, Meta(pattern=r"^DocumentRef-[a-zA-Z0-9.+-]+$")]


class Relationship(Part, frozen=True):
    spdx_element_id: Reference
    related_spdx_element: Reference
    relationship_type: RelationshipType


class SpdxDocument(Part, frozen=True):
    spdx_version: Literal["SPDX-2.3"]
    spdx_id: Literal["SPDXRef-DOCUMENT"] = msgspec.field(name="SPDXID")
    data_license: Literal["CC0-1.0"]
    name: Text
    document_namespace: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^#\s]+$")]
    creation_info: CreationInfo
    document_describes: list[Reference] = []
    external_document_refs: list[ExternalDocument] = []
    packages: list[Package] = []
    files: list[Element] = []
    snippets: list[Element] = []
    relationships: list[Relationship] = []
